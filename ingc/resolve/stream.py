"""Services on ports of their own, and the upstreams of the stream block."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ingc.diagnostics.catalogue.stream import PortClosed
from ingc.frontend.port_services import PortWish
from ingc.ir import Stream
from ingc.ir.stream import PortService
from ingc.resolve.lookup import Unusable
from ingc.resolve.upstreams import Upstreams


def port_services(
    wishes: Iterable[PortWish], upstreams: Upstreams, *, closed: bool
) -> tuple[PortService, ...]:
    """Return the Services on ports.

    ``closed``: the ConfigMap of settings has errors, and may hold whom to block. A responder in
    place of the cluster speaks HTTP alone, so there is none then.
    """
    if upstreams.options.echo:
        return ()
    services = tuple(_service(wish, upstreams) for wish in wishes)
    if closed:
        services = tuple(dataclasses.replace(item, upstream=None) for item in services)
    return services


def stream_of(
    services: tuple[PortService, ...], passed: Iterable[str], upstreams: Upstreams
) -> Stream:
    """Return the Services on ports, and the upstreams of them and of the hosts' TLS."""
    if upstreams.options.echo:
        return Stream()
    used = {item.upstream for item in services if item.upstream} | set(passed)
    return Stream(
        services=services,
        # What http sets for an upstream, such as hashes of headers, has no meaning here.
        upstreams=tuple(
            dataclasses.replace(upstreams.made(name), features=()) for name in sorted(used)
        ),
        module=upstreams.options.stream_module,
    )


def _service(wish: PortWish, upstreams: Upstreams) -> PortService:
    target = wish.target
    found = upstreams.find(target.namespace, wish.backend, "other", wish.protocol.upper())
    if isinstance(found, Unusable):
        values = found.why.values()
        entry = PortClosed(
            port=f"{wish.port}/{wish.protocol.upper()}",
            why=found.why.summary.format_map(values),
            fix=found.why.help.format_map(values),
        )
        upstreams.sink.report(entry, wish.origin)
    return PortService(
        protocol=wish.protocol,
        port=wish.port,
        upstream=None if isinstance(found, Unusable) else found,
        service=f"{target.namespace}/{target.service}:{target.port}",
        accepts_proxy=target.accepts_proxy,
        sends_proxy=target.sends_proxy,
    )
