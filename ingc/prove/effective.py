"""The directives in effect: what nginx holds at a location, a server or an upstream.

Each of its directives is inherited as nginx inherits it: the innermost level that has any of a name
has all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from ingc.model import NotModelled
from ingc.model.files import NEVER_THERE
from ingc.model.locations import Level
from ingc.model.scopes import inherited, pass_of, setting
from ingc.model.tree import Statement
from ingc.model.values import parts
from ingc.prove.values import NoValue, known_as, read_text
from ingc.prove.written import Written
from ingc.syntax.text import Text, Variable

HTTP = "HTTP_"
"""How the names of headers begin among the params of FastCGI."""
_TLS = ("https://", "grpcs://", "$scheme://")


@dataclass(frozen=True)
class InEffect:
    """What nginx holds in one place."""

    written: Written
    scopes: tuple[Statement, ...]
    """The blocks around the place, ``http`` first and the location last; without a location the
    server."""
    level: Level
    """The locations of the server."""
    scheme: str = "http"
    """Of the requests that are looked at."""
    upstream: str = ""
    """The upstream whose requests are looked at, where a location has several."""
    apart: tuple[Statement, ...] = ()
    """The directives of a snippet's program, which other readers pass over."""
    called: tuple[str, ...] = ()
    """The names of the server that are one host's; the names of no other stand between them."""
    set_before: tuple[tuple[str, str], ...] = ()
    """What the location that a request comes from has set variables to."""

    @property
    def here(self) -> Statement:
        """The innermost block."""
        return self.scopes[-1]

    @property
    def server(self) -> Statement:
        """The server."""
        return self.scopes[1]

    @cached_property
    def passing(self) -> Statement | None:
        """The directive that passes requests on; ``None``: none does."""
        return pass_of(self.here)

    @cached_property
    def module(self) -> str:
        """The nginx module that speaks to the backend; empty: none does."""
        return self.passing.name.removesuffix("_pass") if self.passing is not None else ""

    @property
    def speaks_tls(self) -> bool:
        """Whether the backend is spoken to in TLS, if the client is."""
        return self.passing is not None and self.passing.args[0].startswith(_TLS)

    def args(self, name: str) -> tuple[str, ...] | None:
        """Return the arguments of a directive; ``None``: nginx's own default holds."""
        return setting(self.scopes, name)

    def argument(self, name: str, default: str) -> str:
        """Return the one argument of a directive."""
        found = setting(self.scopes, name)
        return default if found is None else found[0]

    def all(self, name: str) -> tuple[Statement, ...]:
        """Return all directives of a name."""
        return inherited(self.scopes, name)

    def below(self, location: Statement | None) -> InEffect | None:
        """Return the place of another location of the same server."""
        if location is None:
            return None
        return replace(self, scopes=(*self.scopes[:2], location))

    def exact(self, name: str) -> InEffect | None:
        """Return the location of an exact name, such as that of a subrequest."""
        return self.below(self.level.exact.get(name.encode()))

    def named(self, name: str) -> InEffect | None:
        """Return a location whose name begins with ``@``."""
        return self.below(self.level.named.get(name))

    @property
    def handed_on(self) -> InEffect:
        """The place where a request gets its answer: another named location, where this one does
        nothing but set variables for it.
        """
        tries = self.here.first("try_files")
        if tries is None or {item.name for item in self.here.block or ()} - {"set", "try_files"}:
            return self
        to = self.named(tries.args[-1]) if tries.args[:-1] == NEVER_THERE else None
        return self if to is None else replace(to, set_before=tuple(self.assigned.items()))

    @cached_property
    def assigned(self) -> dict[str, str]:
        """What the location sets variables to, and the one that requests come from."""
        own = (
            (item.args[0].removeprefix("$").lower(), item.args[1]) for item in self.here.all("set")
        )
        return {**dict(self.set_before), **dict(own)}

    def resolved(self, argument: str) -> Text:
        """Return an argument; a variable in place of it is replaced by what it always holds."""
        text = read_text(argument)
        if len(text.parts) == 1 and isinstance(text.parts[0], Variable):
            name = text.parts[0].name
            held = self.assigned.get(name)
            if held is None:
                held = self.written.constant(name)
            if held is not None:
                return read_text(held)
        return text

    @cached_property
    def sent_headers(self) -> dict[str, Text]:
        """The headers that nginx sends to the backend, by their lower-case names with dashes."""
        return {name: self.resolved(value) for name, value in self.written_headers.items()}

    def header(self, name: str) -> Text | None:
        """Return one of those headers; ``None``: nginx sends the client's own."""
        found = self.written_headers.get(name)
        return None if found is None else self.resolved(found)

    @cached_property
    def header_list(self) -> tuple[Statement, ...]:
        """The directives that set headers to the backend."""
        params = self.module == "fastcgi"
        return self.all("fastcgi_param" if params else f"{self.module}_set_header")

    @cached_property
    def written_headers(self) -> Mapping[str, str]:
        """What those headers are set to, by their lower-case names with dashes."""
        if self.module != "fastcgi":
            return self.written.headers(self.header_list)
        return {
            known_as(item.args[0].removeprefix(HTTP)): item.args[1]
            for item in self.header_list
            if item.args[0].startswith(HTTP)
        }

    def on_samples(self, text: Text) -> tuple[str, ...] | None:
        """Return a text for each of `SAMPLES`; see `Written.on_samples`."""
        return self.written.on_samples(text, self.assigned, self.scheme)

    def expand(self, text: str, **given: bytes) -> str:
        """Return a text for one request; see `Written.expand`."""
        scheme = {"scheme": self.scheme.encode(), "https": b"on" if self.scheme == "https" else b""}
        return self.written.expand(text, {**scheme, **given}, self.assigned)

    def evaluated(self, text: Text) -> str | None:
        """Return a text for `REQUEST`; see `Written.evaluated`."""
        return self.written.evaluated(text, self.assigned)

    @cached_property
    def passed_to(self) -> frozenset[str]:
        """The upstreams, or addresses, that requests of the scheme may be passed to."""
        if self.passing is None:
            return frozenset()
        authority = self.passing.args[0].rpartition("://")[2].partition("/")[0]
        if "$" not in authority:
            return frozenset((authority,))
        return frozenset(text for _, text in self.values(authority) if "$" not in text)

    def values(self, text: str) -> Iterator[tuple[str, str]]:
        """Yield every value that a text may get from maps, with the key that gives it.

        A map of the scheme gives one alone, unless chance decides which.
        """
        waiting, seen = [("", text)], set()
        while waiting:
            key, value = waiting.pop()
            if (key, value) in seen:
                continue
            seen.add((key, value))
            yield key, value
            for name in (item for kind, item in parts(value) if kind == "variable"):
                if name in self.assigned:
                    waiting.append(("", self.assigned[name]))
                    continue
                block = self.written.blocks.get(name)
                if block is None:
                    continue
                by_scheme = block.statement.name == "map" and block.source == "$https"
                try:
                    waiting += [("", self.expand(f"${name}"))] if by_scheme else block.entries
                except (NoValue, NotModelled):
                    waiting += block.entries
