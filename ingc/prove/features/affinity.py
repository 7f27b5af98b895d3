"""Sessions that stay on their endpoint by a cookie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ingc.ir import Proxy
from ingc.ir.features.affinity import Affinity, SameSite
from ingc.ir.features.canary import Canary, side_cookie
from ingc.ir.features.redirects import HttpsRedirect
from ingc.model.tree import Statement
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.unequal import Unequal
from ingc.prove.upstream_blocks import SESSIONS
from ingc.prove.values import NoValue, read_number
from ingc.prove.witness import Witness
from ingc.prove.written import REQUEST
from ingc.syntax.request import Request

_FRESH = REQUEST["request_id"].decode()
_GIVEN = "0123"
_BROWSER = b"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_MISREADERS = (
    b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/51.0.2704.103 Safari/537.36",
    b"Mozilla/5.0 (iPhone; CPU iPhone OS 12_4 like Mac OS X) Version/12.1 Safari/604.1",
)
"""Browsers that take SameSite=None for Strict, or refuse the cookie."""
_SAME_SITES: Mapping[str, SameSite] = {"none": "None", "lax": "Lax", "strict": "Strict"}


def read_affinity(place: InEffect) -> Affinity | None:
    """Return the cookie that keeps requests for `InEffect.upstream` on their endpoint."""
    blocks = [
        place.written.upstreams[name]
        for name in sorted(place.passed_to)
        if name.partition(SESSIONS)[0] == place.upstream and name in place.written.upstreams
    ]
    found = {_read(block, place) for block in blocks}
    if len(found) > 1:
        raise NoValue("name", "several cookies, or requests without one")
    return next(iter(found), None)


def _read(block: Statement, place: InEffect) -> Affinity | None:
    sticky = block.first("sticky")
    if sticky is not None:
        if sticky.args[0] != "cookie":
            raise NoValue("name", f"sessions by {sticky.args[0]}")
        return _of_attributes(place, sticky.args[1], sticky.args[2:])
    if not SESSIONS[1:] or SESSIONS not in block.args[0]:
        return None
    return _hashed(block, place)


def _hashed(block: Statement, place: InEffect) -> Affinity:
    """Return the cookie whose hash chooses the endpoint, and which nginx sets where it is none."""
    key = block.first("hash")
    if key is None or key.args[1:] != ("consistent",):
        raise NoValue("name", "no hash that keeps most clients where they are")
    cookies = {text.partition("=")[0]: text for text in _set(place)}
    for name, text in cookies.items():
        given = {f"cookie_{name.lower()}": b"0123", "http_cookie": f"x=y; {name}=0123".encode()}
        if place.expand(key.args[0], **given) != _GIVEN or place.expand(key.args[0]) != _FRESH:
            continue
        side = cookies.get(side_cookie(name))
        found = _of_attributes(place, *_taken_apart(text))
        if side is not None and replace(_of_attributes(place, *_taken_apart(side)), name=name) != (
            found
        ):
            raise NoValue("name", "a cookie of the canary that is not like that of the session")
        return found
    raise NoValue("name", "no cookie that is hashed")


def _set(place: InEffect) -> Iterator[str]:
    """Yield what is sent as Set-Cookie to a client without it, variables as they are written."""
    for item in place.all("add_header"):
        if item.args[0].lower() == "set-cookie":
            for key, text in place.values(item.args[1]):
                if key in ("", "default") and "=" in text.partition("$")[0]:
                    yield text


def _taken_apart(cookie: str) -> tuple[str, tuple[str, ...]]:
    name, _, rest = cookie.partition("=")
    return name, (rest.partition(";")[1] + rest.partition(";")[2],)


def _of_attributes(place: InEffect, name: str, attributes: tuple[str, ...]) -> Affinity:
    """Return a cookie by its attributes, those of ``sticky cookie`` or of a header."""
    usual = _attributes(place, attributes, _BROWSER)
    others = [_attributes(place, attributes, agent) for agent in _MISREADERS]
    if "httponly" not in usual:
        raise NoValue("name", "a cookie that scripts can read")
    without = {key: value for key, value in usual.items() if key != "samesite"}
    conditional = "samesite" in usual and all(other == without for other in others)
    if not conditional and any(other != usual for other in others):
        raise NoValue("conditional", "a cookie that some browsers get otherwise")
    age = usual.get("max-age", usual.get("expires", "").removesuffix("s"))
    return Affinity(
        name=name,
        path=usual.get("path", ""),
        domain=usual.get("domain", ""),
        max_age=_age(age),
        samesite=_SAME_SITES.get(usual.get("samesite", "").lower(), ""),
        conditional=conditional,
        secure="secure" in usual,
    )


def side_differs(place: InEffect, expected: ExpectedRoute) -> Unequal | None:
    """Return the difference where the cookie of a client's side is missing or not expected."""
    own, canary = expected.route.feature(Affinity), expected.route.feature(Canary)
    if own is None or not isinstance(expected.route.action, Proxy):
        return None
    wanted = canary is not None and canary.sticky
    found = side_cookie(own.name) in {text.partition("=")[0] for text in _set(place)}
    return None if found == wanted else Unequal("Canary", "sticky", str(wanted), str(found))


def vary_affinity(affinity: Affinity, plain: Request) -> Iterator[Witness]:
    """Yield requests of clients that have a session, and a side where there is a canary."""
    side = side_cookie(affinity.name)
    for cookie in (f"{affinity.name}={_GIVEN}", f"{side}=canary", f"{side}=primary"):
        yield Witness(plain._replace(headers=(*plain.headers, ("Cookie", cookie))), cookie)


def _age(text: str) -> int | None:
    """A cookie whose age is negative is forgotten at once."""
    number = read_number(text.removeprefix("-"), "max_age") if text else None
    return -number if number is not None and text.startswith("-") else number


def _attributes(place: InEffect, attributes: tuple[str, ...], agent: bytes) -> dict[str, str]:
    found = {}
    for attribute in attributes:
        text = place.expand(attribute, http_user_agent=agent) if "$" in attribute else attribute
        for item in text.split(";") if text.startswith(";") else (text,):
            key, _, value = item.strip().partition("=")
            if key and (value or "=" not in item):
                found[key.lower()] = value
    return found


def seen_affinity(expected: ExpectedRoute) -> Affinity | None:
    """Return what can be seen of a route's cookie, which on https is always Secure."""
    own, action = expected.route.feature(Affinity), expected.route.action
    if own is None or not isinstance(action, Proxy):
        return None
    canary = expected.route.feature(Canary)
    whole = canary is not None and canary.percent >= 100
    has_forms = action.upstream in expected.written.with_sessions
    if not has_forms and (whole or expected.called(action.upstream) != action.upstream):
        return None  # a name that is resolved for each request has one address
    only_https = expected.https and expected.route.feature(HttpsRedirect) is not None
    return replace(own, secure=own.secure or expected.scheme == "https" or only_https)
