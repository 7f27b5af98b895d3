"""What the target nginx can't do, found before anything is laid out for it."""

from __future__ import annotations

import dataclasses

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.annotations_protocols import GrpcNeedsHttps
from ingc.diagnostics.catalogue.internal import PathTooLongForTarget
from ingc.ir import Exact, Host, Proxy, Regex, Route
from ingc.ir.features.protocols import BackendProtocol
from ingc.ir.written import can_be_written
from ingc.options import Options
from ingc.target import HTTP2_DIRECTIVE, LONG_LOCATIONS, format_version, parse_version

_LONGEST_NAME = 255
_GRPC = ("GRPC", "GRPCS")


def fit_target(host: Host, sink: Sink, options: Options) -> Host:
    """Return a host as the target nginx can serve it.

    Before 1.23.4 nginx keeps the length of a location's name modulo 256, so that a longer one
    takes requests of others. Such a path is an error, and its host answers 503. Before 1.25.1 no
    gRPC client reaches a host without https.
    """
    target = parse_version(options.nginx_version)
    if target < HTTP2_DIRECTIVE and not (host.https and host.https.certificate):
        _report_grpc(host, sink, options)
    if target >= LONG_LOCATIONS:
        return host
    too_long = [route for route in host.routes if _name_length(route) > _LONGEST_NAME]
    for route in too_long:
        entry = PathTooLongForTarget(size=_name_length(route), target=format_version(target))
        origin = route.origin
        sink.report(entry, Origin(origin.object, (*origin.path, "path"), origin.source))
    if not too_long:
        return host
    if host.tenancy is None or host.tenancy.owner in {r.origin.namespace for r in too_long}:
        return host.silenced()
    return _without(host, too_long)


def _without(host: Host, too_long: list[Route]) -> Host:
    """Return a host whose long paths, which are not the owner's, answer 503.

    Written as a regex a path has no such limit, and then all paths of the host are.
    """
    long = frozenset(map(id, too_long))
    if all(can_be_written(route.match) for route in host.routes):
        routes = (route.silenced() if id(route) in long else route for route in host.routes)
        return dataclasses.replace(host, routes=tuple(routes), regex=True)
    return dataclasses.replace(host, routes=tuple(r for r in host.routes if id(r) not in long))


def _report_grpc(host: Host, sink: Sink, options: Options) -> None:
    annotation = f"{options.annotations_prefix}/backend-protocol"
    for route in (*host.routes, host.default):
        protocol = route.feature(BackendProtocol)
        if protocol and protocol.name in _GRPC and isinstance(route.action, Proxy):
            origin = route.origin
            target = format_version(parse_version(options.nginx_version))
            entry = GrpcNeedsHttps(host=host.name or "every unnamed host", target=target)
            place = ("metadata", "annotations", annotation)
            sink.report(entry, Origin(origin.object, place, origin.source))


def _name_length(route: Route) -> int:
    """Return the length of the longest name of a location that the route becomes, in bytes."""
    if isinstance(route.match, Regex):
        return 0  # nginx keeps no such length
    path = route.match.path.encode()
    return len(path) if isinstance(route.match, Exact) else len(path.rstrip(b"/")) + 1
