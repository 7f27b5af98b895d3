"""The line of stages, from plain objects to a proved configuration."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from ingc import ir
from ingc.alike import print_alike
from ingc.culprits import Culprit, Suspects, find_culprits, leave_out
from ingc.diagnostics import Diagnostic, Origin, Severity, Sink
from ingc.diagnostics.catalogue.internal import HostNotProved, NotProved, ProofFailed
from ingc.emit import render
from ingc.frontend import (
    read_config_map,
    read_intent,
    read_others,
    read_port_services,
    select,
    settings_for,
)
from ingc.frontend.intent import Intent
from ingc.k8s.store import Store, is_typed, read_objects
from ingc.load.document import Document
from ingc.match import Match, Oracle
from ingc.merge import merge, upstream_uses
from ingc.options import OnError, Options, check_options
from ingc.plan import Layout, plan
from ingc.plan.layout import Unsafe
from ingc.prove import Proofs, Unproved, Unstartable, prove, unprintable
from ingc.prove.isolation import hosts_to_silence, silence
from ingc.resolve import resolve
from ingc.routes import RouteRow, StreamRow, streams, table
from ingc.syntax.pcre import patience
from ingc.syntax.token import Unprintable

if TYPE_CHECKING:
    from pathlib import Path

    from ingc.ingresses import IngressReport, ObjectEvents
    from ingc.k8s.client_objects import ClientObject
    from ingc.k8s.store import ReadDocument, Typed
    from ingc.output import Tester

    Objects = Iterable[Mapping[str, Any] | ClientObject | Typed]
    Documents = Iterable[Document | ReadDocument | Typed]

Printer = Callable[[ir.Config], tuple[str, tuple[Unproved, ...]]]
"""Prints a configuration and proves it."""

_EXCERPT = 160
"""So many characters of a line are printed."""


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
    store: Store | None = field(default=None, repr=False, compare=False)
    """The objects that were read, from which `ingc.story` finds what stands behind a Service."""
    options: Options | None = field(default=None, repr=False, compare=False)
    """What was compiled with."""

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

    @cached_property
    def streams(self) -> tuple[StreamRow, ...]:
        """The ports beside http, then the hosts whose TLS is passed on unopened."""
        return streams(self.ir) if self.ir else ()

    @cached_property
    def ingresses(self) -> tuple[IngressReport, ...]:
        """What became of each Ingress of the input, for its status and Events."""
        from ingc.ingresses import report_ingresses

        if self.store is None or self.options is None:
            return ()
        return report_ingresses(self.store, self.options, self.routes, self.diagnostics)

    @cached_property
    def events(self) -> tuple[ObjectEvents, ...]:
        """What to report in Events, by object; nothing of Ingresses that are passed over."""
        from ingc.ingresses import events_by_object

        if self.store is None:
            return ()
        others = frozenset(item.ref for item in self.ingresses if item.state == "passed over")
        return events_by_object(self.store, self.diagnostics, others)

    def match(
        self,
        host: str | bytes,
        target: str | bytes,
        *,
        scheme: str = "http",
        method: str = "GET",
        headers: Iterable[tuple[str, str]] = (),
    ) -> Match:
        """Return which route takes a request; see `ingc.match.Oracle.match`."""
        return self.oracle.match(host, target, scheme=scheme, method=method, headers=headers)

    def write(
        self,
        folder: str | Path,
        *,
        worker_group: str | None = None,
        tested_by: Tester | None = None,
    ) -> Path:
        """Write nginx.conf and `files` into a folder, as ``ingc compile -d``; return the former.

        The files first, nginx.conf in one step, then the files of earlier results go; one run at a
        time, and whoever is killed leaves a folder that works. Keys get mode 0600, password files
        the group of nginx's workers: ``worker_group``, else, for root, the one that the nginx found
        was built for. ``tested_by`` may refuse the new folder before anything is replaced
        (`ingc.Nginx`: ``nginx -t``), and what it raises is raised. Raises `ingc.NotWritten`, also
        where not `ok`; what was there before is still there then.
        """
        from ingc.output import write_result

        return write_result(
            self.config,
            self.files,
            folder,
            fragment=self.options is not None and self.options.fragment,
            worker_group=worker_group,
            tested_by=tested_by,
        )

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The diagnostics that are errors."""
        return tuple(d for d in self.diagnostics if d.severity is Severity.ERROR)


def compile(
    objects: Objects,
    options: Options | None = None,
    *,
    on_error: OnError = "fail",
    proofs: Proofs | None = None,
) -> Result:
    """Compile Kubernetes objects, dicts or a client library's, to a proved nginx configuration.

    ``on_error="fail"`` gives no configuration where anything is an error; ``"isolate"`` lets a
    bad object lose only its own routes, which then answer 503. ``proofs`` is what earlier
    compiles proved: what has not changed since is not proved again. Never raises for what is in
    the objects. Raises `ingc.OptionError` for options that make no sense.
    """
    options = options or Options()
    check_options(options)
    sink = Sink(strict=options.strict)
    documents = map(_as_document, objects)
    return compile_documents(documents, options, sink, on_error=on_error, proofs=proofs)


def compile_documents(
    documents: Documents,
    options: Options,
    sink: Sink,
    *,
    on_error: OnError,
    proofs: Proofs | None = None,
    served: bool = True,
    printer: Printer | None = None,
) -> Result:
    """Compile documents; the sink may hold findings of reading them already.

    Not ``served``: the result only answers questions, so that nobody waits for nginx to start, and
    a name may stand where ``on_error="fail"`` would let it. ``printer`` stands for plan, emit and
    prove.
    """
    with patience():
        store = read_objects(documents, sink, namespace=options.namespace)
        isolate = on_error == "isolate" and served
        config, suspects = _ir_of(store, options, sink, isolate=isolate)
        kept = proofs or Proofs()
        return compile_ir(store, config, suspects, options, sink, on_error, kept, printer)


