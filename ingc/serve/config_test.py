"""A trial run of ``nginx -t``, with what this machine lacks replaced for that run only."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

from ingc.compiler import print_config
from ingc.ir import Certificate, Config, Endpoint, Host, Https, Route, Settings, Upstream
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.stream import InnerPorts
from ingc.nginx import Nginx, TestResult, free_ports, test
from ingc.serve.files import write_files
from ingc.serve.modules import lacks_stream
from ingc.serve.selfsigned import self_signed

_STAND_IN = Certificate("stand-in.crt", "stand-in.key")


def rehearse(nginx: Nginx, config: Config) -> TestResult:
    """Run ``nginx -t`` on a configuration as it is, but for three things.

    Names of upstreams become an address where nginx would resolve them at its start (they may
    not resolve here), certificates that are not here (those for backends too) a self-signed
    one, and the ports free ones of the loopback (nginx binds them even to
    test). A fragment is tested inside an empty ``http``.
    """
    lacking = lacks_stream(nginx, config)
    if lacking:
        return TestResult(False, (lacking,))
    with tempfile.TemporaryDirectory(prefix="ingc-test-") as name:
        folder = Path(name)
        write_files(folder, config.files)
        certificate, key = self_signed(["localhost"])
        (folder / _STAND_IN.certificate).write_bytes(certificate)
        (folder / _STAND_IN.key).write_bytes(key)
        text, layout, _ = print_config(_adapted(config, folder), proof=False)
        if layout.fragment:
            text = f"pid nginx.pid;\nevents {{ }}\nhttp {{\n{text}\n}}\n"
        conf = folder / "nginx.conf"
        conf.write_text(text, encoding="utf-8")
        return test(nginx, folder, conf)


def _adapted(config: Config, folder: Path) -> Config:
    services = config.stream.services
    ports = free_ports(4 + len(services))
    settings = dataclasses.replace(
        config.settings,
        listen_addresses=("127.0.0.1",),
        http_port=ports[0],
        https_port=ports[1],
        inner_ports=InnerPorts(*ports[2:4]) if config.settings.inner_ports else None,
        default_certificate=_at_hand(config.settings.default_certificate, folder),
    )
    return dataclasses.replace(
        config,
        settings=settings,
        upstreams=_at_start(config.upstreams, config.settings),
        stream=dataclasses.replace(
            config.stream,
            services=tuple(
                dataclasses.replace(service, port=port)
                for service, port in zip(services, ports[4:], strict=True)
            ),
            upstreams=_at_start(config.stream.upstreams, config.settings),
        ),
        hosts=tuple(_with_certificate(host, folder) for host in config.hosts),
    )


def _at_start(upstreams: tuple[Upstream, ...], settings: Settings) -> tuple[Upstream, ...]:
    return upstreams if settings.resolver else tuple(map(_without_names, upstreams))


def _without_names(upstream: Upstream) -> Upstream:
    endpoints = tuple(
        Endpoint("127.0.0.1", endpoint.port) if endpoint.dns else endpoint
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
