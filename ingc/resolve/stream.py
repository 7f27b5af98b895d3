"""Services on ports of their own, and the upstreams of the stream block."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ingc.diagnostics.catalogue.stream import PortClosed
from ingc.frontend.port_services import PortWish
from ingc.ir import Host, Stream
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.stream import PortService
from ingc.resolve.lookup import Unusable
from ingc.resolve.upstreams import Upstreams


def resolve_stream(
    wishes: Iterable[PortWish], hosts: Iterable[Host], upstreams: Upstreams, *, closed: bool
) -> Stream:
    """Return the Services on ports, and the upstreams of them and of the hosts' TLS.

    ``closed``: the ConfigMap of settings has errors, and may hold whom to block. A responder in
    place of the cluster speaks HTTP alone, so there is nothing of it then.
    """
    if upstreams.options.echo:
        return Stream()
    services = tuple(_service(wish, upstreams) for wish in wishes)
    if closed:
        services = tuple(dataclasses.replace(item, upstream=None) for item in services)
    passed = (host.feature(Passthrough) for host in hosts)
    used = {item.upstream for item in services} | {item.upstream for item in passed if item}
    return Stream(
        services=services,
        # What http sets for an upstream, such as hashes of headers, has no meaning here.
        upstreams=tuple(
            dataclasses.replace(upstreams.made(name), features=())
            for name in sorted(filter(None, used))
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
