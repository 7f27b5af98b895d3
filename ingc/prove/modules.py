"""What modules beyond stock have around the servers: rules, databases, where spans go."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ingc.ir import Config
from ingc.ir.module_use import is_traced, loaded_files, shared_rules
from ingc.ir.modules import Exporter, lookups_in
from ingc.model.tree import Content, Statement
from ingc.prove.features.modsecurity import lines_of, rules_in
from ingc.prove.unequal import Unequal
from ingc.prove.values import canonical, milliseconds, render

OF_MODULES = frozenset(
    {"load_module", "modsecurity_rules", "modsecurity_rules_file", "otel_service_name"}
)
"""Directives that stand around the servers and are compared here."""


def modules_differ(config: Config, main: Sequence[Statement], http: Statement) -> Unequal | None:
    """Return the first difference between what modules do for everybody and the IR."""
    settings = config.settings
    if not settings.fragment:
        module = config.stream.module if config.needs_stream else None
        wanted = (*((module,) if module else ()), *loaded_files(config))
        found = tuple(item.args[0] for item in main if item.name == "load_module")
        if found != wanted:
            return Unequal("Settings", "modules", render(wanted), render(found))
    rules, there = shared_rules(config), rules_in(lines_of(http))
    if there != rules:
        return Unequal("Policies", "firewall_rules", render(rules), render(there))
    return _databases_differ(config, http) or _exporter_differs(config, http)


def _databases_differ(config: Config, http: Statement) -> Unequal | None:
    wanted = tuple(_databases(config))
    found = tuple(item.content for item in http.all("geoip2"))
    if wanted == found:
        return None
    return Unequal("Policies", "databases", render(wanted), render(found))


def _databases(config: Config) -> Iterator[Content]:
    for database, lookups in lookups_in(config.settings.policies.databases):
        minutes = database.reload_minutes
        reload: list[Content] = [("auto_reload", (f"{minutes}m",), None)] if minutes else []
        by: list[Content] = [
            (f"${name}", ("source=$remote_addr", *path), None) for name, path in lookups.items()
        ]
        yield "geoip2", (database.path,), (*reload, *by)


def _exporter_differs(config: Config, http: Statement) -> Unequal | None:
    wanted = config.settings.policies.exporter if is_traced(config) else None
    blocks, names = http.all("otel_exporter"), http.all("otel_service_name")
    if wanted is None:
        found = next(iter((*blocks, *names)), None)
        return Unequal("Policies", "exporter", "none", found.name) if found is not None else None
    if len(blocks) != 1 or len(names) != 1:
        return Unequal("Policies", "exporter", "one", f"{len(blocks)} of {len(names)} names")
    expected = dict(_fields(wanted))
    has = {"service": names[0].args[0], **_entries(blocks[0].block or ())}
    for field in {**expected, **has}:
        if canonical(expected.get(field)) != canonical(has.get(field)):
            want, there = render(expected.get(field)), render(has.get(field))
            return Unequal("Policies", f"exporter.{field}", want, there)
    return None


def _fields(exporter: Exporter) -> Iterator[tuple[str, object]]:
    yield "service", exporter.service
    yield "endpoint", exporter.endpoint
    yield "interval", exporter.interval
    yield "batch_size", exporter.batch_size
    yield "batch_count", exporter.batch_count


def _entries(lines: Iterable[Statement]) -> dict[str, object]:
    return {
        item.name: milliseconds(item.args[0]) if item.name == "interval" else item.args[0]
        for item in lines
    }
