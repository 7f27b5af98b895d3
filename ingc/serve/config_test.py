"""A trial run of ``nginx -t``, with what this machine lacks replaced for that run only."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ingc.compiler import print_config
from ingc.ir import Certificate, Config, Endpoint, Host, Https, Route, Settings, Upstream
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.start_names import allowed_at_start, operators_hosts, with_operators_names_at
from ingc.ir.stream import InnerPorts
from ingc.nginx import Nginx, free_ports, test
from ingc.serve.files import write_files
from ingc.serve.module_files import database_files, rules_files, with_module_files
from ingc.serve.modules import lacks_stream
from ingc.serve.private_folder import private_folder
from ingc.serve.selfsigned import self_signed
from ingc.syntax.host import EVERY

_LOOPBACK = "127.0.0.1"
_STAND_IN = Certificate("stand-in.crt", "stand-in.key")


@dataclass(frozen=True, slots=True)
class Replaced:
    """Something of a configuration that a trial run does without."""

    kind: Literal["name", "file", "port", "rules", "database"]
    what: str
    """The name, the path as nginx.conf has it, or the number of the port."""

    def __str__(self) -> str:
        return f"{self.kind} {self.what}: {_INSTEAD[self.kind]} in its place"


_INSTEAD = {
    "name": _LOOPBACK,
    "file": "a self-signed certificate",
    "port": "a free one of 127.0.0.1",
    "rules": "an empty file",
    "database": "one without addresses",
}


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What ``nginx -t`` reported of a configuration, and what was replaced in it for that."""

    ok: bool
    messages: tuple[str, ...]
    """As in `TestResult`."""
    replaced: tuple[Replaced, ...] = ()
    """By kind, then in order, each once."""


def rehearse(nginx: Nginx, config: Config, *, as_is: bool = False) -> Rehearsal:
    """Run ``nginx -t`` on a configuration as it is, but for what is not here.

    Names become an address where nginx would resolve them at its start and may (they may not
    resolve here; one that nginx may not be given stays), certificates that are not here (those
    for backends too) a self-signed one, what modules read and is not here empty files, and the
    ports free ones of the loopback (nginx binds them even to test). With ``as_is`` nothing is
    replaced. A fragment is tested inside an empty ``http``.
    """
    lacking = lacks_stream(nginx, config)
    if lacking:
        return Rehearsal(False, (lacking,))
    with private_folder() as folder:
        write_files(folder, config.files)
        tested = config if as_is else _with_stand_ins(config, folder)
        text, layout, _ = print_config(tested, proof=False)
        if layout.fragment:
            text = f"pid nginx.pid;\nevents {{ }}\nhttp {{\n{text}\n}}\n"
        conf = folder / "nginx.conf"
        conf.write_text(text, encoding="utf-8")
        outcome = test(nginx, folder, conf)
    return Rehearsal(outcome.ok, outcome.messages, tuple(_replaced(config, tested)))


def _with_stand_ins(config: Config, folder: Path) -> Config:
    certificate, key = self_signed(["localhost"])
    (folder / _STAND_IN.certificate).write_bytes(certificate)
    (folder / _STAND_IN.key).write_bytes(key)
    return _adapted(config, folder)


def _replaced(config: Config, tested: Config) -> Iterator[Replaced]:
    """Give what differs between a configuration and what was tested in its place."""
    kinds: tuple[
        tuple[
            Literal["name", "file", "port", "rules", "database"], Callable[[Config], Iterator[str]]
        ],
        ...,
    ]
    kinds = (
        ("name", _addresses),
        ("file", _certificate_files),
        ("port", _ports),
        ("rules", rules_files),
        ("database", database_files),
    )
    for kind, parts in kinds:
        pairs = zip(parts(config), parts(tested), strict=True)
        changed = dict.fromkeys(before for before, after in pairs if before != after)
        order = int if kind == "port" else str
        yield from (Replaced(kind, what) for what in sorted(changed, key=order))


