"""Files of the operator's that modules beyond stock read, and what stands in where they are not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

from ingc.ir import Config, Host, Route, RouteFeature
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.modules import Database, FirewallRules, RulesFile
from ingc.serve.empty_database import empty_database

_EMPTY = "empty-rules.conf"


def rules_files(config: Config) -> Iterator[str]:
    """Yield the files of rules, in a fixed order."""
    for rules in (config.settings.policies.firewall_rules, *_own_rules(config)):
        yield from (item.path for item in rules if isinstance(item, RulesFile))


def _own_rules(config: Config) -> Iterator[FirewallRules]:
    for host in config.hosts:
        for route in (*host.routes, host.default):
            firewall = route.feature(Firewall)
            if firewall is not None:
                yield firewall.rules


def database_files(config: Config) -> Iterator[str]:
    """Yield the databases of geoip2."""
    yield from (item.path for item in config.settings.policies.databases)


def with_module_files(config: Config, folder: Path) -> Config:
    """Return a configuration with empty files, below the folder, in place of those not here."""
    policies = config.settings.policies
    if not policies.databases and not any(True for _ in rules_files(config)):
        return config
    (folder / _EMPTY).touch()
    policies = dataclasses.replace(
        policies,
        firewall_rules=_at_hand(policies.firewall_rules, folder),
        databases=tuple(_database(item, folder) for item in policies.databases),
    )
    return dataclasses.replace(
        config,
        settings=dataclasses.replace(config.settings, policies=policies),
        hosts=tuple(_host(host, folder) for host in config.hosts),
    )


def _host(host: Host, folder: Path) -> Host:
    routes = tuple(_route(route, folder) for route in host.routes)
    return dataclasses.replace(host, routes=routes, default=_route(host.default, folder))


def _route(route: Route, folder: Path) -> Route:
    if route.feature(Firewall) is None:
        return route
    return dataclasses.replace(
        route, features=tuple(_feature(item, folder) for item in route.features)
    )


def _feature(feature: RouteFeature, folder: Path) -> RouteFeature:
    if not isinstance(feature, Firewall):
        return feature
    return dataclasses.replace(feature, rules=_at_hand(feature.rules, folder))


def _at_hand(rules: FirewallRules, folder: Path) -> FirewallRules:
    empty = RulesFile(str(folder / _EMPTY))
    return tuple(
        empty if isinstance(item, RulesFile) and not Path(item.path).is_file() else item
        for item in rules
    )


def _database(database: Database, folder: Path) -> Database:
    if Path(database.path).is_file():
        return database
    path = folder / f"{database.kind}.mmdb"
    path.write_bytes(empty_database(database.kind))
    return dataclasses.replace(database, path=str(path))
