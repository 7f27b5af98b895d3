"""ConfigMap keys: a module a group, its declarations and the functions from values to policies.

`declare` defines what a key has beyond `ingc.frontend.declarations`; `reading` reads the ConfigMap
that the options name.
"""

from ingc.frontend.configmap.reading import read_settings
from ingc.frontend.configmap.settings import NO_SETTINGS, GlobalSettings

__all__ = ["NO_SETTINGS", "GlobalSettings", "read_settings"]
