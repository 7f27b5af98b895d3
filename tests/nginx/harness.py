"""A compiled input on a real nginx with the responder behind it, held against the oracle.

``with serving(nginx, objects) as site: assert site.who("a.test", "/foo") == "foo"``. Every
question that a test asks is asked twice, of nginx and of the oracle, and the two must agree.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import json
import os
import ssl
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import ingc
from ingc import ir, model
from ingc.compiler import print_config
from ingc.match import Match, Oracle
from ingc.model import read_model
from ingc.nginx import Nginx, NginxFailed, Running, free_ports
from ingc.prove.parsing import RefusedText, parse
from ingc.serve.echo import Responder
from ingc.serve.files import write_files
from tests.match.by_hand import config_of
from tests.nginx.wire import Address, Response, Tls, fetch, get
from tests.objects import Object

Scheme = Literal["http", "https"]

_BUSY = "Address already in use"
_TRIES = 5
_LOG_TIMEOUT = 5.0  # seconds; nginx writes the line after the client has the answer


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request, as the client and the responder can tell."""

    status: int | None
    """``None``: TLS was refused."""
    route: str | None = None
    """The Ingress and the field of the route whose upstream was reached."""
    service: str | None = None
    """``namespace/name:port`` of the upstream that was reached."""
    location: str | None = None
    """The Location header."""

    def __str__(self) -> str:
        if self.status is None:
            return "refused"
        if self.location is not None:
            return f"{self.status} {self.location}"
        return f"{self.service} by {self.route}" if self.service else str(self.status)


def seen(response: Response) -> Outcome:
    """Read the outcome from what nginx and the responder answered."""
    location = response.header("Location")
    if response.status != 200 or response.header("Content-Type") != "application/json":
        return Outcome(response.status, location=location)
    story = response.json()
    service = f"{story['service']}:{story['port']}"
    return Outcome(200, f"{story['ingress']} {story['rule']}", service)


def foretold(match: Match, config: ir.Config) -> Outcome:
    """Read the outcome from the oracle's answer."""
    if match.upstream is None or match.route is None:
        return Outcome(match.status, location=match.redirect)
    upstream = next(item for item in config.upstreams if item.name == match.upstream)
    # A route that no Ingress asks for, the global default backend, has no name to log.
    route = str(match.route.origin) if match.route.origin.name else "- None"
    return Outcome(200, route, str(upstream.service))


def modelled(outcome: model.Outcome, match: Match, config: ir.Config) -> Outcome:
    """Read the outcome from the model's answer.

    The model knows upstreams, not routes: the route is the oracle's where the upstream is.
    """
    if outcome.upstream is None:
        return Outcome(outcome.status, location=outcome.location)
    agreed = match.upstream == outcome.upstream and match.upstream_uri in (None, outcome.target)
    if agreed:
        return foretold(match, config)
    return Outcome(200, "?", f"{outcome.upstream} asked for {outcome.target!r}")


