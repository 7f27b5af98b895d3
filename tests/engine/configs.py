"""Configurations made of those of golden cases, and changes of them that chance chooses."""

from __future__ import annotations

import dataclasses
import random
from functools import cache
from typing import Any

import ingc
from ingc import ir
from tests.engine.sequences import cases


@cache
def golden_configs() -> tuple[ir.Config, ...]:
    """Return the IRs of the golden cases."""
    found = []
    for case, objects in cases():
        result = ingc.compile(list(objects), case.options, on_error="isolate")
        if result.ir is not None:
            found.append(result.ir)
    return tuple(found)


class ConfigSequence:
    """A configuration of the hosts of some golden cases, and what becomes of it."""

    def __init__(self, seed: int) -> None:
        """Choose the cases; the first has its settings."""
        self.chosen = random.Random(seed)  # noqa: S311
        some = self.chosen.sample(golden_configs(), 4)
        self._some = some
        hosts = {item.name: item for config in reversed(some) for item in config.hosts}
        upstreams = {item.name: item for config in reversed(some) for item in config.upstreams}
        self._pool = [(item, config.upstreams) for config in some for item in config.hosts]
        self._features = [
            (route.features, config.upstreams)
            for config in some
            for host in config.hosts
            for route in (*host.routes, host.default)
            if route.features
        ]
        self._later = [name for name in hosts if name and self.chosen.random() < 0.3]
        first = {name: item for name, item in hosts.items() if name not in self._later}
        self.config = self._made(some[0], first, upstreams)

    def _made(self, base: ir.Config, hosts: dict[str, Any], upstreams: dict[str, Any]) -> ir.Config:
        return dataclasses.replace(
            base,
            hosts=tuple(hosts[name] for name in sorted(hosts)),
            upstreams=tuple(upstreams[name] for name in sorted(upstreams)),
        )

    def change(self) -> ir.Config:
        """Return the next configuration: one or two hosts or upstreams are others."""
        hosts = {item.name: item for item in self.config.hosts}
        upstreams = {item.name: item for item in self.config.upstreams}
        for _ in range(self.chosen.choice((1, 1, 1, 2))):
            self.chosen.choice((self._host, self._host, self._host, self._upstream))(
                hosts, upstreams
            )
        base = self.config
        if self.chosen.random() < 0.05:
            other = self.chosen.choice(self._some).settings
            base = dataclasses.replace(base, settings=other)
        self.config = self._made(base, hosts, upstreams)
        return self.config

    def _host(self, hosts: dict[str, Any], upstreams: dict[str, Any]) -> None:
        how = self.chosen.random()
        name = self.chosen.choice(sorted(hosts))
        if how < 0.2 and name:
            del hosts[name]
        elif how < 0.4:
            item = self._taken(self._pool, upstreams)
            hosts[item.name] = item
        elif how < 0.5:
            item = self._taken(self._pool, upstreams)
            hosts["new.test"] = dataclasses.replace(item, name="new.test", features=())
        else:
            hosts[name] = self._another(hosts[name], upstreams)

    def _taken(self, pool: list[Any], upstreams: dict[str, Any]) -> Any:
        """Return something of another configuration, and take its upstreams with it."""
        item, others = self.chosen.choice(pool)
        for each in others:
            upstreams.setdefault(each.name, each)
        return item

    def _another(self, host: ir.Host, upstreams: dict[str, Any]) -> ir.Host:
        how = self.chosen.random()
        if how < 0.1:
            others = [item.https for item, _ in self._pool]
            return dataclasses.replace(host, https=self.chosen.choice(others))
        if not host.routes:
            return dataclasses.replace(host, default=self._route(host.default, upstreams))
        place = self.chosen.randrange(len(host.routes))
        routes = list(host.routes)
        if how < 0.3:
            del routes[place]
        else:
            routes[place] = self._route(routes[place], upstreams)
        return dataclasses.replace(host, routes=tuple(routes))

    def _route(self, route: ir.Route, upstreams: dict[str, Any]) -> ir.Route:
        if self.chosen.random() < 0.5 and self._features:
            features = self._taken(self._features, upstreams)
            return dataclasses.replace(route, features=features)
        if upstreams:
            action = ir.Proxy(self.chosen.choice(sorted(upstreams)))
            return dataclasses.replace(route, action=action)
        return dataclasses.replace(route, action=ir.StatusAnswer(503))

    def _upstream(self, hosts: dict[str, Any], upstreams: dict[str, Any]) -> None:
        if not upstreams:
            return
        name = self.chosen.choice(sorted(upstreams))
        used = {n for host in hosts.values() for r in (*host.routes, host.default)
                for n in r.upstreams}  # fmt: skip
        if name not in used:
            del upstreams[name]
            return
        item = upstreams[name]
        how = self.chosen.random()
        if how < 0.7:
            end = dataclasses.replace(
                item.endpoints[0], address=f"10.7.0.{self.chosen.randrange(250)}", dns=False
            )
            item = dataclasses.replace(item, endpoints=(end, *item.endpoints[1:]))
        else:
            other = self.chosen.choice(sorted(upstreams))
            item = dataclasses.replace(upstreams[other], name=name)
        upstreams[name] = item