def compile_ir(
    store: Store,
    config: ir.Config,
    suspects: Suspects,
    options: Options,
    sink: Sink,
    on_error: OnError,
    proofs: Proofs,
    printer: Printer | None = None,
) -> Result:
    """Plan, print and prove an IR that was made of a store; the sink has what was found in that."""
    if printer is None or not options.proof:
        printer = partial(print_whole, proofs=proofs if options.proof else None)
    try:
        return _compile(store, config, suspects, options, sink, on_error, printer)
    finally:
        proofs.end_compile()


def _compile(
    store: Store,
    config: ir.Config,
    suspects: Suspects,
    options: Options,
    sink: Sink,
    on_error: OnError,
    printer: Printer,
) -> Result:
    isolate = on_error == "isolate"
    if sink.errors and not isolate:
        return Result(False, None, (), sink.diagnostics(), config, store, options)
    if not options.proof:
        sink.report(NotProved(), Origin())
    text, config = _emit(config, suspects, sink, printer, isolate=isolate)
    ok = text is not None
    return Result(ok, text, config.files if ok else (), sink.diagnostics(), config, store, options)


def build_ir(documents: Iterable[Document | Typed], options: Options, sink: Sink) -> ir.Config:
    """Run the stages up to the IR."""
    return _ir_of(read_objects(documents, sink, namespace=options.namespace), options, sink)[0]


def _ir_of(
    store: Store,
    options: Options,
    sink: Sink,
    *,
    isolate: bool = False,
) -> tuple[ir.Config, Suspects]:
    settings = read_config_map(store, sink, options)
    selected, defaults = select(store, sink, options), settings.defaults
    settings = settings_for(selected.kinds, settings, store, options)
    intents = [read_intent(ingress, sink, options, defaults) for ingress in selected.ingresses]
    intents += read_others(selected.others, store, sink, options, defaults)
    uses = upstream_uses(intents)
    ports = read_port_services(store, sink, options)
    hosts = merge(intents, sink, options)
    config = resolve(hosts, store, sink, options, uses, settings, ports, isolate=isolate)
    return config, suspects_of(intents, store, options)


def suspects_of(intents: Iterable[Intent], store: Store, options: Options) -> Suspects:
    """Return who wrote what is compiled."""
    namespace, _, name = (options.configmap or "").partition("/")
    return Suspects(intents, store.config_maps.get((namespace, name)))


def print_config(
    config: ir.Config, proofs: Proofs | None = None, *, proof: bool = True
) -> tuple[str, Layout, Unproved | None]:
    """Lay out, print and prove an IR; return the first thing that could not be proved."""
    text, layout, found = _print(config, (proofs or Proofs()) if proof else None)
    return text, layout, found[0] if found else None


def _print(config: ir.Config, proofs: Proofs | None) -> tuple[str, Layout, tuple[Unproved, ...]]:
    """Print, and prove where there are proofs; a value that can't be printed is unproved too."""
    layout = plan(config)
    try:
        text = render(layout)
    except (Unsafe, Unprintable) as error:
        unproved = (Unproved(str(error), 0, None),)
        return "", layout, unprintable(layout, config) or unproved
    return text, layout, prove(text, layout, config, proofs) if proofs is not None else ()


def print_whole(config: ir.Config, proofs: Proofs | None) -> tuple[str, tuple[Unproved, ...]]:
    """Print an IR and prove it where there are proofs; return what could not be proved."""
    alike = print_alike(config, proofs)
    if alike is not None:
        return alike.whole.text, ()
    text, _, found = _print(config, proofs)
    return text, found


def _unproved(config: ir.Config) -> tuple[Unproved, ...]:
    return _print(config, Proofs())[2]


def _emit(
    config: ir.Config,
    suspects: Suspects,
    sink: Sink,
    printer: Printer,
    *,
    isolate: bool,
) -> tuple[str | None, ir.Config]:
    """Print and prove; with ``isolate`` a host that can't be proved answers 503, and what would
    keep nginx from starting is left out.
    """
    while True:
        text, found = printer(config)
        if not found:
            return text, config
        culprits = _culprits(found, suspects)
        for culprit in culprits:
            sink.report(culprit.entry, culprit.origin)
        if culprits and not isolate:
            return None, config
        less = leave_out(config, culprits)
        if less != config:
            config = less
            continue
        hosts = hosts_to_silence(found, config, _unproved) if isolate else {}
        if not hosts:
            for item in found:
                excerpt = _line(text, item.line)
                sink.report(ProofFailed(line=item.line, why=item.why, text=excerpt), Origin())
            return None, config
        for host, item in hosts.items():
            excerpt = _line(text, item.line)
            entry = HostNotProved(host=host, line=item.line, why=item.why, text=excerpt)
            sink.report(entry, Origin())
        config = silence(config, hosts)


def _culprits(found: Sequence[Unproved], suspects: Suspects) -> tuple[Culprit, ...]:
    unstartable = [item for item in found if isinstance(item, Unstartable)]
    return find_culprits(unstartable, suspects) if unstartable else ()


def _line(text: str, number: int) -> str:
    return text.splitlines()[number - 1].strip()[:_EXCERPT] if number and text else ""


def _as_document(value: Any) -> Document | Typed:
    return value if isinstance(value, Document) or is_typed(value) else Document(value)
