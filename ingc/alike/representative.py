"""A host that stands for all hosts of a shape, under names that nobody else has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count

from ingc.alike.shapes import (
    FILE,
    HOST,
    INGRESS,
    NAMESPACE,
    SERVICE,
    UPSTREAM,
    AlikeHost,
    Name,
    names_of_upstream,
)
from ingc.ir import Certificate, Host, Proxy, Route, ServiceTarget, Upstream

VARIANTS = ("a", "b")
"""Two sets of names. What is made of a host under both differs in these names, or the shape is
none: something depends on how a name is spelt."""


@dataclass(frozen=True, slots=True)
class Representative:
    """A host of a shape, with the upstreams that it uses."""

    host: Host
    names: tuple[str, ...]
    """By their numbers."""
    upstreams: tuple[Upstream, ...]
    """In the order of their numbers."""


def unused_word(names: Iterable[str]) -> str:
    """Return a word that stands in none of some names, however anybody may choose these."""
    text = "\n".join(names)
    return next(word for word in (f"q{number}z" for number in count()) if word not in text)


def representative_of(
    member: AlikeHost, word: str, shape: int, variant: str, upstreams: Mapping[str, Upstream]
) -> Representative:
    """Return a host like a member, under names of its own; ``shape`` is the number of the shape.

    ``word`` stands in no name of a host or an upstream: see `unused_word`.
    """
    made = {name: _made(name[0], at, word, shape, variant) for at, name in enumerate(member.names)}
    used = [upstreams[name] for kind, name in member.names if kind == UPSTREAM]
    return Representative(
        renamed(member.host, made),
        tuple(made.values()),
        tuple(_upstream(item, made, shape, variant, at) for at, item in enumerate(used)),
    )


def _made(kind: int, number: int, word: str, shape: int, variant: str) -> str:
    """Return a name that is no part of another one. The second variant is longer, and sorts the
    other way round."""
    if variant == VARIANTS[0]:
        made, below = f"{word}{shape:06}n{number:03}zq", "invalid"
    else:
        made, below = f"w-{word}{999_999 - shape:06}m{999 - number:03}-longer", "b.example"
    if kind == HOST:
        return f"{made}.{word}.{below}"
    if kind == FILE:
        return f"files/{made}.pem"
    return f"{made}_80" if kind == UPSTREAM else made


def _address(like: str, shape: int, variant: str, upstream: int, number: int) -> str:
    """Return an address of a network of no use; none is a part of another."""
    high, low = divmod(shape, 200)
    if ":" in like:
        return f"2001:db8:{variant}:{high:x}:{low:x}:{upstream:x}::{4096 + number:x}"
    return f"{240 + VARIANTS.index(variant)}.{high}.{low}.{100 + number}"


def renamed(host: Host, made: Mapping[Name, str]) -> Host:
    """Return a host with another name for each of its names; raises `KeyError` for one without."""
    https = host.https
    if https is not None and https.certificate is not None:
        pair = https.certificate
        files = Certificate(made[FILE, pair.certificate], made[FILE, pair.key])
        https = replace(https, certificate=files)
    return replace(
        host,
        name=made[HOST, host.name],
        https=https,
        routes=tuple(_route(route, made) for route in host.routes),
        default=_route(host.default, made),
    )


def _route(route: Route, made: Mapping[Name, str]) -> Route:
    action, origin, service = route.action, route.origin, route.service
    if isinstance(action, Proxy):
        action = Proxy(made[UPSTREAM, action.upstream])
    if origin.name:
        names = made[NAMESPACE, origin.namespace], made[INGRESS, origin.name]
        origin = replace(origin, namespace=names[0], name=names[1])
    if service is not None:
        service = _service(service, made)
    return replace(route, action=action, origin=origin, service=service)


def _service(service: ServiceTarget, made: Mapping[Name, str]) -> ServiceTarget:
    if not service.namespace:
        return service
    names = made[NAMESPACE, service.namespace], made[SERVICE, service.service]
    return replace(service, namespace=names[0], service=names[1])


def _upstream(
    upstream: Upstream, made: Mapping[Name, str], shape: int, variant: str, place: int
) -> Upstream:
    addresses: Sequence[str] = names_of_upstream(upstream)[3:]
    new = {text: _address(text, shape, variant, place, at) for at, text in enumerate(addresses)}
    return replace(
        upstream,
        name=made[UPSTREAM, upstream.name],
        service=_service(upstream.service, made),
        endpoints=tuple(replace(end, address=new[end.address]) for end in upstream.endpoints),
    )
