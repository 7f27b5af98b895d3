"""Copies of requests for another service."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingc.ir.features.mirror import Mirror
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.features.external_auth import destination_of, expected_destination
from ingc.prove.values import NoValue, canonical


def read_mirror(place: InEffect) -> Mirror | None:
    """Return where copies of requests go; ``None``: there are none."""
    given = [item for item in place.all("mirror") if item.args != ("off",)]
    if not given:
        return None
    inner = place.exact(given[0].args[0])
    if len(given) > 1 or inner is None:
        raise NoValue("service", "several copies, or one for a location that is missing")
    if inner.argument("client_max_body_size", "1m") != "0":
        raise NoValue("body", "copies whose bodies may be too large")
    kept = place.args("mirror_request_body") != ("off",)
    if (inner.args("proxy_pass_request_body") != ("off",)) != kept:
        raise NoValue("body", "a body that is copied and not sent, or the other way round")
    length = inner.header("content-length")
    if kept != (length is None or canonical(length) != ()):
        raise NoValue("body", "a length that is not that of the body")
    if canonical(inner.header("connection")) != ():
        raise NoValue("service", "a connection that is the client's")
    return Mirror(destination_of(inner), kept)


def seen_mirror(expected: ExpectedRoute) -> Mirror | None:
    """Return what can be seen of a route's copies."""
    own = expected.route.feature(Mirror)
    return (
        None if own is None else replace(own, service=expected_destination(own.service, expected))
    )


def check_mirror(feature: Mirror) -> Iterator[tuple[str, ...]]:
    """Yield which service gets a copy."""
    yield "mirror", feature.service.upstream
