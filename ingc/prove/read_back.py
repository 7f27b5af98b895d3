"""``read(text) == IR``: what the readers read at a place is what its features ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ingc.ir import Config, Endpoint, Host, Proxy, Route, RouteFeature, Upstream
from ingc.ir.features.access import SatisfyAny
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.card import Kind, Proved, UpstreamFeature, collect
from ingc.ir.features.errors import StandIn
from ingc.ir.features.external_auth import Keepalive
from ingc.ir.features.load_balance import HashBy, LeastTime
from ingc.ir.features.protocols import BackendProtocol, FastCgi, OneRequestConnections
from ingc.ir.features.table import FEATURES
from ingc.ir.features.tuning import ServerTuning, Tuning
from ingc.model.tree import Statement
from ingc.prove.effective import Effect
from ingc.prove.features.protocols import unusual
from ingc.prove.features.tuning import Wrong, read_server_tuning, read_tuning
from ingc.target import KEEPALIVE_BY_DEFAULT

_WITH_TLS = ("HTTPS", "AUTO_HTTP", "GRPCS")
_TUNINGS = (Tuning, ServerTuning)
Read = Callable[[Effect], dict[str, object] | None]
READERS: Mapping[type, Read] = collect(
    "ingc.prove.features",
    "read",
    (
        kind
        for kind in FEATURES
        if isinstance(kind.card.proved, Proved)
        and Proved.READER in kind.card.proved
        and kind not in _TUNINGS
    ),
)
_OF_ROUTES: tuple[type[RouteFeature], ...] = (
    Affinity,
    BackendTls,
    FastCgi,
    SatisfyAny,
    StandIn,
)
_METHODS: tuple[type[UpstreamFeature], ...] = (HashBy, LeastTime)


class ReadBack:
    """Reads the places of one configuration, each once for the same features."""

    def __init__(self, config: Config, http: Statement) -> None:
        self._config = config
        self._settings = config.settings
        maps = {item.args[-1]: item for name in ("map", "geo") for item in http.all(name)}
        blocks = {item.args[0]: item for item in http.all("upstream")}
        self._http = http
        self._blocks = {name.partition(".sticky_")[0] for name in blocks}
        """The names of upstreams that have a block, with sessions or without."""
        self._found = {"map": maps, "upstream": blocks}
        self._known: dict[object, Wrong | None] = {}

    def location(
        self, server: Statement, above: tuple[Statement, ...], location: Statement, route: Route
    ) -> Wrong | None:
        """Return what a route asks for that its location does not do, or the other way round."""
        key = (id(server), id(location), id(route.action), *map(id, route.features))
        if key not in self._known:
            effect = Effect((self._http, server, *above, location), self._found)
            wrong = self._of_route(effect, route) if effect.language else iter(())
            self._known[key] = next(wrong, None)
        return self._known[key]

    def _of_route(self, effect: Effect, route: Route) -> Iterator[Wrong]:
        tunings = [item for item in route.features if isinstance(item, Tuning)]
        if isinstance(route.action, Proxy):
            yield from read_tuning(effect, [self._as_planned(item) for item in tunings])
        for kind in _OF_ROUTES:
            wanted = route.feature(kind) if self._applies(kind, route) else None
            yield from _compare(kind, wanted, READERS[kind](effect))

    def _as_planned(self, item: Tuning) -> Tuning:
        """nginx knows no port of its own behind a stream server, and may name none."""
        if item.directive == "port_in_redirect" and self._settings.inner_ports is not None:
            return Tuning(item.directive, ("off",))
        return item

    def _applies(self, kind: type[RouteFeature], route: Route) -> bool:
        if not isinstance(route.action, Proxy):
            return False
        spoken = route.feature(BackendProtocol)
        protocol = spoken.name if spoken and not self._settings.echo else "HTTP"
        if kind is BackendTls:
            return protocol in _WITH_TLS
        if kind is FastCgi:
            return protocol == "FCGI"
        if kind is Affinity:
            # A name that a variable resolves has no block, and no sessions.
            return route.action.upstream in self._blocks
        return True

    def server(self, server: Statement, host: Host) -> Wrong | None:
        """Return what a host asks of its server that is not in effect there."""
        key = (id(server), host.name)
        if key not in self._known:
            effect = Effect((self._http, server), self._found)
            asked = [item for item in host.features if isinstance(item, ServerTuning)]
            self._known[key] = next(read_server_tuning(effect, asked), None)
        return self._known[key]

    def upstreams(self) -> Iterator[Wrong]:
        """Yield what is wrong with the upstream blocks, of each the first."""
        known = {item.name: item for item in self._config.upstreams}
        for name, block in self._found["upstream"].items():
            base, sticky, _ = name.partition(".sticky_")
            upstream = known.get(base)
            if upstream is None:
                yield f"no upstream {name}", name
                continue
            wrong = next(self._of_upstream(block, upstream, sticky=bool(sticky)), None)
            if wrong is not None:
                yield f"{wrong[0]} in upstream {name}", wrong[1]

    def _of_upstream(
        self, block: Statement, upstream: Upstream, *, sticky: bool
    ) -> Iterator[Wrong]:
        asked = [str(item) for item in upstream.endpoints]
        found = [item.args[0] for item in block.all("server")]
        if sorted(asked) != sorted(found):
            yield f"the endpoints {', '.join(asked)}", ", ".join(found)
        for item, statement in _by_address(upstream.endpoints, block):
            resolved = "resolve" in statement.args
            if resolved != (item.dns and bool(self._settings.resolver)):
                yield f"{item} resolved at run time: {not resolved}", f"{resolved}"
        effect = Effect((self._http, block), self._found)
        features = {type(item): item for item in upstream.features}
        for kind in _METHODS if not sticky else ():
            hashed = kind is LeastTime and HashBy in features
            wanted = None if hashed else features.get(kind)
            yield from _compare(kind, wanted, READERS[kind](effect))
        if not sticky:
            yield from self._kept(effect, features)

    def _kept(self, effect: Effect, features: Mapping[type, UpstreamFeature]) -> Iterator[Wrong]:
        asked, kept = features.get(Keepalive), self._settings.policies.keepalive
        many = asked.connections if isinstance(asked, Keepalive) else kept.connections
        one = OneRequestConnections in features or not many
        single = READERS[OneRequestConnections](effect) is not None
        if one != single:
            yield f"connections for one request: {one}", f"{single}"
        elif single:
            zero = effect.place.first("keepalive") is not None
            if zero != (self._settings.target >= KEEPALIVE_BY_DEFAULT):
                yield "keepalive 0 where nginx keeps connections by itself", f"{zero}"
        elif isinstance(asked, Keepalive):
            yield from _compare(Keepalive, asked, READERS[Keepalive](effect))
        else:
            read = READERS[Keepalive](effect) or {}
            wanted = (kept.connections, kept.requests)
            if wanted != (read.get("connections"), read.get("requests")):
                yield f"keepalive of {wanted}", f"{read}"


def _by_address(
    endpoints: tuple[Endpoint, ...], block: Statement
) -> Iterator[tuple[Endpoint, Statement]]:
    lines = {item.args[0]: item for item in block.all("server")}
    for item in endpoints:
        if str(item) in lines:
            yield item, lines[str(item)]


def _compare(kind: Kind, wanted: Any, read: dict[str, object] | None) -> Iterator[Wrong]:
    """Compare field by field what was read with what is asked for."""
    name = kind.__name__
    if wanted is None:
        if read is not None and set(read) != {"protocols"} and not _is_plain(read):
            yield f"no {name}", f"{read}"
        return
    if read is None:
        yield f"{name}", "nothing of it"
        return
    for field, found in read.items():
        asked = getattr(wanted, field)
        if isinstance(found, dict):
            asked = unusual(dict(asked))
        if asked != found:
            yield f"{name}.{field} {asked!r}", f"{found!r}"


def _is_plain(read: dict[str, object]) -> bool:
    """Tell whether nothing but protocols was read of TLS to the backend."""
    return (
        "protocols" in read
        and not any(read.get(field) for field in ("certificate", "trusted", "server_name"))
        and read.get("ciphers") in (None, "DEFAULT")
    )
