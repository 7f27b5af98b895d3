"""Rules of queries: from merged hosts to those of the IR, and what they need beside them."""

from __future__ import annotations

import dataclasses
from bisect import bisect_left
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from ingc.diagnostics import Sink
from ingc.engine import objects
from ingc.engine.hosts import HostRules
from ingc.engine.intents import HOSTS, USING
from ingc.engine.queries import Queries, QueryRule
from ingc.engine.watched import watched_cluster
from ingc.frontend import GlobalSettings
from ingc.frontend.intent import IntentTls
from ingc.ir import (
    Certificate,
    Config,
    Host,
    OutputFile,
    Route,
    Settings,
    Stream,
    Upstream,
    UpstreamFeature,
)
from ingc.ir.start_names import names_of
from ingc.ir.stream import PortService
from ingc.k8s.secret import Secret
from ingc.k8s.store import Store
from ingc.merge import UpstreamUse, settle_upstream
from ingc.merge.order import Age
from ingc.options import Options
from ingc.resolve.certificate import KeyPair, Refused, read_key_pair
from ingc.resolve.config import Joined, join, used_by
from ingc.resolve.features.context import Granting
from ingc.resolve.features.passthrough import passed_to, passes_tls
from ingc.resolve.files import Files
from ingc.resolve.lookup import Unusable, is_complete
from ingc.resolve.names import AllowedNames
from ingc.resolve.one_host import global_default, resolve_host
from ingc.resolve.settings import make_settings
from ingc.resolve.stream import port_services, stream_of
from ingc.resolve.tls import Certificates
from ingc.resolve.upstreams import Upstreams, Variant, Wanted, app_protocol, make_upstream, name_of
from ingc.resolve.ways.cluster import report_broken

UPSTREAMS, FILES = "upstreams", "files"
"""What all that give it under a name give alike."""
_USES, _USED, _NAMED = "uses of an upstream", "used", "names in DNS"
_AT_START = "names at start"
_OPERATORS, _PASSED, _PASSES = "names of the operator", "passed to", "passes TLS"
_MISSING, _SECRETS, _DATES = "hosts without certificate", "secrets", "dates"
_SPARE = 100
_Pairs = dict[tuple[str, str], tuple[Secret, KeyPair | Refused]]