class Site:
    """A configuration that a real nginx runs."""

    def __init__(self, config: ir.Config, prefix: Path, running: Running) -> None:
        self.config = config
        self.oracle = Oracle(config)
        self.prefix = prefix
        self.running = running
        self.http: Address = ("127.0.0.1", config.settings.http_port)
        self.https: Address = ("127.0.0.1", config.settings.https_port)
        text = (prefix / "nginx.conf").read_text(encoding="utf-8")
        parsed = parse(text)
        assert not isinstance(parsed, RefusedText), parsed
        self.model = read_model(parsed, config.settings.target)

    @property
    def listens_for_https(self) -> bool:
        """True where some host has a certificate, so that there is an https port."""
        default = self.config.settings.default_certificate
        return bool(default) or any(h.https and h.https.certificate for h in self.config.hosts)

    def ask(
        self,
        host: str | bytes | None,
        target: str | bytes,
        *headers: bytes,
        method: str = "GET",
        scheme: Scheme = "http",
        body: bytes = b"",
        tls: Tls | None = None,
    ) -> Response:
        """Send a request on a connection of its own. On https the SNI is the Host's, or ``tls``."""
        data = get(target, host, *headers, method=method.encode(), body=body)
        if scheme == "http":
            return fetch(self.http, data)
        return fetch(self.https, data, tls=tls or Tls(sni(host)))

    def outcome(
        self,
        host: str | bytes,
        target: str | bytes,
        *,
        method: str = "GET",
        scheme: Scheme = "http",
    ) -> Outcome:
        """Return what became of a request. Fails where the oracle has another opinion, and where
        nginx answers with a 301 that nobody asked for.
        """
        foresaw = foretold(
            self.oracle.match(host, target, method=method, scheme=scheme), self.config
        )
        try:
            response = self.ask(host, target, method=method, scheme=scheme)
        except ssl.SSLError:
            found = Outcome(None)
        else:
            found = seen(response)
            own = response.status == 301 and found != foresaw
            assert not own, f"nginx's own redirect of {target!r}"
        assert found == foresaw, f"{host!r} {target!r}: nginx: {found}, the oracle: {foresaw}"
        return found

    def who(
        self,
        host: str | bytes,
        target: str | bytes,
        *,
        method: str = "GET",
        scheme: Scheme = "http",
    ) -> str:
        """Return the bare name of the Service that took a request, or what was answered instead:
        ``404``, ``308 https://…``, ``refused``.
        """
        found = self.outcome(host, target, method=method, scheme=scheme)
        if found.service is None:
            return str(found)
        return found.service.partition("/")[2].partition(":")[0]

    def received(self, host: str | bytes, target: str | bytes, *headers: bytes) -> dict[str, Any]:
        """Return the request as the backend received it: method, target, version, headers."""
        response = self.ask(host, target, *headers)
        assert response.status == 200, response
        story: dict[str, Any] = response.json()["request"]
        return story

    def log(self, lines: int, name: str = "access.log") -> list[bytes]:
        """Return the lines of a log file as soon as it has that many."""
        until = time.monotonic() + _LOG_TIMEOUT
        path = self.prefix / name
        while True:
            found = path.read_bytes().splitlines() if path.exists() else []
            if len(found) >= lines or time.monotonic() > until:
                return found
            time.sleep(0.005)

    def log_entries(self, lines: int) -> list[dict[str, Any]]:
        """Return the lines of the json access log, read."""
        return [json.loads(line.decode("latin-1")) for line in self.log(lines)]


@contextlib.contextmanager
def serving(
    nginx: Nginx,
    objects: Iterable[Object],
    *,
    echo: bool = True,
    on_error: Literal["fail", "isolate"] = "fail",
    features: tuple[ir.RouteFeature, ...] = (),
    outside: Mapping[str, int] | None = None,
    **options: Any,
) -> Iterator[Site]:
    """Compile for this nginx's own version and run the result on free ports of the loopback.

    ``features`` are added to every route. ``outside`` says where hosts are that annotations name:
    on these ports of the loopback. With ``echo`` every Service is answered by the responder.
    ``options`` are more `ingc.Options`.
    Fails with the findings where the objects have errors and ``on_error`` is ``fail``.
    """
    given = list(objects)

    def make(http: int, https: int) -> tuple[str, ir.Config]:
        made = ingc.Options(
            echo=echo,
            http_port=http,
            https_port=https,
            nginx_version=version_of(nginx),
            **{
                "echo_socket": str(responder_socket()),
                "listen_address": ("127.0.0.1",),
                "allow_address": ("127.0.0.0/8,::1",),
                **options,
            },
        )
        result = ingc.compile(given, made, on_error=on_error)
        assert result.config is not None, [finding.message for finding in result.errors]
        assert result.ir is not None
        if not (features or outside):
            return result.config, result.ir
        config = _moved(_with_features(result.ir, features), outside or {})
        text, _, mismatch = print_config(config)
        assert mismatch is None, mismatch
        return text, config

    with _running(nginx, make) as site:
        yield site


