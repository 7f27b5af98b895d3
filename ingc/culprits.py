"""Whose part it is where nginx would not start.

Of names that collide, those of the namespace that has the most of them are left out, its youngest
Ingresses first, until the rest fits; among namespaces that have the same, the youngest comes first.
Age alone would be no measure: who knows a name that is to come can make others that collide with
it. And by mere chance nobody has even a few.
"""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from ingc.diagnostics import Entry, Origin
from ingc.diagnostics.catalogue.internal import NginxRefuses, TooManyNamesCollide
from ingc.frontend.configmap.declare import Key
from ingc.frontend.intent import Intent
from ingc.frontend.registry import KEYS
from ingc.ir import ANY_HOST, Config, Host, Route
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.ir.features.card import HostFeature
from ingc.k8s.config_map import ConfigMap
from ingc.merge import in_order
from ingc.merge.owners import place_of
from ingc.prove import Share, Unstartable
from ingc.syntax.hash_table import FULLEST, element
from ingc.syntax.host import twin_of


@dataclass(frozen=True, slots=True)
class Suspects:
    """Who wrote what a configuration is made of."""

    intents: Iterable[Intent]
    """In any order."""
    settings: ConfigMap | None
    """The ConfigMap of global settings."""


@dataclass(frozen=True, slots=True)
class Culprit:
    """What one author must change, and what is left out until then."""

    entry: Entry
    origin: Origin
    names: frozenset[str]
    """Names of hosts that are left out."""
    routes: frozenset[tuple[str, str]]
    """The routes that answer 503: the host, and the route's origin as text."""
    directive: str = ""
    """The setting of the ConfigMap that is left out; no route serves anybody then, since what holds
    for everybody is not as it was meant."""


class _Owner(NamedTuple):
    """An Ingress."""

    age: int
    """Its place among all, the oldest first."""
    namespace: str
    name: str
    """``namespace/name``."""


class _Claims(NamedTuple):
    """Who named what first."""

    hosts: Mapping[str, tuple[_Owner, Origin]]
    """By the name of a host, an alias or a twin: its owner, and where that one names it."""
    ingresses: Mapping[str, _Owner]
    """By ``namespace/name``."""


def find_culprits(found: Iterable[Unstartable], suspects: Suspects) -> tuple[Culprit, ...]:
    """Return whose part each refusal is; none where nobody has a share in one."""
    owned = {
        _Owner(age, intent.namespace, intent.name): intent
        for age, intent in enumerate(in_order(suspects.intents))
    }
    claims = _Claims(_hosts(owned), {owner.name: owner for owner in owned})
    culprits: list[Culprit] = []
    for item in found:
        culprits += _culprits_of(item, claims) or _setting(item, suspects.settings)
    return tuple(culprits)


def _hosts(owned: Mapping[_Owner, Intent]) -> dict[str, tuple[_Owner, Origin]]:
    """Return who names each host first: a rule, else an alias or a twin."""
    named: dict[str, tuple[_Owner, Origin]] = {}
    for owner, intent in owned.items():
        for host in intent.hosts if intent.canary is None else ():
            if host not in named:
                named[host] = owner, place_of(intent, host)
    for owner, intent in owned.items():
        for setting in intent.asked.hosts:
            for name in _names_of(setting.feature, intent.hosts):
                named.setdefault(name, (owner, setting.origin))
    return named


def _names_of(feature: object, hosts: Iterable[str]) -> Iterator[str]:
    if isinstance(feature, Alias):
        yield from feature.names
    elif isinstance(feature, WwwRedirect):
        yield from filter(None, map(twin_of, hosts))


def _setting(found: Unstartable, settings: ConfigMap | None) -> list[Culprit]:
    """Return the key of the ConfigMap that gives a directive its value."""
    if settings is None or not found.directive:
        return []
    for key in KEYS.values():
        given = isinstance(key, Key) and found.directive in (key.sets, key.see)
        if given and key.name in settings.data:
            entry = NginxRefuses(why=found.why)
            place = settings.place_of(key.name)
            return [Culprit(entry, place, frozenset(), frozenset(), found.directive)]
    return []