def _addresses(config: Config) -> Iterator[str]:
    for upstream in (*config.upstreams, *config.stream.upstreams):
        yield from (endpoint.address for endpoint in upstream.endpoints)
    yield from operators_hosts(config.settings)


def _certificate_files(config: Config) -> Iterator[str]:
    pairs = [config.settings.default_certificate]
    pairs += [host.https.certificate for host in config.hosts if host.https]
    for host in config.hosts:
        for route in (*host.routes, host.default):
            tls = route.feature(BackendTls)
            if tls is not None:
                pairs.append(tls.certificate)
                yield tls.trusted or ""
    for pair in pairs:
        yield from (pair.certificate, pair.key) if pair else ()


def _ports(config: Config) -> Iterator[str]:
    settings = config.settings
    yield from (str(settings.http_port), str(settings.https_port))
    yield from (str(service.port) for service in config.stream.services)


def _adapted(config: Config, folder: Path) -> Config:
    services = config.stream.services
    ports = free_ports(4 + len(services))
    allowed = allowed_at_start(config)
    settings = dataclasses.replace(
        with_operators_names_at(config.settings, _LOOPBACK),
        listen_addresses=(_LOOPBACK,),
        http_port=ports[0],
        https_port=ports[1],
        inner_ports=InnerPorts(*ports[2:4]) if config.settings.inner_ports else None,
        default_certificate=_at_hand(config.settings.default_certificate, folder),
    )
    config = with_module_files(dataclasses.replace(config, settings=settings), folder)
    return dataclasses.replace(
        config,
        upstreams=_at_start(config.upstreams, settings, allowed),
        stream=dataclasses.replace(
            config.stream,
            services=tuple(
                dataclasses.replace(service, port=port)
                for service, port in zip(services, ports[4:], strict=True)
            ),
            upstreams=_at_start(config.stream.upstreams, settings, allowed),
        ),
        hosts=tuple(_with_certificate(host, folder) for host in config.hosts),
    )


def _at_start(
    upstreams: tuple[Upstream, ...], settings: Settings, allowed: frozenset[str]
) -> tuple[Upstream, ...]:
    if settings.resolver:
        return upstreams
    return tuple(_without_names(upstream, allowed) for upstream in upstreams)


def _without_names(upstream: Upstream, allowed: frozenset[str]) -> Upstream:
    endpoints = tuple(
        Endpoint(_LOOPBACK, endpoint.port)
        if endpoint.dns and (EVERY in allowed or endpoint.address in allowed)
        else endpoint
        for endpoint in upstream.endpoints
    )
    return dataclasses.replace(upstream, endpoints=endpoints)


def _with_certificate(host: Host, folder: Path) -> Host:
    host = dataclasses.replace(
        host,
        routes=tuple(_to_backend(route, folder) for route in host.routes),
        default=_to_backend(host.default, folder),
    )
    if host.https is None:
        return host
    https = Https(_at_hand(host.https.certificate, folder), host.https.redirect)
    return dataclasses.replace(host, https=https)


def _to_backend(route: Route, folder: Path) -> Route:
    tls = route.feature(BackendTls)
    if tls is None:
        return route
    here = tls.trusted is None or (folder / tls.trusted).is_file()
    found = dataclasses.replace(
        tls,
        certificate=_at_hand(tls.certificate, folder),
        trusted=tls.trusted if here else _STAND_IN.certificate,
    )
    features = tuple(found if item is tls else item for item in route.features)
    return dataclasses.replace(route, features=features)


def _at_hand(certificate: Certificate | None, folder: Path) -> Certificate | None:
    """Keep a certificate whose files are here: below the folder, or where they are named."""
    if certificate is None:
        return None
    paths = (folder / certificate.certificate, folder / certificate.key)
    return certificate if all(path.is_file() for path in paths) else _STAND_IN
