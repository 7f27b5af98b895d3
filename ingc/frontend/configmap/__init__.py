"""ConfigMap keys: declared once each, read by one reader.

`declare` says what a key has beyond `ingc.frontend.declarations`; a module holds the keys of one
group, and the functions from their values to policies; `reading` reads the ConfigMap that the
options name.
"""

from ingc.frontend.configmap.reading import read_settings
from ingc.frontend.configmap.settings import NO_SETTINGS, GlobalSettings

__all__ = ["NO_SETTINGS", "GlobalSettings", "read_settings"]
