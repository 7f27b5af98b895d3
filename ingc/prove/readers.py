"""What is read back from a text equals what the IR expects, feature by feature.

A location is compared with the route that the proof of routing has paired it with, a server with
its host, and an ``upstream`` block with the IR's endpoints. Nothing is built here: readers go from
directives to values, and values are compared.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from ingc.ir import Config, Host, Proxy, Redirect, Route, Upstream
from ingc.ir.features.card import Kind
from ingc.ir.features.external_auth import ExternalAuth
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.snippets import ServerProgram
from ingc.ir.features.tuning import ServerTuning, Tuning
from ingc.model import Model, NotModelled
from ingc.model.locations import FoundLocation
from ingc.model.scopes import inherited, setting
from ingc.model.tree import Content, Statement
from ingc.prove.answers import answers_differ
from ingc.prove.backend_headers import headers_differ, owed_by
from ingc.prove.belonging import is_app_root, is_of, uses
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute, ExpectedUpstream
from ingc.prove.features.affinity import side_differs
from ingc.prove.features.errors import page_differs
from ingc.prove.features.external_auth import auth_log_differs, remembered_by
from ingc.prove.features.passthrough import StreamInEffect, read_passthrough, seen_passthrough
from ingc.prove.features.snippets import program_of, program_on_plain_http
from ingc.prove.features.tuning import usual_server_tunings, usual_tunings
from ingc.prove.frame import frame_differs, server_differs
from ingc.prove.logs import access_log_differs
from ingc.prove.own_answers import is_silent, program_differs, types_differ
from ingc.prove.read_where import (
    OF_ANSWERS,
    OF_BLOCKS,
    OF_CLIENTS,
    OF_HOSTS,
    OF_PLAIN_HTTP,
    OF_ROUTES,
    OF_TLS,
    OF_TWINS,
    Both,
    Reader,
)
from ingc.prove.server_names import ServerNames
from ingc.prove.serving import Serving, serves_https
from ingc.prove.settings import Usual
from ingc.prove.stream_block import stream_differs
from ingc.prove.unequal import Unequal, features_differ, no_value, printed, settings_differ
from ingc.prove.upstream_blocks import (
    SESSIONS,
    USUAL_TIME,
    UpstreamInEffect,
    endpoints_differ,
    read_endpoints,
    zone_differs,
)
from ingc.prove.values import NoValue, milliseconds
from ingc.prove.written import Written

_KNOWN = """
    hash keepalive keepalive_requests keepalive_time keepalive_timeout least_conn least_time random
    resolver server sticky zone
"""
_OF_UPSTREAMS = frozenset(_KNOWN.split())


@dataclass(frozen=True, slots=True)
class FeatureDifference:
    """Something that the text and the IR disagree about."""

    host: Host | None
    """``None``: of nobody's host alone."""
    where: str
    """The host and the route, or the upstream."""
    unequal: Unequal
    server: Statement | None = None
    """The server, or the upstream's block."""
    line: int = 0
    """Within that block, from 1 on; 0: not known."""
    request: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.unequal}"


