"""Compiles a cluster, runs it on a real nginx, and asks all three."""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ingc import ir
from ingc.ir.features.client_certs import ClientCertificates
from ingc.ir.features.external_auth import ExternalAuth
from ingc.match import Match
from ingc.nginx import Nginx
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.uri import BadTarget, read_target
from tests.nginx.certificates import certificate
from tests.nginx.harness import Site, serving
from tests.nginx.settings import NAME as SETTINGS
from tests.nginx.settings import config_map
from tests.nginx.three_way import responder
from tests.nginx.three_way.answers import of_model, of_nginx, of_oracle, request_of
from tests.nginx.three_way.case import Answer, Asking, Cluster, Judged
from tests.nginx.three_way.client import Sending, exchange
from tests.nginx.three_way.clients import ours
from tests.nginx.three_way.draining import drained, way_of
from tests.objects import Object, opaque, secret, service

_SPACES = ("default", "other", "zz")
_CLOSING = frozenset({"TRACE", "CONNECT", "get"})
_LONGEST = 8000  # bytes of a request line
_CLAIMS = ("X-Forwarded-", "X-User", "ssl-client")
_VERDICTS = ("", "200", "204", "401", "403")
"""Of the auth service; of others nginx makes a 500, and closes the connection."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the oracle and the model say of a request, and the route, for the counts."""

    match: Match
    oracle: Answer
    model: Answer


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, its three answers, and what the oracle knows of the way."""

    judged: Judged
    match: Match


def ask(nginx: Nginx, cluster: Cluster, asked: list[Asking]) -> tuple[list[Asked], ir.Config]:
    """Ask nginx, the oracle and the model.

    Fails as `tests.nginx.harness.serving` does.
    """
    with _serving(nginx, cluster) as site, drained(site):
        told: dict[int, Told] = {}

        def foretell(number: int) -> None:
            told[number] = _told(site, asked[number])

        sendings = [_sending(number, item, site) for number, item in enumerate(asked)]
        replies = exchange(sendings, foretell)
    found = [
        Asked(Judged(asked[number], of_nginx(replies[number]), item.oracle, item.model), item.match)
        for number, item in sorted(told.items())
    ]
    return found, site.config


def _serving(nginx: Nginx, cluster: Cluster) -> AbstractContextManager[Site]:
    options: dict[str, Any] = {"echo_socket": str(seen_socket()), "layout": cluster.layout}
    if cluster.default_backend:
        options["default_backend_service"] = "default/fallback:80"
    if cluster.default_certificate:
        options["default_ssl_certificate"] = "default/cert"
    objects = [*cluster.ingresses, *_others()]
    if cluster.settings:
        options["configmap"] = SETTINGS
        objects.append(config_map("settings", dict(cluster.settings)))
    return serving(nginx, objects, on_error="isolate", **options)


@cache
def _others() -> tuple[Object, ...]:
    """Return what the Ingresses refer to, in each namespace."""
    users = b"joe:{PLAIN}secret"
    return tuple(
        made
        for space in _SPACES
        for made in (
            # Whom the certificate is for makes no difference here: nobody checks it.
            secret("cert", *certificate("a.test"), namespace=space),
            opaque("users", space, auth=users),
            opaque("ours", space, ca_crt=ours().pem),
            service("errors", 80, namespace=space),
        )
    )


@cache
def seen_socket() -> Path:
    """Return the socket of the one responder, started when first asked for."""
    folder = tempfile.TemporaryDirectory(prefix="ingc-")
    Path(folder.name).chmod(0o755)
    path = Path(folder.name) / "seen.sock"
    process = subprocess.Popen(
        [sys.executable, "-S", responder.__file__, str(path)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"

    def stop() -> None:
        process.kill()
        process.wait()
        folder.cleanup()

    atexit.register(stop)
    path.chmod(0o666)
    return path


def _sending(number: int, asking: Asking, site: Site) -> Sending:
    data, head = asking.bytes, asking.method == "HEAD"
    return Sending(number, way_of(asking, site), data, head, _closes(asking, site))


def _closes(asking: Asking, site: Site) -> bool:
    """Guess whether nginx closes the connection after it, as it does after most errors."""
    settings = site.config.settings
    if asking.method in _CLOSING or len(asking.target) > _LONGEST:
        return True
    if not asking.prelude and settings.policies.front.proxy_protocol:
        return True
    if asking.header("X-Verdict") not in _VERDICTS:
        return True
    try:
        read = read_target(asking.target)
        read_host(asking.host, settings.target)
        if read.host is not None:
            read_host(read.host, settings.target)
    except (BadTarget, BadHost):
        return True
    return False


def _told(site: Site, asking: Asking) -> Told:
    request = request_of(asking, 1)
    match = site.oracle.answer(request)
    wanted = match.host.feature(ClientCertificates) if match.host is not None else None
    if wanted is not None and wanted.depth > 1 and asking.certificate:
        request = request_of(asking, wanted.depth)
        match = site.oracle.answer(request)
    headers = _about_client(site, asking, match)
    oracle = of_oracle(site.config, request, match, headers=headers)
    return Told(match, oracle, of_model(site.model, request, headers=headers))


def _about_client(site: Site, asking: Asking, match: Match) -> bool:
    """Return whether to compare headers about the client: where anybody says something of it."""
    if match.upstream is None or match.host is None or match.route is None:
        return False
    features = (*match.host.features, *match.route.features)
    return (
        site.config.settings.policies.front.tells_scheme
        or any(isinstance(item, ClientCertificates | ExternalAuth) for item in features)
        or any(name.startswith(_CLAIMS) for name, _ in asking.headers)
    )


def wrong(asked: Iterable[Asked]) -> list[Judged]:
    """Return what the three disagree about."""
    return [item.judged for item in asked if not item.judged.agreed]
