"""Plans that are broken at one place: the proof has to see it whether much is kept or nothing."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from unittest import mock

from ingc import ir
from ingc.plan import config as planning
from ingc.plan.layout import Group, Layout, Map, Server, directive
from ingc.plan.parts import HostPart

whole_frame, whole_hosts = planning.plan_frame, planning.plan_hosts


class Broken:
    """Plans one host, or the frame, otherwise than it should."""

    def __init__(self, seed: int, host: str, pool: list[ir.Host]) -> None:
        """Choose how; ``host`` is the one that may be broken."""
        self._seed, self._host, self._pool = seed, host, pool
        self.of_frame = random.Random(seed).random() < 0.5  # noqa: S311
        self.called = False

    @contextmanager
    def planning(self) -> Iterator[None]:
        """Break what plans in the block."""
        with (
            mock.patch("ingc.plan.config.plan_frame", self._frame),
            mock.patch("ingc.engine.step.plan_frame", self._frame),
            mock.patch("ingc.plan.config.plan_hosts", self._hosts),
            mock.patch("ingc.engine.step.plan_hosts", self._hosts),
        ):
            yield

    def _hosts(self, hosts: Iterable[ir.Host], *rest: object) -> list[HostPart]:
        parts = whole_hosts(hosts, *rest)  # type: ignore[arg-type]
        if self.of_frame:
            return parts
        made = []
        for host, part in zip(hosts, parts, strict=True):
            if host.name != self._host:
                made.append(part)
                continue
            self.called = True
            made.append(self._part(host, part, rest))
        return made

    def _part(self, host: ir.Host, part: HostPart, rest: tuple[object, ...]) -> HostPart:
        chosen = random.Random(self._seed)  # noqa: S311
        how = chosen.random()
        if how < 0.3 and host.routes:
            place = chosen.randrange(len(host.routes))
            route = host.routes[place]
            less = dataclasses.replace(
                route, features=tuple(f for f in route.features if chosen.random() < 0.6)
            )
            routes = (*host.routes[:place], less, *host.routes[place + 1 :])
            other = dataclasses.replace(host, routes=routes)
        elif how < 0.4:
            other = dataclasses.replace(host, https=None)
        elif how < 0.5:
            return dataclasses.replace(part, servers=part.servers[1:])
        elif how < 0.9 and part.servers:
            return dataclasses.replace(part, servers=tuple(_broken(part.servers, chosen)))
        else:
            names = [item.name for item in self._pool if item.name]
            other = dataclasses.replace(host, name=chosen.choice(names)) if names else host
        (broken,) = whole_hosts([other], *rest)  # type: ignore[arg-type]
        return broken

    def _frame(self, *args: object) -> Layout:
        layout = whole_frame(*args)  # type: ignore[arg-type]
        if not self.of_frame:
            return layout
        self.called = True
        chosen = random.Random(self._seed)  # noqa: S311
        how = chosen.random()
        if how < 0.3:
            place = chosen.randrange(len(layout.maps))
            return dataclasses.replace(layout, maps=_without(layout.maps, place))
        if how < 0.5:
            place = chosen.randrange(len(layout.maps))
            item = layout.maps[place]
            broken = Map(item.source, item.variable, item.entries[:-1], item.name, item.flags)
            maps = (*layout.maps[:place], broken, *layout.maps[place + 1 :])
            return dataclasses.replace(layout, maps=maps)
        if how < 0.65 and layout.upstreams:
            place = chosen.randrange(len(layout.upstreams))
            return dataclasses.replace(layout, upstreams=_without(layout.upstreams, place))
        if how < 0.85:
            return dataclasses.replace(layout, servers=tuple(_broken(layout.servers, chosen)))
        place = chosen.randrange(len(layout.http))
        group = layout.http[place]
        less = Group(
            group.title, _without(group.directives, chosen.randrange(len(group.directives)))
        )
        http = (*layout.http[:place], less, *layout.http[place + 1 :])
        return dataclasses.replace(layout, http=http)


@contextmanager
def broken_frames(breaks: Callable[[Layout], Layout]) -> Iterator[None]:
    """Break each frame that is planned in the block."""

    def broken(*args: object) -> Layout:
        return breaks(whole_frame(*args))  # type: ignore[arg-type]

    with (
        mock.patch("ingc.plan.config.plan_frame", broken),
        mock.patch("ingc.engine.step.plan_frame", broken),
    ):
        yield


def _without(items: tuple, place: int) -> tuple:  # type: ignore[type-arg]
    return items[:place] + items[place + 1 :]


def _broken(servers: tuple[Server, ...], chosen: random.Random) -> list[Server]:
    """Leave a line out of a server, or out of a location, or let it have a name more."""
    found = list(servers)
    place = chosen.randrange(len(found))
    server = found[place]
    how = chosen.random()
    if how < 0.5 and server.locations:
        at = chosen.randrange(len(server.locations))
        location = server.locations[at]
        if location.directives:
            less = _without(location.directives, chosen.randrange(len(location.directives)))
            location = dataclasses.replace(location, directives=less)
        locations = (*server.locations[:at], location, *server.locations[at + 1 :])
        found[place] = dataclasses.replace(server, locations=locations)
    elif how < 0.8:
        less = _without(server.directives, chosen.randrange(len(server.directives)))
        found[place] = dataclasses.replace(server, directives=less)
    else:
        name = chosen.choice(("shop.test", "a.test", "new.test", "nobody.test"))
        more = (*server.directives, directive("server_name", name))
        found[place] = dataclasses.replace(server, directives=more)
    return found