class Readers:
    """Compares one text with one IR."""

    def __init__(
        self, config: Config, model: Model, stream: Statement | None, looked_up: frozenset[str]
    ) -> None:
        self._config = config
        self._model = model
        self._stream = stream
        self._upstreams = {item.name: item for item in config.upstreams}
        self.written = Written(model.http, config.settings.target)
        self._https = serves_https(config)
        self._serving = Serving(config, model, self.written, looked_up)
        self._names = ServerNames(config)
        self._blocks: dict[object, Unequal | None] = {}
        self._framed: dict[object, Unequal | None] = {}
        self._usual: dict[tuple[Kind, str, str], Usual] = {}
        named = (item.endpoints[0] for item in config.upstreams if item.endpoints)
        self._addresses = frozenset(str(item) for item in named if item.dns)
        """The addresses that stand in the place of upstreams."""

    def at_location(
        self, host: Host, route: Route, server: Statement, found: FoundLocation, scheme: str
    ) -> Unequal | None:
        """Return the first difference between a route and the location that takes its requests."""
        location = found.location
        if location is None:
            return None
        scopes = (self._model.http, server, *found.above, location)
        apart = program_of(route, location)
        if isinstance(apart, Unequal):
            return None if is_app_root(host, location) else apart
        if not is_of(route, location, apart) or is_app_root(host, location):
            place = InEffect(self.written, scopes, self._model.level(server), scheme)
            return answers_differ(place, self._expected(host, route, scheme), alone=True)
        action, expected = route.action, self._expected(host, route, scheme)
        upstream = expected.called(action.upstream) if isinstance(action, Proxy) else ""
        place = InEffect(self.written, scopes, self._model.level(server), scheme, upstream, apart)
        kinds = OF_ROUTES if isinstance(action, Proxy) else OF_ANSWERS
        if host.features:
            kinds = {**kinds, **OF_CLIENTS}
        return (
            self._stray(place, expected)
            or self._first(kinds, place, expected)
            or headers_differ(place, expected, owed_by(host, route))
            or answers_differ(place, expected)
            or types_differ(place, expected)
            or page_differs(place, expected)
            or auth_log_differs(place, expected)
            or side_differs(place, expected)
        )

    def on_plain_http(
        self, host: Host, route: Route, server: Statement, found: FoundLocation, scheme: str
    ) -> Unequal | None:
        """Return the first difference in what a location answers to plain http alone.

        A route that redirects all requests has nothing to answer beside that.
        """
        location = found.location
        if location is None or isinstance(route.action, Redirect):
            return None
        asked = any(type(item) in OF_PLAIN_HTTP for item in route.features)
        if not (asked or location.first("if") or location.first("return")):
            return None
        health = route is host.default and self._config.settings.health_check_path
        if is_app_root(host, location) or location.args == ("=", health):
            return None
        apart = program_on_plain_http(route, location)
        if isinstance(apart, Unequal):
            return apart
        scopes = (self._model.http, server, *found.above, location)
        level = self._model.level(server)
        place = InEffect(self.written, scopes, level, scheme, apart=apart)
        return self._first(OF_PLAIN_HTTP, place, self._expected(host, route, scheme))

    def remembered(self, route: Route, server: Statement, found: FoundLocation) -> str | None:
        """Return what begins the key of an auth service's answers for a location, if it has one."""
        if found.location is None or route.feature(ExternalAuth) is None:
            return None
        scopes = (self._model.http, server, *found.above, found.location)
        return remembered_by(InEffect(self.written, scopes, self._model.level(server)))

    def _first(self, kinds: Both, place: object, expected: object) -> Unequal | None:
        for kind, (read, seen) in kinds.items():
            found = self._compare(kind, read, seen, place, expected)
            if found is not None:
                return found
        return None

    def _compare(
        self, kind: Kind, read: Reader, seen: Reader, place: object, expected: Any
    ) -> Unequal | None:
        try:
            found = read(place)
        except NoValue as error:
            return no_value(kind, seen(expected), error)
        except NotModelled as error:
            return Unequal(kind.__name__, "", printed(seen(expected)), str(error))
        wanted = seen(expected)
        if kind is Tuning or kind is ServerTuning:
            return settings_differ(kind, wanted, found, self._usually(kind, expected))
        return features_differ(kind, wanted, found)

    def _usually(self, kind: Kind, expected: ExpectedRoute) -> Usual:
        key = kind, expected.module, expected.scheme
        found = self._usual.get(key)
        if found is None:
            made = usual_tunings if kind is Tuning else usual_server_tunings
            found = self._usual[key] = made(expected)
        return found

    def _stray(self, place: InEffect, expected: ExpectedRoute) -> Unequal | None:
        """Return an upstream that requests are passed to and that is not there."""
        for name in place.passed_to if expected.module else ():
            if name not in self.written.upstreams and name not in self._addresses:
                return Unequal("Upstream", "name", "one of the text's", name)
        return None

    def frame(self, main: Sequence[Statement]) -> Iterator[FeatureDifference]:
        """Yield the first difference in what stands around hosts: it is nobody's alone."""
        upstreams = {item.name: item for item in self._config.stream.upstreams}
        found = (
            self._serving.sockets_differ()
            or frame_differs(self._config, main, self.written)
            or stream_differs(self._config, self._stream, partial(_called, upstreams, self._stream))
        )
        if found is not None:
            yield FeatureDifference(None, "the frame", found)

    def around_host(
        self, host: Host, server: Statement, scheme: str, *, twin: bool
    ) -> Unequal | None:
        """Return the first difference in what the server of a host's names does for all of it.

        That is read of every server: of those that redirect or refuse too. ``twin``: the server is
        that of the host's twin, which has none of its features.
        """
        found = self._serving.server_differs(host, server, scheme)
        key = id(server), scheme
        if found is None and key not in self._framed:
            plain = replace(host, features=()) if twin and host.features else host
            self._framed[key] = self._around(plain, server, scheme)
        return found or self._framed.get(key)

    def _around(self, host: Host, server: Statement, scheme: str) -> Unequal | None:
        scopes, settings = (self._model.http, server), self._config.settings
        place = InEffect(self.written, scopes, self._model.level(server), scheme)
        logs = inherited(scopes, "access_log")
        expected = self._expected(host, host.default, scheme, alone=True)
        found = server_differs(self._config, scopes)
        if found is None and not is_silent(host):
            found = access_log_differs(settings, logs, self.written)
        if found is not None or setting(scopes, "ssl_reject_handshake") == ("on",):
            return found
        return self._first(OF_TLS, place, expected) or (
            None if _is_read(host, server) else answers_differ(place, expected, alone=True)
        )

    def at_server(
        self, host: Host, server: Statement, scheme: str, *, twin: bool = False
    ) -> Unequal | None:
        """Return the first difference between a host's features and its server.

        ``twin``: the server is that of the host's twin, which does nothing but to redirect.
        """
        scopes = (self._model.http, server)
        level, called = self._model.level(server), self._names.called(host, server)
        place = InEffect(self.written, scopes, level, scheme, called=called)
        expected = self._expected(host, host.default, scheme, alone=True)
        found = None if twin else program_differs(place, expected)
        return found or self._first(OF_TWINS if twin else OF_HOSTS, place, expected)

    def _expected(
        self, host: Host, route: Route, scheme: str, *, alone: bool = False
    ) -> ExpectedRoute:
        settings = self._config.settings
        upstreams, written = self._upstreams, self.written
        return ExpectedRoute(host, route, settings, upstreams, written, scheme, alone, self._https)

    def passthroughs(self, names: Iterable[tuple[bytes, Host]]) -> Iterator[FeatureDifference]:
        """Yield each host whose TLS is opened by another than the IR expects, for each name.

        ``names`` are names as clients send them, each with the host that takes it.
        """
        settings = self._config.settings
        if settings.inner_ports is None:
            return
        if self._stream is None:
            missing = Unequal("Passthrough", "", "a stream block", "none")
            yield FeatureDifference(None, "TLS", missing)
            return
        written = Written(self._stream, settings.target)
        stream = StreamInEffect(self._stream, written, settings.https_port)
        upstreams = {item.name: item for item in self._config.stream.upstreams}
        for name, host in names:
            expected = ExpectedRoute(host, host.default, settings, upstreams, written, "https")
            sent, read = (
                name.decode("latin-1"),
                _opened(stream, host, answers=self._serving.certificate_of(host) is not None),
            )
            unequal = self._compare(Passthrough, read, seen_passthrough, sent, expected)
            if unequal is not None:
                yield FeatureDifference(host, f"TLS of {sent}", unequal, self._stream)

    def blocks(self) -> Iterator[FeatureDifference]:
        """Yield each upstream that is not as the IR has it, once for each host that uses it."""
        for block, upstream, sessions in (*self._pairs(), *self._pairs_of_stream()):
            found: Unequal | None
            if upstream is None:
                found = Unequal("Upstream", "name", "one of the IR's", block.args[0])
            else:
                found = self._block(block, upstream, sessions=sessions)
            if found is None:
                continue
            name = upstream.name if upstream is not None else ""
            hosts = [host for host in self._config.hosts if uses(host, name)]
            for host in (*hosts, *(() if hosts else (None,))):
                where = f"upstream {block.args[0]}"
                yield FeatureDifference(host, where, found, block, block.line)

    def _pairs(self) -> Iterator[tuple[Statement, Upstream | None, bool]]:
        for name, block in self.written.upstreams.items():
            known = self._upstreams.get(name)
            if known is not None:
                yield block, known, False
            else:
                yield block, self._upstreams.get(name.partition(SESSIONS)[0]), True

    def _pairs_of_stream(self) -> Iterator[tuple[Statement, Upstream | None, None]]:
        if self._stream is None:
            return
        of_stream = {item.name: item for item in self._config.stream.upstreams}
        for block in self._stream.all("upstream"):
            if block.args[0] in of_stream:
                yield block, of_stream[block.args[0]], None

    def _block(
        self, block: Statement, upstream: Upstream, *, sessions: bool | None
    ) -> Unequal | None:
        """Compare a block; ``sessions`` ``None``: one of ``stream``, which keeps no connections."""
        settings = self._config.settings
        try:
            found = read_endpoints(block, resolved=bool(settings.resolver))
        except NoValue as error:
            return Unequal("Upstream", "endpoints", "as nginx takes each", str(error))
        if found != upstream.endpoints:
            return endpoints_differ(upstream, found)
        zone = zone_differs(block)
        if zone is not None or sessions is None:
            return zone
        key = (_other_lines(block), upstream.features, sessions)
        if key not in self._blocks:
            expected = ExpectedUpstream(upstream, settings, sessions)
            place = UpstreamInEffect(block, settings.target)
            self._blocks[key] = self._first(OF_BLOCKS, place, expected) or _others(place, expected)
        return self._blocks[key]


