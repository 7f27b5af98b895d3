"""What modules beyond stock need around the servers."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Settings
from ingc.ir.modules import Exporter, lookups_in
from ingc.plan.layout import Directive, EntryBlock, Literal, Map, Value, compose, directive
from ingc.syntax.text import Variable

_Entry = tuple[Value, tuple[Value, ...]]
_DRAWN = Variable("ingc_otel_drawn")
_SAMPLED = Variable("ingc_otel_sampled")
_SOURCE = compose("source=$remote_addr")


def entry_blocks(settings: Settings, *, traced: bool) -> Iterator[EntryBlock]:
    """Yield the databases of geoip2, and where spans go."""
    for database, lookups in lookups_in(settings.policies.databases):
        minutes = database.reload_minutes
        entries: list[_Entry] = [("auto_reload", (f"{minutes}m",))] if minutes else []
        entries += [(Variable(name), (_SOURCE, *by)) for name, by in lookups.items()]
        yield EntryBlock("geoip2", (Literal(database.path),), tuple(entries))
    exporter = settings.policies.exporter
    if traced and exporter is not None:
        where: tuple[_Entry, ...] = (
            ("endpoint", (exporter.endpoint,)),
            ("interval", (f"{exporter.interval}ms",)),
            ("batch_size", (exporter.batch_size,)),
            ("batch_count", (exporter.batch_count,)),
        )
        yield EntryBlock("otel_exporter", (), where)


def tracing(settings: Settings, *, traced: bool) -> tuple[Directive, ...]:
    """Return how nginx calls itself in spans."""
    exporter = settings.policies.exporter
    if not traced or exporter is None:
        return ()
    return (directive("otel_service_name", Literal(exporter.service)),)


def sampled(exporter: Exporter) -> Value:
    """Return which requests get a span: ``on``, ``off``, or the variable of `sampler_maps`."""
    if exporter.parent_based:
        return _SAMPLED
    return _own(exporter)


def _own(exporter: Exporter) -> Value:
    if exporter.sampler == "TraceIdRatioBased":
        return _DRAWN
    return "on" if exporter.sampler == "AlwaysOn" else "off"


def sampler_maps(settings: Settings, *, traced: bool) -> tuple[Map, ...]:
    """Return how requests are sampled.

    Without a parent ``$otel_parent_id`` is empty, and the sampler decides.
    """
    exporter = settings.policies.exporter
    if not traced or exporter is None:
        return ()
    made: list[Map] = []
    if exporter.sampler == "TraceIdRatioBased":
        shares: tuple[tuple[Value, Value], ...] = ((exporter.percent, "on"), ("*", "off"))
        made.append(Map(Variable("otel_trace_id"), _DRAWN, shares, "split_clients"))
    if exporter.parent_based:
        parents: tuple[tuple[Value, Value], ...] = (
            ("", _own(exporter)),
            ("default", Variable("otel_parent_sampled")),
        )
        made.append(Map(Variable("otel_parent_id"), _SAMPLED, parents))
    return tuple(made)