def _culprits_of(found: Unstartable, claims: _Claims) -> list[Culprit]:
    shares: dict[_Owner, list[Share]] = defaultdict(list)
    for share in found.shares:
        owner = _owner(share, claims)
        if owner is not None:
            shares[owner].append(share)
    sizes: Counter[str] = Counter()
    youngest: dict[str, int] = {}
    for owner in sorted(shares):
        sizes[owner.namespace] += _size(shares[owner])
        youngest[owner.namespace] = owner.age

    def weight(owner: _Owner) -> tuple[int, int, int]:
        return sizes[owner.namespace], youngest[owner.namespace], owner.age

    culprits = []
    left = _size(found.shares)
    for owner in sorted(shares, key=weight, reverse=True):
        culprits.append(_culprit(found, owner, shares[owner], claims))
        left -= _size(shares[owner])
        if found.size is not None and left <= FULLEST:
            break
    return culprits


def _size(shares: Iterable[Share]) -> int:
    return sum(element(share.name) for share in shares)


def _owner(share: Share, claims: _Claims) -> _Owner | None:
    """Return the oldest Ingress that has a share."""
    if share.host is not None:
        return claims.hosts[share.name][0] if share.name in claims.hosts else None
    found = (claims.ingresses.get(route.origin.ingress) for _, route in share.routes)
    return min((owner for owner in found if owner is not None), default=None)


def _culprit(
    found: Unstartable, owner: _Owner, shares: Sequence[Share], claims: _Claims
) -> Culprit:
    entry: Entry = NginxRefuses(why=found.why)
    if found.size is not None and len(found.shares) > 1:
        example = shares[0].name
        entry = TooManyNamesCollide(count=len(found.shares), own=len(shares), example=example)
    return Culprit(
        entry,
        _place(owner, shares[0], claims),
        frozenset(share.name for share in shares if share.host is not None),
        frozenset((host.name, str(r.origin)) for share in shares for host, r in share.routes),
    )


def _place(owner: _Owner, share: Share, claims: _Claims) -> Origin:
    """Return where an Ingress requests what it has a share in."""
    if share.host is not None:
        return claims.hosts[share.name][1]
    routes = (route.origin for _, route in share.routes)
    origin = next(origin for origin in routes if origin.ingress == owner.name)
    return Origin(origin.object, origin.path, origin.source)


def leave_out(config: Config, culprits: Iterable[Culprit]) -> Config:
    """Return a configuration without what culprits must change first."""
    found = tuple(culprits)
    directives = frozenset(culprit.directive for culprit in found if culprit.directive)
    if directives:
        tunings = tuple(item for item in config.settings.tunings if item[0] not in directives)
        settings = dataclasses.replace(config.settings, tunings=tunings)
        silenced = tuple(host.silenced() for host in config.hosts)
        config = dataclasses.replace(config, settings=settings, hosts=silenced)
    names = frozenset(name for culprit in found for name in culprit.names)
    routes = frozenset(route for culprit in found for route in culprit.routes)
    hosts = (
        _less(host, names, routes)
        for host in config.hosts
        if host.name == ANY_HOST or host.name not in names
    )
    return dataclasses.replace(config, hosts=tuple(hosts)) if found else config


def _less(host: Host, names: frozenset[str], routes: frozenset[tuple[str, str]]) -> Host:
    def silenced(route: Route) -> Route:
        return route.silenced() if (host.name, str(route.origin)) in routes else route

    less = dataclasses.replace(
        host,
        routes=tuple(map(silenced, host.routes)),
        default=silenced(host.default),
        features=tuple(_features(host, names)),
    )
    return host if less == host else less


def _features(host: Host, names: frozenset[str]) -> Iterator[HostFeature]:
    for feature in host.features:
        if isinstance(feature, Alias):
            left = tuple(name for name in feature.names if name not in names)
            if left:
                yield dataclasses.replace(feature, names=left)
        elif not isinstance(feature, WwwRedirect) or host.twin not in names:
            yield feature
