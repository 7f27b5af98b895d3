"""The line of stages, from plain objects to a proved configuration."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ingc import ir
from ingc.collector import collector_paused
from ingc.diagnostics import Diagnostic, Origin, Severity, Sink
from ingc.diagnostics.catalogue.internal import HostNotProved, ProofFailed
from ingc.emit import render
from ingc.frontend import read_config_map, read_intent, read_port_services, select_ingresses
from ingc.k8s.store import Typed, read_objects
from ingc.load.document import Document
from ingc.match import Match, Oracle
from ingc.match.canary import Headers
from ingc.merge import merge, upstream_uses
from ingc.options import OnError, Options, check_options
from ingc.plan import Layout, plan
from ingc.plan.layout import Unsafe
from ingc.prove import Mismatch, prove_structure
from ingc.resolve import resolve
from ingc.routes import RouteRow, table
from ingc.syntax.token import Unprintable

Objects = Iterable[Mapping[str, Any] | Typed]


@dataclass(frozen=True)
class Result:
    """What a compile gives."""

    ok: bool
    """True where a configuration may be used; in isolate mode also beside errors."""
    config: str | None
    """The text of nginx.conf; ``None`` where not `ok`."""
    files: tuple[ir.OutputFile, ...]
    """What has to lie beside nginx.conf, certificates and keys; empty where not `ok`."""
    diagnostics: tuple[Diagnostic, ...]
    """Everything found, by file, line and column."""
    ir: ir.Config | None = field(repr=False)
    """The IR that was compiled; there also where errors kept it from being used."""

    @cached_property
    def oracle(self) -> Oracle:
        """The oracle over the IR. Raises `LookupError` where there is none."""
        if self.ir is None:
            raise LookupError("nothing was compiled, so no request can be matched")
        return Oracle(self.ir)

    @cached_property
    def routes(self) -> tuple[RouteRow, ...]:
        """The table of routes: hosts by name, the paths of each in the order of precedence."""
        return table(self.ir) if self.ir else ()

    def match(
        self,
        host: str | bytes,
        target: str | bytes,
        *,
        scheme: str = "http",
        method: str = "GET",
        headers: Headers = (),
    ) -> Match:
        """Return which route takes a request; see `ingc.match.Oracle.match`."""
        return self.oracle.match(host, target, scheme=scheme, method=method, headers=headers)

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are errors."""
        return tuple(d for d in self.diagnostics if d.severity is Severity.ERROR)


def compile(
    objects: Objects, options: Options | None = None, *, on_error: OnError = "fail"
) -> Result:
    """Compile Kubernetes objects, plain dicts or typed ones, to a proved nginx configuration.

    ``on_error="fail"`` gives no configuration where anything is an error; ``"isolate"`` lets a
    bad object lose only its own routes, which then answer 503. Never raises for what is in the
    objects. Raises `ingc.OptionError` for options that make no sense.
    """
    options = options or Options()
    check_options(options)
    sink = Sink(strict=options.strict)
    return compile_documents(map(_as_document, objects), options, sink, on_error=on_error)


def compile_documents(
    documents: Iterable[Document | Typed], options: Options, sink: Sink, *, on_error: OnError
) -> Result:
    """Compile documents; the sink may hold findings of reading them already."""
    with collector_paused():
        return _compile(documents, options, sink, on_error=on_error)


def _compile(
    documents: Iterable[Document | Typed], options: Options, sink: Sink, *, on_error: OnError
) -> Result:
    config = build_ir(documents, options, sink)
    if on_error == "fail" and sink.errors:
        return Result(False, None, (), sink.diagnostics(), config)
    text, config = _emit(config, sink, isolate=on_error == "isolate")
    ok = text is not None
    return Result(ok, text, config.files if ok else (), sink.diagnostics(), config)


def build_ir(documents: Iterable[Document | Typed], options: Options, sink: Sink) -> ir.Config:
    """Run the stages up to the IR."""
    store = read_objects(documents, sink, namespace=options.namespace)
    settings = read_config_map(store, sink, options)
    ingresses = select_ingresses(store, sink, options)
    intents = [read_intent(ingress, sink, options, settings.defaults) for ingress in ingresses]
    uses = upstream_uses(intents)
    ports = read_port_services(store, sink, options)
    return resolve(merge(intents, sink), store, sink, options, uses, settings, ports)


def print_config(config: ir.Config) -> tuple[str, Layout, Mismatch | None]:
    """Lay out, print and prove an IR; a value that can't be printed is a mismatch too."""
    layout = plan(config)
    try:
        text = render(layout)
    except (Unsafe, Unprintable) as error:
        return "", layout, Mismatch(0, str(error))
    return text, layout, prove_structure(text, layout, config.settings.target)


def _emit(config: ir.Config, sink: Sink, *, isolate: bool) -> tuple[str | None, ir.Config]:
    """Print and prove; with ``isolate`` a host that can't be proved answers 503."""
    while True:
        text, layout, mismatch = print_config(config)
        if mismatch is None:
            return text, config
        host = _host_of(mismatch, layout, config) if isolate else None
        if host is None:
            sink.report(ProofFailed(line=mismatch.line, why=mismatch.why), Origin())
            return None, config
        sink.report(HostNotProved(host=host.name, why=mismatch.why), Origin())
        config = _without(config, host)


def _host_of(mismatch: Mismatch, layout: Layout, config: ir.Config) -> ir.Host | None:
    """Return the host that can't be proved, unless it has been silenced already."""
    if mismatch.server is not None:
        title = layout.servers[mismatch.server].title
        found = next((host for host in config.hosts if host.name == title), None)
        if found and found.routes:
            return found
    # A text that is not even valid says nothing about servers: each host is tried alone.
    live = (host for host in config.hosts if host.routes)
    return next((host for host in live if print_config(_alone(config, host))[2]), None)


def _alone(config: ir.Config, host: ir.Host) -> ir.Config:
    others = (item.silenced() for item in config.hosts if item.name == ir.ANY_HOST != host.name)
    used = {name for route in (*host.routes, host.default) for name in route.upstreams}
    upstreams = tuple(upstream for upstream in config.upstreams if upstream.name in used)
    return dataclasses.replace(config, hosts=(*others, host), upstreams=upstreams)


def _without(config: ir.Config, host: ir.Host) -> ir.Config:
    hosts = tuple(item.silenced() if item is host else item for item in config.hosts)
    return dataclasses.replace(config, hosts=hosts)


def _as_document(value: Mapping[str, Any] | Typed) -> Document | Typed:
    return value if isinstance(value, Document | Typed) else Document(value)