class ResolveRules:
    """Resolves each host, and gives what it needs beside it."""

    def __init__(
        self, queries: Queries, store: Store, hosts: HostRules, options: Options, *, isolate: bool
    ) -> None:
        """``store`` notes what is looked up in it."""
        self._queries, self._store, self._options = queries, store, options
        self._hosts = hosts
        self._isolate = isolate
        self._cluster = watched_cluster(queries, store, options)
        self._pairs: _Pairs = {}
        self._files: tuple[OutputFile, ...] = ()
        self._config: Config | None = None
        self._began = self._now()

    def rules(self) -> tuple[QueryRule, ...]:
        """Return the rules, in their order."""
        return (
            QueryRule("uses", self._uses, each=USING),
            QueryRule("upstream settings", self._upstream_settings),
            QueryRule("found", self._found),
            QueryRule("variant", self._variant),
            QueryRule("app protocol", self._app_protocol),
            QueryRule("default certificate", self._default_certificate, root=True),
            QueryRule("default", self._default, root=True),
            QueryRule("host", self._host, each=HOSTS, same=are_the_same),
            QueryRule("missing", self._missing, each=_MISSING),
            QueryRule("services", self._services, root=True),
            QueryRule("stream", self._stream, root=True),
            QueryRule("configuration", self._settings, root=True),
            QueryRule("broken ways", self._report_broken, root=True),
            QueryRule("resolved at start", self._resolved_at_start, each=_NAMED),
            QueryRule("names", self._report_names, root=True),
        )

    # ---- upstreams

    def _uses(self, when: Age, _sink: Sink) -> None:
        uses: tuple[UpstreamUse, ...] = self._queries.one(USING, when)
        named: dict[str, list[UpstreamUse]] = {}
        for use in uses:
            named.setdefault(name_of(use, self._cluster), []).append(use)
        for name, found in named.items():
            self._queries.give(_USES, name, (when, tuple(found)))

    def _upstream_settings(self, name: str, sink: Sink) -> tuple[UpstreamFeature, ...]:
        given = sorted(self._queries.given(_USES, name), key=itemgetter(0))
        return settle_upstream((use for _, uses in given for use in uses), sink)

    def _found(self, wanted: Wanted, sink: Sink) -> str | Unusable:
        names = self._names()
        settings = _Settings(self._queries)
        made = make_upstream(wanted, self._cluster, settings, names, sink)
        self._give_names(names)
        if isinstance(made, Unusable):
            return made
        self._give_upstream(made)
        return made.name

    def _variant(self, variant: Variant, _sink: Sink) -> str:
        for base in self._queries.given(UPSTREAMS, variant.base):
            self._give_upstream(variant.of(base))
            break
        return f"{variant.base}_{variant.suffix}"

    def _app_protocol(self, port: tuple[str, str, int | str], _sink: Sink) -> str:
        return app_protocol(self._store, *port)

    def _names(self) -> AllowedNames:
        return AllowedNames(self._options, is_complete(self._store, self._options), self._isolate)

    def _give_names(self, names: AllowedNames) -> None:
        for name in names.operators:
            self._queries.give(_OPERATORS, name, True)

    def _give_upstream(self, upstream: Upstream) -> None:
        self._queries.give(UPSTREAMS, upstream.name, upstream)
        found = names_of(upstream)
        if found:
            self._queries.give(_NAMED, upstream.name, found)

    def _upstreams(self, sink: Sink) -> tuple[Upstreams, _Backends]:
        backends = _Backends(self._queries)
        return Upstreams(self._cluster, sink, self._names(), backends), backends

    def _give(self, upstreams: Upstreams, backends: _Backends, files: Files | None) -> None:
        """Give what was added while something was resolved."""
        for upstream in backends.added.values():
            self._give_upstream(upstream)
        self._give_names(upstreams.names)
        for file in files.all() if files is not None else ():
            self._queries.give(FILES, file.path, file)

    # ---- certificates

    def _certificates(self, sink: Sink, files: Files) -> Certificates:
        settings: GlobalSettings = self._queries.ask("settings")
        return Certificates(
            self._store, sink, self._options, files, settings.stapling, read=self._read_pair
        )

    def _read_pair(self, secret: Secret) -> KeyPair | Refused:
        """Read what is in a Secret, once as long as it is the same object."""
        name = secret.namespace, secret.name
        if len(self._pairs) > 2 * self._queries.size(objects.SECRET) + _SPARE:
            self._pairs.clear()
        known = self._pairs.get(name)
        if known is None or known[0] is not secret:
            known = self._pairs[name] = secret, read_key_pair(secret)
        return known[1]

    def _default_certificate(self, _: None, sink: Sink) -> Certificate | None:
        files = Files(self._options.secret_files)
        certificates = self._certificates(sink, files)
        certificates.load_default()
        self._give_certificates(certificates, "")
        for file in files.all():
            self._queries.give(FILES, file.path, file)
        return certificates.default

    def _give_certificates(self, certificates: Certificates, host: str) -> None:
        for date in certificates.dates:
            self._queries.give(_DATES, date, True)
        for name in certificates.pairs:
            self._queries.give(_SECRETS, name, True)
        for entry in certificates.missing:
            self._queries.give(_MISSING, entry, host)

    def _missing(self, entry: IntentTls, sink: Sink) -> None:
        hosts = sorted(self._queries.given(_MISSING, entry))
        certificates = self._certificates(Sink(), Files(self._options.secret_files))
        name = entry.namespace, entry.secret
        certificates.look_at(entry, secret=self._queries.has(_SECRETS, name))
        certificates.sink = sink
        certificates.missing[entry] = hosts
        certificates.report_missing()

    def _now(self) -> datetime:
        return self._options.now or datetime.now(UTC)

    @property
    def is_outdated(self) -> bool:
        """Whether a certificate has begun or ended since it was looked at."""
        dates = self._queries.keys(_DATES)
        following = bisect_left(dates, self._began)
        return following < len(dates) and dates[following] < self._now()

    # ---- hosts

    def _default(self, _: None, sink: Sink) -> Route:
        upstreams, backends = self._upstreams(sink)
        found = global_default(upstreams)
        self._give(upstreams, backends, None)
        return found

    def _host(self, name: str, sink: Sink) -> Host:
        queries, options = self._queries, self._options
        settings: GlobalSettings = queries.ask("settings")
        files = Files(options.secret_files)
        upstreams, backends = self._upstreams(sink)
        certificates = self._certificates(sink, files)
        certificates.default = queries.ask("default certificate")
        granting = Granting(self._store, sink, options, upstreams, files, settings)
        merged = self._hosts.merged(name)
        host = resolve_host(merged, granting, certificates, queries.ask("default"))
        self._give(upstreams, backends, files)
        self._give_certificates(certificates, name)
        for used in used_by(host):
            queries.give(_USED, used, True)
        if passes_tls(host):
            queries.give(_PASSES, name, True)
            passed = passed_to(host)
            if passed is not None:
                queries.give(_PASSED, passed, True)
        return host

    # ---- what is beside hosts

    def _services(self, _: None, sink: Sink) -> tuple[PortService, ...]:
        upstreams, backends = self._upstreams(sink)
        settings: GlobalSettings = self._queries.ask("settings")
        found = port_services(self._queries.ask("ports"), upstreams, closed=settings.broken)
        self._give(upstreams, backends, None)
        return found

    def _stream(self, _: None, sink: Sink) -> Stream:
        upstreams, _backends = self._upstreams(sink)
        passed = self._queries.keys(_PASSED)
        return stream_of(self._queries.ask("services"), passed, upstreams)

    def _settings(self, _: None, sink: Sink) -> Settings:
        files = Files(self._options.secret_files)
        settings: GlobalSettings = self._queries.ask("settings")
        default = self._queries.ask("default certificate")
        found = make_settings(self._options, settings, default, files, sink)
        for file in files.all():
            self._queries.give(FILES, file.path, file)
        return found

    def _report_broken(self, _: None, sink: Sink) -> None:
        if not self._options.echo:
            modes = self._queries.input_keys(objects.WAYS)
            report_broken((self._options.backends, *modes), self._store, sink)

    def _resolved_at_start(self, upstream: str, _sink: Sink) -> None:
        if self._queries.has(_USED, upstream):
            for name in self._queries.one(_NAMED, upstream):
                self._queries.give(_AT_START, name, True)

    def _report_names(self, _: None, sink: Sink) -> None:
        queries = self._queries
        found: set[str] = set()
        settings: Settings = queries.ask("configuration")
        stream: Stream = queries.ask("stream")
        if not settings.resolver:
            found.update(queries.keys(_AT_START))
            for upstream in stream.upstreams:
                found.update(names_of(upstream))
        self._names().report(found, settings, sink)

    # ---- all of it

    def config(self) -> Config:
        """Return the whole configuration; what is as it was before is the same object."""
        queries = self._queries
        names = self._names()
        names.operators.update(queries.keys(_OPERATORS))
        joined = Joined(
            hosts=queries.table("host"),
            upstreams=queries.pick(UPSTREAMS, _USED),
            stream=queries.ask("stream"),
            passes=bool(queries.keys(_PASSES)),
        )
        made = join(
            joined,
            queries.ask("configuration"),
            queries.pick(FILES, FILES),
            names.at_start(),
            self._options,
        )
        before = self._config
        if before is not None and _holds_alike(before.settings, made.settings):
            made = dataclasses.replace(made, settings=before.settings)
        self._config = made
        return made


