"""Names that nginx resolves once, at its start, and does not start without.

https://nginx.org/en/docs/http/ngx_http_upstream_module.html#server
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

from ingc.ir.at_start import service_name
from ingc.ir.config import Config, Route, Settings, Upstream
from ingc.ir.features.canary import Canary
from ingc.ir.features.errors import StandIn
from ingc.syntax.host import EVERY, is_address

_SYSLOG = re.compile(r"syslog:server=(?P<host>\[[0-9A-Fa-f:.]+\]|[^:,]+).*")
_RESOLVER = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:=]+)(?::[0-9]+)?")


def names_at_start(config: Config) -> frozenset[str]:
    """Return the names of upstreams that nginx would resolve at its start."""
    if config.settings.resolver:
        return frozenset()
    every = (*config.upstreams, *config.stream.upstreams)
    return frozenset(name for made in every for name in names_of(made))


def names_of(upstream: Upstream) -> frozenset[str]:
    """Return the names among an upstream's endpoints."""
    return frozenset(item.address for item in upstream.endpoints if item.dns)


def operators_names(settings: Settings) -> frozenset[str]:
    """Return the names of the operator's own servers: of DNS, and of logs."""
    return frozenset(host for host in operators_hosts(settings) if _is_name(host))


def operators_hosts(settings: Settings) -> Iterator[str]:
    """Yield the hosts of the operator's own servers, addresses too, in a fixed order."""
    for form, texts in ((_RESOLVER, settings.resolver), (_SYSLOG, _logs(settings))):
        matches = map(form.fullmatch, texts)
        yield from (found["host"] for found in matches if found)


def with_operators_names_at(settings: Settings, address: str) -> Settings:
    """Return settings with an address in place of the names of the operator's own servers."""
    log = settings.policies.log
    log = dataclasses.replace(log, path=_moved(_SYSLOG, log.path, address))
    tunings = (
        (
            name,
            tuple(_moved(_SYSLOG, arg, address) if isinstance(arg, str) else arg for arg in args),
        )
        if name == "error_log"
        else (name, args)
        for name, args in settings.tunings
    )
    return dataclasses.replace(
        settings,
        resolver=tuple(_moved(_RESOLVER, text, address) for text in settings.resolver),
        policies=dataclasses.replace(settings.policies, log=log),
        tunings=tuple(tunings),
    )


def _logs(settings: Settings) -> Iterator[str]:
    yield settings.policies.log.path
    for name, args in settings.tunings:
        yield from (arg for arg in args if name == "error_log" and isinstance(arg, str))


def _moved(form: re.Pattern[str], text: str, address: str) -> str:
    found = form.fullmatch(text)
    if found is None or not _is_name(found["host"]):
        return text
    return f"{text[: found.start('host')]}{address}{text[found.end('host') :]}"


def _is_name(host: str) -> bool:
    return not is_address(host.strip("[]"))


def allowed_at_start(config: Config) -> frozenset[str]:
    """Return the names that nginx may resolve at its start; with `EVERY` among them, all.

    Found by what rules name, not by what their upstreams have become: a Service's own name is
    allowed to a rule, and no other that its author may write.
    """
    settings = config.settings
    names = {*settings.at_start.names, *operators_names(settings)}
    domain = settings.at_start.services_below
    if not domain or EVERY in names:
        return frozenset(names)
    services = {item.name: item.service for item in config.upstreams}
    for route in (route for host in config.hosts for route in host.routes):
        for upstream in _of_rules(route):
            service = services.get(upstream)
            if service is not None and service.namespace:
                names.add(service_name(service.namespace, service.service, domain))
    return frozenset(names)


def _of_rules(route: Route) -> Iterator[str]:
    """Yield the upstreams of the backends that rules name: not those of annotations."""
    own = getattr(route.action, "upstream", None)
    if own is not None and route.feature(StandIn) is None:
        yield own
    canary = route.feature(Canary)
    if canary is not None:
        yield canary.upstream
