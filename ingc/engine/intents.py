"""Rules of queries: from objects to what each object with rules requests."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.diagnostics import Sink
from ingc.engine import objects
from ingc.engine.objects import ObjectKey
from ingc.engine.queries import Queries, QueryRule
from ingc.frontend import (
    GlobalSettings,
    Intent,
    read_config_map,
    read_intent,
    read_others,
    read_port_services,
    settings_for,
)
from ingc.frontend.classes import (
    PassedOver,
    default_class,
    is_watched,
    judge,
    report_selection,
    report_unknown,
    unwatched,
)
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.port_services import PortWish
from ingc.k8s.store import Store
from ingc.kinds import USUAL, kind_named
from ingc.merge import parts_of, upstream_uses
from ingc.merge.order import age
from ingc.merge.tls import check_tls
from ingc.options import Options

PARTS, HOSTS, KINDS, CANARIES, USING = "parts", "hosts", "kinds", "canary Intents", "uses upstreams"
_PASSED_OVER, _LEFT_OUT, _TAKEN, _UNKNOWN = "passed over", "left out", "taken", "unknown"


class IntentRules:
    """Reads settings, and each object with rules."""

    def __init__(self, queries: Queries, store: Store, options: Options) -> None:
        """``store`` notes what is looked up in it."""
        self._queries, self._store, self._options = queries, store, options

    def rules(self) -> tuple[QueryRule, ...]:
        """Return the rules, in their order."""
        return (
            QueryRule("settings read", self._read_settings, root=True),
            QueryRule("defaults", self._defaults),
            QueryRule("default class", self._default_class),
            QueryRule("watched", self._watched),
            QueryRule("intent of an Ingress", self._of_ingress, each=objects.INGRESS),
            QueryRule("intent of another", self._of_other, each=objects.OTHER),
            QueryRule("settings", self._settings, root=True),
            QueryRule("ports", self._ports, root=True),
            QueryRule("unknown namespaces", self._report_unknown, root=True),
        )

    def _read_settings(self, _: None, sink: Sink) -> GlobalSettings:
        return read_config_map(self._store, sink, self._options)

    def _settings(self, _: None, _sink: Sink) -> GlobalSettings:
        settings: GlobalSettings = self._queries.ask("settings read")
        kinds = [kind_named(name) for name in self._queries.keys(_TAKEN)]
        return settings_for(kinds, settings, self._store, self._options)

    def _defaults(self, _: None, _sink: Sink) -> Defaults:
        settings: GlobalSettings = self._queries.ask("settings read")
        return settings.defaults

    def _default_class(self, _: None, _sink: Sink) -> str | None:
        return default_class(self._store.classes)

    def _ports(self, _: None, sink: Sink) -> tuple[PortWish, ...]:
        return read_port_services(self._store, sink, self._options)

    def _watched(self, namespace: str, _sink: Sink) -> bool | None:
        found = is_watched(namespace, self._store.namespaces, self._options)
        if found is None:
            self._queries.give(_UNKNOWN, namespace, True)
        return found

    def _report_unknown(self, _: None, sink: Sink) -> None:
        report_unknown(self._queries.keys(_UNKNOWN), sink)

    def _watched_of(self, namespace: str) -> tuple[str, ...]:
        return (namespace,) if self._queries.ask("watched", namespace) else ()

    def _of_ingress(self, key: ObjectKey, sink: Sink) -> Intent | None:
        queries, options = self._queries, self._options
        ingress = queries.get(objects.INGRESS, key)
        watched = self._watched_of(ingress.meta.namespace)
        default = queries.ask("default class")
        classes = queries.inputs(objects.CLASS)
        why: PassedOver | None = judge(ingress, classes, default, options, watched)
        if why is not None and why.option:
            queries.give(_LEFT_OUT, why.option, key)
        elif why is not None:
            queries.give(_PASSED_OVER, why.class_name, True)
        if why is not None:
            return None
        queries.give(_TAKEN, USUAL.name, True)
        return self._given(read_intent(ingress, sink, options, queries.ask("defaults")), sink)

    def _of_other(self, key: ObjectKey, sink: Sink) -> Intent | None:
        queries, options = self._queries, self._options
        item = queries.get(objects.OTHER, key)
        if unwatched(item, options, self._watched_of(item.meta.namespace)):
            return None
        queries.give(_TAKEN, item.kind.name, True)
        found = read_others((item,), self._store, sink, options, queries.ask("defaults"))
        intent = next(iter(found), None)
        return self._given(intent, sink) if intent is not None else None

    def _given(self, intent: Intent, sink: Sink) -> Intent:
        """Give what an Intent is to others."""
        queries = self._queries
        if intent.asked.upstreams:
            queries.give(USING, age(intent), upstream_uses((intent,)))
        if intent.canary:
            queries.give(CANARIES, age(intent), intent)
            return intent
        check_tls(intent, sink)
        queries.give(KINDS, intent.kind.name, intent.kind.miss)
        for host, part in parts_of(intent).items():
            queries.give(PARTS, host, part)
            queries.give(HOSTS, host, True)
        return intent

    # ---- what is not a rule's

    def report_selection(self, sink: Sink) -> None:
        """Report what is passed over; the sink has what was found in reading and in settings."""
        queries = self._queries
        passed = {name: queries.count(_PASSED_OVER, name) for name in queries.keys(_PASSED_OVER)}
        first = {name: min(queries.given(_LEFT_OUT, name)) for name in queries.keys(_LEFT_OUT)}
        left = {
            name: queries.count(_LEFT_OUT, name) for name in sorted(first, key=first.__getitem__)
        }
        report_selection(passed, left, sink, none=not queries.keys(_TAKEN))

    def errors(self) -> int:
        """Return how many errors were found before Ingresses are looked at."""
        found = ("settings read", "unknown namespaces")
        return sum(map(self._queries.errors_of, found))

    def intents(self) -> Iterator[Intent]:
        """Yield all Intents, in no order."""
        for name in ("intent of an Ingress", "intent of another"):
            yield from filter(None, self._queries.values(name))
