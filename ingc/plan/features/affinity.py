"""Sessions: the forms of an upstream that keep a client on its endpoint by a cookie."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingc.ir import Config, Host, Proxy, Upstream, UpstreamFeature
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.canary import Canary
from ingc.ir.features.protocols import OneRequestConnections
from ingc.ir.features.redirects import HttpsRedirect
from ingc.plan.features.load_balance import BESIDE_COOKIES
from ingc.plan.layout import Directive, Literal, Map, Value, directive
from ingc.plan.pieces import Phase, Piece, RoutePlace, map_of
from ingc.plan.upstreams import STICKY_INFIX, address_of, plan_upstream, resolves_by_variable
from ingc.syntax.digest import digest
from ingc.syntax.text import Text, Variable
from ingc.target import STICKY

UPSTREAM = Variable("ingc_upstream")
"""The variable that a location sets to the upstream's name or address."""
_REQUEST_ID = Variable("request_id")
_NAME_OF_VARIABLE = re.compile(r"[A-Za-z0-9_]+").fullmatch
_MISREADERS = Literal(
    r"~(?:Chrome|CriOS)/[456]|iP(?:hone|od|ad).* OS 12_|Mac OS X 10_14.* Version/.* Safari"
)
"""Browsers that take SameSite=None for Strict, or refuse the cookie."""

Attributes = tuple[str | Variable, ...]


@dataclass(frozen=True, slots=True)
class Clone:
    """An upstream once more, with a method of its own."""

    upstream: Upstream
    """Under the name of the clone."""
    before: tuple[Directive, ...] = ()
    """Stand before its servers."""
    after: tuple[Directive, ...] = ()
    """Stand after them."""


@dataclass(frozen=True, slots=True)
class Balanced:
    """What the pass directive names, and what has to be there for it."""

    where: str | Variable
    maps: tuple[Map, ...] = ()
    clones: tuple[Clone, ...] = ()
    cookies: tuple[Value, ...] = ()
    """Values of Set-Cookie; an empty one sends nothing."""
    fixed: Variable | None = None
    """The variable to set before a rewrite: a map's regex would make nginx forget the rewrite's
    captures."""
    by_name: bool = True
    """False where an address stands for the upstream, so that only a variable may hold it."""


def plan_affinity(_feature: Affinity, place: RoutePlace) -> Iterator[Piece]:
    """The upstream with sessions and its cookies; beside a canary, that one's planner does it."""
    made = alone(place) if place.route.feature(Canary) is None else None
    if made is not None:
        yield from balancing(made, place)


def alone(place: RoutePlace) -> Balanced | None:
    """Return how a route with affinity and no canary names its upstream; ``None``: as it is."""
    action, affinity = place.route.action, place.route.feature(Affinity)
    if not isinstance(action, Proxy) or affinity is None:
        return None
    own = place.upstreams[action.upstream]
    return None if resolves_by_variable(own, place.settings) else side_of(own, affinity, place)


def balancing(made: Balanced, place: RoutePlace) -> Iterator[Piece]:
    """Return what has to be there for a choice of upstreams."""
    blocks = (
        plan_upstream(clone.upstream, place.settings, clone.before, clone.after)
        for clone in made.clones
    )
    # Answers that nginx makes itself, such as redirects, begin no session.
    sent = [
        map_of("answered", Variable("upstream_addr"), ("", ""), ("default", value))
        for value in made.cookies
    ]
    yield Piece(
        response_headers=tuple(("Set-Cookie", value) for value, _ in sent),
        maps=(*made.maps, *(by_answer for _, by_answer in sent)),
        upstreams=tuple(block for block in blocks if block is not None),
    )
    if made.fixed is not None:
        yield Piece(Phase.NAME, (directive("set", UPSTREAM, made.fixed),))


def side_of(upstream: Upstream, affinity: Affinity | None, place: RoutePlace) -> Balanced:
    """Return how one upstream is named."""
    if resolves_by_variable(upstream, place.settings):
        return Balanced(address_of(upstream), by_name=False)
    if affinity is None:
        return Balanced(upstream.name)
    native = place.settings.target >= STICKY
    # nginx's own cookie can't be one that is forgotten at once.
    if native and (affinity.max_age is None or affinity.max_age > 0):
        return _native(upstream, affinity, place)
    return _hashed(upstream, affinity, place)


