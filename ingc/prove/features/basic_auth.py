"""Users with a password."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Route
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.external_auth import ExternalAuth
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.values import read_plain
from ingc.prove.witness import Witness
from ingc.syntax.request import Request

_NONE = "off"
"""What switches it off, as nginx has it."""


def read_basic_auth(place: InEffect) -> BasicAuth | None:
    """Return whose password nginx requires; ``None``: nobody's."""
    realm = place.argument("auth_basic", _NONE)
    if realm == _NONE:
        return None
    return BasicAuth(read_plain(realm), read_plain(place.argument("auth_basic_user_file", "")))


def seen_basic_auth(expected: ExpectedRoute) -> BasicAuth | None:
    """Return whose password a route requires."""
    return expected.route.feature(BasicAuth)


def check_basic_auth(feature: BasicAuth) -> Iterator[tuple[str, ...]]:
    """Yield whose password a request has to have."""
    yield "auth_basic", feature.realm, feature.file


def vary_basic_auth(_feature: BasicAuth, plain: Request) -> Iterator[Witness]:
    """Yield a request without a password."""
    yield Witness(plain._replace(password=False), "no password")


def forward_basic_auth(
    _feature: BasicAuth, _host: Host, route: Route
) -> Iterator[tuple[str, str | None]]:
    """No backend gets the password, unless an authentication service sets what it gets."""
    expected = route.feature(ExternalAuth)
    names = expected.response_headers if expected is not None else ()
    if not any(name.lower() == "authorization" for name in names):
        yield "Authorization", ""
