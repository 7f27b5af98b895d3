"""Limits that are surely exceeded: before a run, each client uses up what each low limit allows.

A low limit is one of a request in a minute, or of one request at the same time. The Ingress has a
host for it, where nothing else stands in the way. All other limits are far above what a run needs.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from ingc import ir
from ingc.ir.features.limits import Limits
from ingc.match.addresses import is_among
from tests.nginx.harness import Site
from tests.nginx.three_way.answers import RECENT
from tests.nginx.three_way.case import Asking
from tests.nginx.three_way.client import Reply, Sending, Way, exchange, open_to
from tests.nginx.three_way.clients import ADDRESSES, prelude_bytes

DRAIN = ".limits.test"
"""What the names of these hosts end with."""
_PATIENCE = 20.0
"""Seconds until a request has surely arrived at the backend."""
_PAGES = ("_errors_80", "_fallback_80")
"""What the names of the upstreams of error pages end with."""
_PASS = (("X-Verdict", "200"),)


@contextmanager
def drained(site: Site) -> Iterator[None]:
    """Use up the low limits of an input until the end of the block. Fails where that can't be."""
    low = dict(_low(site.config))
    rated = [asking for asking, limit in low.items() if limit.per_minute]
    asked = rated * RECENT
    replies = exchange([_sending(n, item, site) for n, item in enumerate(asked)], lambda _: None)
    last = len(asked) - len(asked) // RECENT
    left = [asked[n] for n in range(last, len(asked)) if not _is_refused(replies[n])]
    assert not left, f"not drained: {left[0]}, {replies[asked.index(left[0])]}"
    with ExitStack() as open_ones:
        for asking, limit in low.items():
            if limit.connections:
                open_ones.enter_context(_held(asking, site))
        yield


def way_of(asking: Asking, site: Site) -> Way:
    """Return how a request reaches nginx."""
    settings = site.config.settings
    secure = asking.scheme == "https"
    port = settings.https_port if secure else settings.http_port
    prelude = prelude_bytes(asking.prelude)
    return Way(port, asking.source, secure, asking.server_name, asking.certificate, prelude)


def _low(config: ir.Config) -> Iterator[tuple[Asking, Limits]]:
    """Yield for each low limit the requests of the clients that it holds for."""
    proxied = config.settings.policies.front.proxy_protocol
    for host in config.hosts:
        for route in host.routes if host.name.endswith(DRAIN) else ():
            limits = route.feature(Limits)
            for source in ADDRESSES if limits is not None else ():
                if limits is not None and not is_among(limits.exempt, source):
                    prelude = f"v1 {source} 80" if proxied else ""
                    name = host.name.encode()
                    yield Asking(name, b"/", headers=_PASS, source=source, prelude=prelude), limits


def _sending(number: int, asking: Asking, site: Site) -> Sending:
    return Sending(number, way_of(asking, site), asking.bytes, head=False, closes=False)


def _held(asking: Asking, site: Site) -> socket.socket:
    """Keep a request open that the backend does not answer, so that nginx refuses another one."""
    until = time.monotonic() + _PATIENCE
    connection = _hold(asking, site)
    while not _is_refused(exchange([_sending(0, asking, site)], lambda _: None)[0]):
        assert time.monotonic() < until, f"not drained: {asking}"
        if select.select([connection], [], [], 0.002)[0]:
            connection.close()  # the other one was faster, and it was refused itself
            connection = _hold(asking, site)
    return connection


def _hold(asking: Asking, site: Site) -> socket.socket:
    holding = replace(asking, headers=(*asking.headers, ("X-Hold", "1")))
    connection = open_to([_sending(0, holding, site)])
    assert connection is not None, f"not drained: {asking}"
    return connection


def _is_refused(reply: Reply) -> bool:
    """Return whether a limit has refused a request: the error page may be a backend's."""
    return reply.status == 503 or (reply.seen or "").partition("|")[0].endswith(_PAGES)
