"""A golden case on a real nginx: its own configuration, with stand-ins for what isn't here."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingc.compiler import Result
from ingc.ir import (
    Certificate,
    Config,
    Endpoint,
    Host,
    Https,
    OutputFile,
    SecretBytes,
    Stream,
    Upstream,
)
from ingc.ir.stream import InnerPorts
from ingc.nginx import Nginx, free_ports
from ingc.serve.echo import Responder
from ingc.serve.module_files import with_module_files
from ingc.serve.selfsigned import self_signed
from ingc.serve.session import Session
from ingc.target import format_version
from tests.golden.case import Case
from tests.nginx.dns import NameServer
from tests.nginx.modules import with_own_modules
from tests.nginx.streams import stream_module

_STAND_IN = Certificate("stand-in.crt", "stand-in.key")


@dataclass(frozen=True, slots=True)
class Live:
    """A case that is being served."""

    result: Result
    """The case compiled for the nginx that runs; its oracle knows nothing of the stand-ins."""
    served: Config
    folder: Path
    ports: dict[str, int]
    """By scheme."""
    asked: set[str]
    """The names that nginx has looked up so far."""

    def upstream(self, name: str) -> Upstream:
        """Return an upstream by its name."""
        return next(item for item in self.served.upstreams if item.name == name)

    def certificate(self, host: Host) -> bytes:
        """Return the certificate that a host should present, PEM."""
        served = next(item for item in self.served.hosts if item.name == host.name)
        own = served.https.certificate if served.https else None
        found = own or self.served.settings.default_certificate
        assert found is not None, host.name
        return (self.folder / found.certificate).read_bytes()


@contextmanager
def live(case: Case, nginx: Nginx) -> Iterator[Live]:
    """Serve a case.

    What the IR says stays: a route that answers 503 for want of endpoints does so here. Only the
    addresses of upstreams become a local responder's, and certificates that are not in the
    input a self-signed one. Where the case has a resolver, names stay, and are looked up.

    The responder speaks plain HTTP alone, so with ``echo`` every backend is spoken to in it,
    whatever its protocol is: what is held here is which route takes a request. That real servers
    of each protocol are reached is held by tests/nginx/test_protocols.py and
    test_backend_tls.py, and that nginx takes the directives by ``rehearse``.
    """
    ports = dict(zip(("http", "https"), free_ports(2), strict=True))
    options = dataclasses.replace(
        case.options,
        listen_address=("127.0.0.1",),
        http_port=ports["http"],
        https_port=ports["https"],
        nginx_version=format_version(nginx.version),
    )
    result = case.compile(options)
    assert result.ok
    assert result.ir is not None
    with Session(nginx, echo=False) as session, Responder() as responder, NameServer() as names:
        port = int(responder.address.rpartition(":")[2])
        served = _with_stand_ins(result.ir, port, names.address)
        if served.settings.inner_ports:
            stream = dataclasses.replace(served.stream, module=stream_module(nginx))
            served = dataclasses.replace(served, stream=stream)
        served = with_module_files(with_own_modules(served, nginx), session.folder)
        responder.describe = _described(served)
        session.serve(served)
        yield Live(result, served, session.folder, ports, names.asked)


def _described(config: Config) -> dict[str, dict[str, str]]:
    """Say which Service an upstream is; one whose name is resolved by a variable has only that."""
    described = {}
    for item in config.upstreams:
        told = {
            "service": item.service.name,
            "port": str(item.service.port),
        }
        described[item.name] = told
        described.update({f"{e.address}:{e.port}": told for e in item.endpoints if e.dns})
    return described


def _with_stand_ins(config: Config, port: int, names: str) -> Config:
    here = {file.path for file in config.files}
    certificate, key = self_signed([host.name for host in config.hosts if host.name])
    files = (
        OutputFile(_STAND_IN.certificate, SecretBytes(certificate), private=False),
        OutputFile(_STAND_IN.key, SecretBytes(key), private=True),
    )
    settings = config.settings
    resolved = bool(settings.resolver)
    return dataclasses.replace(
        config,
        hosts=tuple(_at_hand(host, here) for host in config.hosts),
        upstreams=tuple(_answered_here(item, port, resolved) for item in config.upstreams),
        files=(*config.files, *files),
        # Real servers of TCP and UDP stand behind it in tests/nginx/test_stream.py.
        stream=Stream(upstreams=config.stream.upstreams),
        settings=dataclasses.replace(
            settings,
            inner_ports=InnerPorts(*free_ports(2)) if settings.inner_ports else None,
            echo=True,
            default_certificate=_here_or_stand_in(settings.default_certificate, here),
            resolver=(names,) if resolved else (),
        ),
    )


def _answered_here(upstream: Upstream, port: int, resolved: bool) -> Upstream:
    endpoints = (
        dataclasses.replace(endpoint, port=port)
        if endpoint.dns and resolved
        else Endpoint("127.0.0.1", port)
        for endpoint in upstream.endpoints
    )
    return dataclasses.replace(upstream, endpoints=tuple(dict.fromkeys(endpoints)))


def _at_hand(host: Host, here: set[str]) -> Host:
    if host.https is None:
        return host
    certificate = _here_or_stand_in(host.https.certificate, here)
    return dataclasses.replace(host, https=Https(certificate, host.https.redirect))


def _here_or_stand_in(certificate: Certificate | None, here: set[str]) -> Certificate | None:
    if certificate is None or certificate.certificate in here:
        return certificate
    return _STAND_IN
