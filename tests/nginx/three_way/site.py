"""Compiles a cluster, runs it on a real nginx, and asks all three."""

from __future__ import annotations

import atexit
import subprocess
import sys
import tempfile
from base64 import b64encode
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ingc import ir
from ingc.match import Match
from ingc.nginx import Nginx
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.uri import BadTarget, read_target
from tests.nginx.certificates import certificate
from tests.nginx.harness import Site, serving
from tests.nginx.three_way import responder
from tests.nginx.three_way.answers import of_model, of_nginx, of_oracle, request_of
from tests.nginx.three_way.case import Answer, Asking, Cluster, Judged
from tests.nginx.three_way.client import Sending, Way, exchange
from tests.objects import Object, secret

_SPACES = ("default", "other", "zz")
_CLOSING = frozenset({"TRACE", "CONNECT", "get"})
_LONGEST = 8000  # bytes of a request line


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
    with _serving(nginx, cluster) as site:
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
    options: dict[str, Any] = {"echo_socket": str(seen_socket())}
    if cluster.default_backend:
        options["default_backend_service"] = "default/fallback:80"
    if cluster.default_certificate:
        options["default_ssl_certificate"] = "default/cert"
    objects = [*cluster.ingresses, *_secrets()]
    return serving(nginx, objects, on_error="isolate", **options)


@cache
def _secrets() -> tuple[Object, ...]:
    users = b64encode(b"joe:{PLAIN}secret").decode()
    return tuple(
        made
        for space in _SPACES
        for made in (
            # Whom the certificate is for makes no difference here: nobody checks it.
            secret("cert", *certificate("a.test"), namespace=space),
            {
                "apiVersion": "v1",
                "kind": "Secret",
                "metadata": {"name": "users", "namespace": space},
                "data": {"auth": users},
            },
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
    secure = asking.scheme == "https"
    settings = site.config.settings
    port = settings.https_port if secure else settings.http_port
    way = Way(port, asking.source, secure, asking.server_name)
    return Sending(number, way, asking.bytes, asking.method == "HEAD", _closes(asking, site))


def _closes(asking: Asking, site: Site) -> bool:
    """Guess whether nginx closes the connection after it, as it does after most errors."""
    if asking.method in _CLOSING or len(asking.target) > _LONGEST:
        return True
    try:
        read = read_target(asking.target)
        read_host(asking.host, site.config.settings.target)
        if read.host is not None:
            read_host(read.host, site.config.settings.target)
    except (BadTarget, BadHost):
        return True
    return False


def _told(site: Site, asking: Asking) -> Told:
    request = request_of(asking)
    match = site.oracle.answer(request)
    return Told(match, of_oracle(match), of_model(site.model, request))


def wrong(asked: Iterable[Asked]) -> list[Judged]:
    """Return what the three disagree about."""
    return [item.judged for item in asked if not item.judged.agreed]
