"""The ConfigMap's snippets, where the operator allows snippets at all."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ingc.diagnostics import Sink
from ingc.frontend.configmap.declare import KeyGroup, refused
from ingc.frontend.snippets.access import access_list
from ingc.frontend.snippets.contents import SnippetContents, SnippetPlace
from ingc.frontend.snippets.places import inside
from ingc.frontend.snippets.reading import read_snippet
from ingc.frontend.snippets.values import SnippetNames
from ingc.ir.policies import VariableMap
from ingc.ir.stream import StreamPolicy
from ingc.k8s.config_map import ConfigMap
from ingc.options import Options

_RAW = "raw nginx directives are not taken"
_INSTEAD = "use the key or annotation that does the same, or nginx.conf around a --fragment"
GLOBAL_AUTH = refused(
    "global-auth-snippet",
    _RAW,
    "there is no other way for the global service; an Ingress with auth-url of its own may "
    "give it headers by auth-proxy-set-headers",
    option="--allow-snippets",
)
GROUP = KeyGroup(
    "Snippets",
    tuple(
        refused(f"{context}-snippet", _RAW, _INSTEAD, option="--allow-snippets")
        for context in ("main", "http", "server", "location", "stream")
    ),
)
_PLACES = {
    "http-snippet": SnippetPlace.HTTP,
    "main-snippet": SnippetPlace.MAIN,
    "server-snippet": SnippetPlace.SERVER,
    "location-snippet": SnippetPlace.LOCATION,
    "stream-snippet": SnippetPlace.PORTS,
    "global-auth-snippet": SnippetPlace.AUTH,
}
"""In the order in which they are read: what one defines the next may name."""


@dataclass(frozen=True, slots=True)
class ConfigSnippets:
    """What the snippets of a ConfigMap request, by their keys."""

    contents: dict[str, SnippetContents] = field(default_factory=dict)


def read_config_snippets(
    config_map: ConfigMap, sink: Sink, options: Options, text_type: str | None
) -> ConfigSnippets:
    """Return what the snippets request; none, where the operator does not allow snippets.

    ``text_type`` is the media type that the ConfigMap names for texts.
    """
    found: dict[str, SnippetContents] = {}
    if not options.allow_snippets:
        return ConfigSnippets()
    names = SnippetNames("")
    names.text_type = text_type or names.text_type
    for key, place in _PLACES.items():
        text = config_map.data.get(key, "")
        if not text.strip():
            continue
        names.of_route = place in (SnippetPlace.LOCATION, SnippetPlace.AUTH)
        contents = read_snippet(key, text, place, names, options.module_names)
        for entry, spot in contents.findings:
            sink.report(entry, inside(config_map.place_of(key), text, spot))
        found[key] = contents
    return ConfigSnippets(found)


def is_read_as_snippet(key: str, options: Options) -> bool:
    """Return whether a key is a snippet that is read."""
    return bool(options.allow_snippets) and key in _PLACES


def with_ports(policy: StreamPolicy, snippets: ConfigSnippets) -> StreamPolicy:
    """Return what holds for ports of TCP and UDP with what the stream-snippet requests of them."""
    contents = snippets.contents.get("stream-snippet")
    if contents is None:
        return policy
    tunings = tuple(sorted(contents.tunings.items()))
    return replace(policy, tunings=tunings, access=access_list(contents.rules))


def maps_of(snippets: ConfigSnippets) -> tuple[VariableMap, ...]:
    """Return the maps of all snippets."""
    return tuple(item for contents in snippets.contents.values() for item in contents.maps)