def _is_read(host: Host, server: Statement) -> bool:
    """Return whether a server holds headers of its locations or its program, read elsewhere."""
    if host.features and host.feature(ServerProgram) is not None:
        return True
    return bool(server.all("add_header")) and len(server.all("location")) > 1


def _called(upstreams: Mapping[str, Upstream], stream: Statement | None, name: str) -> str:
    """Return what a stream block calls an upstream; one without a block is its only address."""
    blocks = stream.all("upstream") if stream is not None else ()
    if any(block.args[0] == name for block in blocks):
        return name
    return str(upstreams[name].endpoints[0])


def _opened(stream: StreamInEffect, host: Host, *, answers: bool) -> Reader:
    """Return the reader of who opens the TLS of a host's names.

    Of a host without https, a closed connection means what a refused handshake does.
    """
    refused = not answers and host.feature(Passthrough) is None

    def read(name: str) -> Passthrough | None:
        if not host.name:
            stream.check_behind(name)
        found = read_passthrough(stream, name)
        return None if refused and found == Passthrough(None) else found

    return read


def _other_lines(block: Statement) -> tuple[Content, ...]:
    lines = (item.content for item in block.block or ())
    return tuple([line for line in lines if line[0] not in ("server", "zone", "resolver")])


def _others(place: UpstreamInEffect, expected: ExpectedUpstream) -> Unequal | None:
    """Compare what is no feature: for how long connections are used, and what nobody expects."""
    for item in place.block.block or ():
        if item.name not in _OF_UPSTREAMS:
            return Unequal("Upstream", "features", "nothing", item.name)
    own = expected.upstream.features
    policy = expected.settings.policies.keepalive
    if place.connections and (expected.sessions or not own):
        time = policy.time or USUAL_TIME
        if milliseconds(place.time) != milliseconds(time):
            return Unequal("KeepalivePolicy", "time", time, place.time)
    return None
