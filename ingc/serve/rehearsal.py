"""A trial run of ``nginx -t``, with what this machine lacks replaced for that run only."""

from __future__ import annotations

import dataclasses
import tempfile
from pathlib import Path

from ingc.compiler import print_config
from ingc.ir import Certificate, Config, Endpoint, Host, Https, Route, Upstream
from ingc.ir.protocols import BackendTls
from ingc.nginx import Nginx, TestResult, free_ports, test
from ingc.serve.files import write_files
from ingc.serve.selfsigned import self_signed

_STAND_IN = Certificate("stand-in.crt", "stand-in.key")


def rehearse(nginx: Nginx, config: Config) -> TestResult:
    """Run ``nginx -t`` on a configuration as it is, but for three things.

    Names of upstreams become an address where nginx would resolve them at its start (they may
    not resolve here), certificates that are not here (those for backends too) a self-signed
    one, and the ports free ones of the loopback (nginx binds them even to
    test). A fragment is tested inside an empty ``http``.
    """
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
    ports = free_ports(2)
    settings = dataclasses.replace(
        config.settings,
        listen_addresses=("127.0.0.1",),
        http_port=ports[0],
        https_port=ports[1],
        default_certificate=_at_hand(config.settings.default_certificate, folder),
    )
    return dataclasses.replace(
        config,
        settings=settings,
        upstreams=config.upstreams
        if config.settings.resolver
        else tuple(map(_without_names, config.upstreams)),
        hosts=tuple(_with_certificate(host, folder) for host in config.hosts),
    )


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
