"""Which modules beyond stock a configuration needs: what nothing needs is not loaded."""

from __future__ import annotations

from ingc.ir.config import Config
from ingc.ir.features.card import RouteFeature
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.features.tracing import Traced
from ingc.ir.modules import FirewallRules

_NEEDED_BY: dict[type[RouteFeature], str] = {Firewall: "modsecurity", Traced: "opentelemetry"}
_DIRECTIVES = {"brotli": "brotli", "more_clear_headers": "headers-more"}


def loaded_files(config: Config) -> tuple[str, ...]:
    """Return the files that nginx loads, by the names of their modules."""
    files = config.settings.modules
    if not files:
        return ()
    needed = {_DIRECTIVES[name] for name, _ in config.settings.tunings if name in _DIRECTIVES}
    needed.update(_NEEDED_BY[kind] for kind in _kinds(config) if kind in _NEEDED_BY)
    if config.settings.policies.databases:
        needed.add("geoip2")
    return tuple(item.file for item in files if item.name in needed)


def is_traced(config: Config) -> bool:
    """Return whether some request may get a span."""
    return config.settings.policies.exporter is not None and Traced in _kinds(config)


def shared_rules(config: Config) -> FirewallRules:
    """Return the rules of ModSecurity that all routes with a firewall have, if there is one."""
    rules = config.settings.policies.firewall_rules
    return rules if rules and Firewall in _kinds(config) else ()


def _kinds(config: Config) -> set[type[RouteFeature]]:
    routes = (route for host in config.hosts for route in (*host.routes, host.default))
    return {type(item) for route in routes for item in route.features}
