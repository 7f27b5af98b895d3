"""Copies of requests."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.mirror import Mirror
from ingc.plan.layout import Comment, Directive, Location, directive
from ingc.plan.pieces import Piece, RoutePlace, maps_of
from ingc.plan.subrequest import pass_to


def plan_mirror(feature: Mirror, place: RoutePlace) -> Iterator[Piece]:
    """Copy each request; the answer does not wait for the copy's."""
    service = feature.service
    passing = pass_to(service, place.upstreams[service.upstream], place.settings)
    name = place.subrequest_name("mirror", feature)
    without: tuple[Directive, ...] = ()
    if not feature.body:
        without = (
            directive("proxy_pass_request_body", "off"),
            directive("proxy_set_header", "Content-Length", ""),
        )
    inner = (
        directive("internal"),
        # The location of the route has judged the size already.
        directive("client_max_body_size", 0),
        *without,
        directive("proxy_set_header", "Host", service.host),
        directive("proxy_set_header", "Connection", ""),
        *passing,
    )
    body = () if feature.body else (directive("mirror_request_body", "off"),)
    yield Piece(
        directives=(directive("mirror", name), *body),
        locations=(Location(Comment("copies of requests"), "=", name, inner),),
        maps=maps_of(service.uri),
    )
