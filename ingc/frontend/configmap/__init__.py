"""ConfigMap keys: a module a group, its declarations and the functions from values to policies.

`reading` reads the ConfigMap that the options name.
"""

from ingc.frontend.configmap.settings import NO_SETTINGS, GlobalSettings

__all__ = ["NO_SETTINGS", "GlobalSettings"]