def _with_features(config: ir.Config, features: tuple[ir.RouteFeature, ...]) -> ir.Config:
    def more(route: ir.Route) -> ir.Route:
        return dataclasses.replace(route, features=(*route.features, *features))

    hosts = tuple(
        dataclasses.replace(host, routes=tuple(map(more, host.routes))) for host in config.hosts
    )
    return dataclasses.replace(config, hosts=hosts)


def _moved(config: ir.Config, outside: Mapping[str, int]) -> ir.Config:
    upstreams = tuple(
        dataclasses.replace(item, endpoints=(ir.Endpoint("127.0.0.1", outside[host]),))
        if (host := item.service.service) in outside and not item.service.namespace
        else item
        for item in config.upstreams
    )
    return dataclasses.replace(config, upstreams=upstreams)


@contextlib.contextmanager
def serving_ir(
    nginx: Nginx, hosts: Iterable[ir.Host], *, health: str | None = None
) -> Iterator[Site]:
    """Run hosts that a test made by hand; what they proxy to is answered by the responder.

    ``health`` is the path of the health check.
    """
    given = tuple(hosts)

    def make(http: int, https: int) -> tuple[str, ir.Config]:
        endpoint = ir.Endpoint(f"unix:{responder_socket()}", 0)
        config = config_of(given, nginx.version, endpoint, http, https, health)
        text, _, mismatch = print_config(config)
        assert mismatch is None, mismatch
        return text, config

    with _running(nginx, make) as site:
        yield site


def version_of(nginx: Nginx) -> str:
    """Return the version as the option ``nginx_version`` takes it."""
    return ".".join(map(str, nginx.version))


def sni(host: str | bytes | None) -> str | None:
    """Return the TLS name for a Host header."""
    if host is None:
        return None
    text = host if isinstance(host, str) else host.decode("latin-1")
    return text.partition(":")[0]


Make = Callable[[int, int], tuple[str, ir.Config]]
"""From the two ports to the text of nginx.conf and its IR."""


@contextlib.contextmanager
def _running(nginx: Nginx, make: Make) -> Iterator[Site]:
    with tempfile.TemporaryDirectory(prefix="ingc-") as folder:
        prefix = Path(folder)
        running, config = _start(nginx, make, prefix)
        try:
            yield Site(config, prefix, running)
        finally:
            running.stop()


@cache
def responder_socket() -> Path:
    """Return the socket of the one responder behind all sites, started when first asked for."""
    folder = tempfile.TemporaryDirectory(prefix="ingc-")
    responder = Responder(Path(folder.name) / "backend.sock", describe=_describe)
    responder.start()
    atexit.register(folder.cleanup)
    atexit.register(responder.stop)  # before the folder goes
    return Path(folder.name) / "backend.sock"


def as_ourselves() -> str:
    """Return the directive for nginx's workers: they give up root, and must reach our folders."""
    return "user root root;" if os.geteuid() == 0 else ""


def _describe(upstream: str) -> dict[str, str]:
    namespace, service, port = upstream.split("_")[:3]
    return {"service": f"{namespace}/{service}", "port": port}


def _start(nginx: Nginx, make: Make, prefix: Path) -> tuple[Running, ir.Config]:
    """Start nginx, again on other ports where somebody was faster to take them.

    Fails where nginx warns, as it does of a server name that is taken already.
    """
    conf = prefix / "nginx.conf"
    for remaining in reversed(range(_TRIES)):
        text, config = make(*free_ports(2))
        write_files(prefix, config.files)
        conf.write_text(text, encoding="utf-8")
        running = Running(nginx, prefix, conf, directives=as_ourselves())
        try:
            running.start()
        except NginxFailed as failure:
            if not remaining or _BUSY not in str(failure):
                raise
        else:
            warnings = [line for line in running.log() if "[warn]" in line]
            assert not warnings, warnings
            return running, config
    raise AssertionError("unreachable")
