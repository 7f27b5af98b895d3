"""Whatever two sides are, compared: compiled inputs by the oracle, nginx.confs by the model."""

from __future__ import annotations

from ingc.compiler import Result, print_config
from ingc.diff.compiled import compare as compare_configs
from ingc.diff.conf import compare_confs
from ingc.diff.difference import Comparison
from ingc.diff.migration import compare_migration
from ingc.diff.sides import MigrationSide, compiled_side, controller_side
from ingc.explain.conf.api import BadConf, Conf
from ingc.explain.conf.evidence import WatchedObjects, upstream_name
from ingc.explain.conf.reading import conf_of
from ingc.ir import Config, Proxy

Side = Config | Conf


class SideNotProved(Exception):
    """A side can't be printed as an nginx.conf; this is a mistake of ours."""


def compare(
    old: Result | Conf, new: Result | Conf, evidence: WatchedObjects | None = None
) -> Comparison:
    """Return which requests are answered otherwise by the new side, each with an example.

    ``evidence`` is what the objects tell of an ingress-nginx whose own nginx.conf a side is.
    Raises `LookupError` where nothing was compiled.
    """
    return compare_sides(_side(old), _side(new), ("old", "new"), evidence)


def compare_sides(
    old: Side, new: Side, names: tuple[str, str], evidence: WatchedObjects | None = None
) -> Comparison:
    """Compare two sides; where one is an nginx.conf, the other is printed as one.

    ``names`` are those of the sides, for places in what is printed; ``evidence`` is what the
    objects of the one tell of a controller whose nginx.conf the other is. Raises `SideNotProved`.
    """
    if isinstance(old, Config) and isinstance(new, Config):
        return compare_configs(old, new)
    if _is_migration(old, new) or _is_migration(new, old):
        found = evidence or _known_of(old if isinstance(old, Config) else new)
        return compare_migration(
            _side_of(old, names[0], found), _side_of(new, names[1], found), found
        )
    both = isinstance(old, Conf) and isinstance(new, Conf)
    return compare_confs(_as_conf(old, names[0]), _as_conf(new, names[1]), directives=both)


def _is_migration(one: Side, other: Side) -> bool:
    """Return whether one is a controller's own nginx.conf, and the other is compiled."""
    return isinstance(one, Conf) and one.controller is not None and isinstance(other, Config)


def _known_of(side: Side) -> WatchedObjects:
    """Return what is known of Services by their routes alone."""
    if not isinstance(side, Config):
        return WatchedObjects()
    numbers = {item.name: item.service.port for item in side.upstreams}
    ports = {
        (route.service.name, str(route.service.port)): int(numbers[route.action.upstream])
        for host in side.hosts
        for route in (*host.routes, host.default)
        if route.service is not None and isinstance(route.action, Proxy)
        if str(numbers[route.action.upstream]).isdecimal()
    }
    named = {
        upstream_name(item.service.name, item.service.port): item.service
        for item in side.upstreams
        if str(item.service.port).isdecimal()
    }
    return WatchedObjects(
        services=frozenset(item.service.name for item in side.upstreams),
        ports=ports,
        upstreams={name: (item.name, int(item.port)) for name, item in named.items()},
    )


def _side_of(side: Side, name: str, evidence: WatchedObjects) -> MigrationSide:
    if isinstance(side, Conf):
        return controller_side(side, evidence)
    return compiled_side(_as_conf(side, name), side)


def _side(source: Result | Conf) -> Side:
    if isinstance(source, Conf):
        return source
    if source.ir is None:
        raise LookupError("nothing was compiled, so nothing can be compared")
    return source.ir


def _as_conf(side: Side, name: str) -> Conf:
    if isinstance(side, Conf):
        return side
    text, layout, mismatch = print_config(side)
    if mismatch is not None:
        raise SideNotProved(f"{name}: the configuration could not be proved")
    title = f"{name} (compiled)"
    try:
        return conf_of(text, side.settings.target, fragment=layout.fragment, name=title)
    except BadConf as error:
        raise SideNotProved(f"{name}: the configuration could not be proved: {error}") from error