def _native(upstream: Upstream, affinity: Affinity, place: RoutePlace) -> Balanced:
    """``sticky cookie``; its flag ``secure`` holds for all that the upstream serves."""
    maps: tuple[Map, ...] = ()
    samesite: Value = f"samesite={affinity.samesite}"
    if affinity.conditional:
        attribute, known = _conditional(affinity.samesite)
        samesite, maps = Text(("samesite=", attribute)), (known,)
    args: tuple[Value, ...] = (
        "cookie",
        affinity.name,
        *((f"expires={affinity.max_age}s",) if affinity.max_age else ()),
        *((f"domain={affinity.domain}",) if affinity.domain else ()),
        f"path={affinity.path}",
        "httponly",
        *((samesite,) if affinity.samesite else ()),
    )
    plain = _clone(upstream, after=directive("sticky", *args), kept=BESIDE_COOKIES)
    sent = directive("sticky", *args, "secure")
    secure = _clone(upstream, after=sent, kept=BESIDE_COOKIES)
    match _is_secure(affinity, place):
        case True:
            return Balanced(secure.upstream.name, maps, (secure,))
        case False:
            return Balanced(plain.upstream.name, maps, (plain,))
    names = (("on", secure.upstream.name), ("default", plain.upstream.name))
    chosen, by_scheme = map_of("sticky", Variable("https"), *names)
    return Balanced(chosen, (*maps, by_scheme), (plain, secure))


def _hashed(upstream: Upstream, affinity: Affinity, place: RoutePlace) -> Balanced:
    """A consistent hash of the cookie, which nginx sets by a header where there is none."""
    given, maps = cookie_value(affinity.name)
    key, keyed = map_of("session", given, ("", _REQUEST_ID), ("default", given))
    attributes, more = attributes_of(affinity, place)
    fresh = Text((f"{affinity.name}=", _REQUEST_ID, *attributes))
    cookie, set_once = map_of("set_cookie", given, ("", fresh), ("default", ""))
    clone = _clone(upstream, before=directive("hash", Text((key,)), "consistent"))
    needed = (*maps, keyed, *more, set_once)
    return Balanced(clone.upstream.name, needed, (clone,), (cookie,))


def _clone(
    upstream: Upstream,
    before: Directive | None = None,
    after: Directive | None = None,
    kept: tuple[type[UpstreamFeature], ...] = (),
) -> Clone:
    """Return a form of an upstream; ``kept`` chooses for clients without a cookie."""
    name = f"{upstream.name}{STICKY_INFIX}{digest(before, after)}"
    # What else chooses an endpoint gives way to the cookie.
    stays: tuple[type[UpstreamFeature], ...] = (OneRequestConnections, *kept)
    features = tuple(item for item in upstream.features if isinstance(item, stays))
    renamed = dataclasses.replace(upstream, name=name, features=features)
    return Clone(renamed, (before,) if before else (), (after,) if after else ())


def attributes_of(affinity: Affinity, place: RoutePlace) -> tuple[Attributes, tuple[Map, ...]]:
    """Return what stands behind the value of a cookie, and the maps that it needs."""
    parts: list[str | Variable] = [f"; Path={affinity.path}"]
    maps: list[Map] = []
    if affinity.max_age is not None:
        parts.append(f"; Max-Age={affinity.max_age}")
    if affinity.domain:
        parts.append(f"; Domain={affinity.domain}")
    parts.append("; HttpOnly")
    if affinity.conditional:
        attribute, known = _conditional(f"; SameSite={affinity.samesite}")
        parts.append(attribute)
        maps.append(known)
    elif affinity.samesite:
        parts.append(f"; SameSite={affinity.samesite}")
    secure = _is_secure(affinity, place)
    if secure is None:
        flag, by_scheme = map_of("secure", Variable("https"), ("on", "; Secure"), ("default", ""))
        parts.append(flag)
        maps.append(by_scheme)
    elif secure:
        parts.append("; Secure")
    return tuple(parts), tuple(maps)


def _conditional(text: str) -> tuple[Variable, Map]:
    source = Variable("http_user_agent")
    return map_of("samesite", source, (_MISREADERS, ""), ("default", text))


def _is_secure(affinity: Affinity, place: RoutePlace) -> bool | None:
    """Return whether the cookie is Secure; ``None``: it depends on the request's scheme."""
    https = _serves_https(place.host, place.config)
    if affinity.secure or (https and place.route.feature(HttpsRedirect)):
        return True
    return None if https else False


def _serves_https(host: Host, config: Config) -> bool:
    own = host.https is not None and host.https.certificate is not None
    return own or config.settings.default_certificate is not None


def cookie_value(name: str) -> tuple[Variable, tuple[Map, ...]]:
    """Return the variable with a cookie's value, and the maps that it needs."""
    if _NAME_OF_VARIABLE(name):
        return Variable(f"cookie_{name.lower()}"), ()
    escaped = name.replace(".", "[.]")
    pattern = Literal(f"~(?:^|; *){escaped}=(?<ingc_cookie>[^;]*)")
    source, found = Variable("http_cookie"), Variable("ingc_cookie")
    variable, made = map_of("cookie", source, (pattern, found), ("default", ""))
    return variable, (made,)
