"""The stages from objects to the IR as queries: what did not change is not found again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ingc.diagnostics import Diagnostic, Entry, Origin, Sink
from ingc.engine.hosts import HostRules
from ingc.engine.intents import IntentRules
from ingc.engine.objects import ObjectIndex, ObjectKey
from ingc.engine.queries import Queries
from ingc.engine.resolving import FILES, UPSTREAMS, ResolveRules
from ingc.engine.watched import watched_store
from ingc.frontend.intent import Intent
from ingc.ir import Config
from ingc.k8s.store import ReadDocument, Store
from ingc.options import Options

_LAST = (1 << 30, "")


class LineToIr:
    """From objects that come and go to the IR that they make."""

    def __init__(self, options: Options, *, isolate: bool, complete: bool) -> None:
        """``isolate``: one author's part may not keep the others from being served.

        ``complete`` is `Store.from_cluster` of the objects at all times: it decides about all
        hosts.
        """
        self.complete = complete
        self._strict = options.strict
        self._queries = Queries(strict=options.strict, agreed=frozenset({UPSTREAMS, FILES}))
        queries, store = self._queries, watched_store(self._queries, complete=complete)
        self._index = ObjectIndex(queries, options.namespace)
        self._intents = IntentRules(queries, store, options)
        hosts = HostRules(queries, options)
        self._resolve = ResolveRules(queries, store, hosts, options, isolate=isolate)
        queries.begin((*self._intents.rules(), *hosts.rules(), *self._resolve.rules()))
        self._beside: tuple[Diagnostic, ...] = ()

    @property
    def is_outdated(self) -> bool:
        """Whether a certificate has begun or ended since it was looked at."""
        return self._resolve.is_outdated

    def apply(self, changed: Mapping[ObjectKey, ReadDocument | None]) -> Config:
        """Take changed objects, ``None`` where there is none any more; return the IR.

        Hosts, upstreams and files that are as they were are the same objects. Raises
        `ingc.engine.queries.Disagreement`; the line is of no use then.
        """
        for key, read in changed.items():
            self._index.put(key, read)
        self._index.close()
        self._queries.refresh()
        self._report_selection()
        return self._resolve.config()

    def sink(self) -> Sink:
        """Return a sink that has what was found."""
        return Sink(strict=self._strict, before=self._queries.findings)

    def store(self) -> Store:
        """Return a store of all objects."""
        return self._index.store(complete=self.complete)

    def __iter__(self) -> Iterator[Intent]:
        """Yield what each object with rules requests, in no order."""
        return self._intents.intents()

    def _report_selection(self) -> None:
        """Report which objects are not compiled."""
        errors = self._index.errors + self._intents.errors()
        sink = Sink(strict=self._strict, before=_Errors(errors))
        self._index.report_passed_over(sink)
        self._intents.report_selection(sink)
        found = sink.diagnostics()
        if found != self._beside:
            self._queries.findings.replace(_LAST, self._beside, found)
            self._beside = found


class _Errors:
    """So many errors that were found before."""

    def __init__(self, errors: int) -> None:
        self.errors = errors

    def __contains__(self, finding: tuple[Entry, Origin]) -> bool:
        return False

    def findings(self, beside: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        return beside
