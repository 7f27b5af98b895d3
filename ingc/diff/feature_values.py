"""What features mean, without the names that the output gives to files and upstreams."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from ingc.frontend.annotations.declare import Annotation
from ingc.frontend.annotations.proxy_buffers import Buffers
from ingc.frontend.annotations.registry import DECLARATIONS
from ingc.frontend.declarations.reading import arguments
from ingc.ir import Config, HostFeature, RouteFeature, UpstreamFeature
from ingc.ir.features.card import Argument, Reason, function_of, name_of
from ingc.ir.features.external_auth import Destination
from ingc.ir.features.table import FEATURES
from ingc.syntax.text import Text

Feature = RouteFeature | HostFeature | UpstreamFeature

_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_PORTS = {"http": 80, "https": 443}
_NAMED = {
    kind: function_of("ingc.diff.feature_names", f"name_{name_of(kind)}")
    for kind in FEATURES
    if kind.card.renamed
}


@dataclasses.dataclass(frozen=True, slots=True)
class FileContents:
    """A file, which is its contents, however it is called."""

    digest: str
    path: str = dataclasses.field(compare=False)


class Meaning:
    """Of the features of one configuration."""

    def __init__(self, config: Config) -> None:
        self._upstreams = {upstream.name: upstream for upstream in config.upstreams}
        self._files = {file.path: file.content.digest for file in config.files}
        self.usual = {**usual_directives(), **dict(config.settings.tunings)}
        """The arguments of directives that nothing else sets."""

    def of(self, features: Iterable[Feature]) -> dict[str, object]:
        """Return features by what they are called, without what does not concern behaviour."""
        found: dict[str, object] = {}
        for item in features:
            found.update(self._of_one(item))
        return found

    def _of_one(self, item: Feature) -> Iterator[tuple[str, object]]:
        named = _NAMED.get(type(item))
        if named is not None:
            yield from named(item, self.usual)
        elif item.card.planned is not Reason.ACTED_ON:
            called = _CAPITAL.sub(" ", type(item).__name__).lower()
            yield called, self._plain(item)
            for name in item.upstreams if isinstance(item, RouteFeature) else ():
                for key, value in self.of(self._upstreams[name].features).items():
                    yield f"{called} {key}", value

    def _plain(self, value: Any) -> Any:
        if isinstance(value, str):
            return FileContents(self._files[value], value) if value in self._files else value
        if isinstance(value, Destination):
            return self._url(value)
        if isinstance(value, Text) or not dataclasses.is_dataclass(value):
            return value
        fields = (field.name for field in dataclasses.fields(value))
        plain = {name: self._plain(getattr(value, name)) for name in fields}
        if plain.get("upstream") in self._upstreams:
            plain["upstream"] = str(self._upstreams[plain["upstream"]].service)
        made: Any = dataclasses.replace
        return made(value, **plain)

    def _url(self, service: Destination) -> Text:
        port = self._upstreams[service.upstream].service.port
        named = "" if port == _PORTS[service.scheme] else f":{port}"
        return Text((f"{service.scheme}://{service.host}{named}", *service.uri.parts))


@cache
def usual_directives() -> Mapping[str, tuple[Argument, ...]]:
    """Return the arguments of directives that neither an annotation nor the ConfigMap sets."""
    buffers = Buffers()
    found: dict[str, tuple[Argument, ...]] = {
        "absolute_redirect": ("on",),
        "proxy_buffer_size": (buffers.size,),
        "proxy_buffers": (buffers.number, buffers.size),
        "proxy_next_upstream": ("error", "timeout"),
        "proxy_redirect": ("off",),
        "satisfy": ("all",),
        "ssl_prefer_server_ciphers": ("on",),
    }
    for declared in DECLARATIONS.values():
        if isinstance(declared, Annotation) and declared.sets and declared.default:
            found[declared.sets] = arguments(declared, declared.grammar.read(declared.default))
    return found