class _Backends:
    """The upstreams that one thing finds; an `ingc.resolve.upstreams.Backends`."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries
        self.added: dict[str, Upstream] = {}
        """Those that it made of others."""

    def find(self, wanted: Wanted) -> str | Unusable:
        """Return the name of the upstream for a Service port, or why there is none."""
        found: str | Unusable = self._queries.ask("found", wanted)
        return found

    def made(self, name: str) -> Upstream:
        """Return an upstream that was found or added before."""
        own = self.added.get(name)
        found: Upstream = own if own is not None else self._queries.one(UPSTREAMS, name)
        return found

    def add(self, upstream: Upstream) -> None:
        """Take an upstream that was made of others, unless there is one of its name."""
        self.added.setdefault(upstream.name, upstream)

    def vary(self, variant: Variant) -> str:
        """Return the name of an upstream with the endpoints of one that was found or added."""
        own = self.added.get(variant.base)
        if own is None:
            found: str = self._queries.ask("variant", variant)
            return found
        made = variant.of(own)
        self.add(made)
        return made.name

    def app_protocol(self, namespace: str, service: str, port: int | str) -> str:
        """Return ``appProtocol`` of a Service port; empty where there is none."""
        found: str = self._queries.ask("app protocol", (namespace, service, port))
        return found


class _Settings(Mapping[str, tuple[UpstreamFeature, ...]]):
    """What Ingresses set for upstreams, by name."""

    def __init__(self, queries: Queries) -> None:
        self._queries = queries

    def __getitem__(self, name: str) -> tuple[UpstreamFeature, ...]:
        if not self._queries.has(_USES, name):
            raise KeyError(name)
        found: tuple[UpstreamFeature, ...] = self._queries.ask("upstream settings", name)
        return found

    def __iter__(self) -> Any:
        return iter(self._queries.keys(_USES))

    def __len__(self) -> int:
        return len(self._queries.keys(_USES))


def _holds_alike(one: Settings, other: Settings) -> bool:
    return one == other and one.at_start == other.at_start


def are_the_same(one: Host, other: Host) -> bool:
    """Return whether hosts are equal, also in what is kept for the debugger alone."""
    return (
        one == other
        and (one.tenancy, one.regex_causes) == (other.tenancy, other.regex_causes)
        and _sources(one) == _sources(other)
    )


def _sources(host: Host) -> list[object]:
    routes = (*host.routes, host.default, *(item.route for item in host.dead))
    origins = (*(route.origin for route in routes), *(item.origin for item in host.regex_causes))
    by = (item.by for item in host.dead if item.by is not None)
    return [(origin.source, origin.path) for origin in (*origins, *by)]
