"""Merged hosts → the IR."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass

from ingc.diagnostics import Sink
from ingc.frontend.configmap import NO_SETTINGS, GlobalSettings
from ingc.frontend.port_services import PortWish
from ingc.ir import AtStart, Config, Host, OutputFile, Settings, Stream, Upstream
from ingc.ir.start_names import names_at_start
from ingc.k8s.store import Store
from ingc.merge import MergedHost, UpstreamUse
from ingc.options import Options
from ingc.resolve.features.context import Granting
from ingc.resolve.features.passthrough import inner_ports, passed_to, passes_tls
from ingc.resolve.files import Files
from ingc.resolve.lookup import is_complete
from ingc.resolve.names import AllowedNames
from ingc.resolve.one_host import global_default, resolve_host
from ingc.resolve.settings import make_settings, sized
from ingc.resolve.stream import port_services, stream_of
from ingc.resolve.tls import Certificates
from ingc.resolve.upstreams import AllBackends, Upstreams, settings_of
from ingc.resolve.ways.cluster import Cluster, report_broken


def resolve(
    hosts: Iterable[MergedHost],
    store: Store,
    sink: Sink,
    options: Options,
    uses: Iterable[UpstreamUse] = (),
    settings: GlobalSettings = NO_SETTINGS,
    ports: Iterable[PortWish] = (),
    *,
    isolate: bool = False,
) -> Config:
    """Resolve every reference of the hosts and return the complete IR.

    ``uses`` are what Ingresses set for their upstreams, in their order; ``ports`` what the operator
    opens beside http. ``isolate``: one author's part may not keep the others from being served.
    """
    names = AllowedNames(options, is_complete(store, options), isolate)
    cluster = Cluster(store, options)
    backends = AllBackends(cluster, sink, names, settings_of(uses, cluster, sink))
    upstreams = Upstreams(cluster, sink, names, backends)
    files = Files(options.secret_files)
    certificates = Certificates(store, sink, options, files, stapling=settings.stapling)
    certificates.load_default()
    granting = Granting(store, sink, options, upstreams, files, settings)
    fallback = global_default(upstreams)
    resolved = tuple(resolve_host(host, granting, certificates, fallback) for host in hosts)
    certificates.report_missing()
    services = port_services(ports, upstreams, closed=settings.broken)
    used = {name for host in resolved for name in used_by(host)}
    config = join(
        Joined(
            hosts=resolved,
            upstreams=tuple(backends.made(name) for name in sorted(used)),
            stream=stream_of(services, filter(None, map(passed_to, resolved)), upstreams),
            passes=any(map(passes_tls, resolved)),
        ),
        make_settings(options, settings, certificates.default, files, sink),
        files.all(),
        names.at_start(),
        options,
    )
    names.report(names_at_start(config), config.settings, sink)
    if not options.echo:
        modes = (item.backends for item in store.services.values())
        report_broken((options.backends, *modes), store, sink)
    return config


@dataclass(frozen=True, slots=True)
class Joined:
    """What is resolved of the hosts, and of what stands beside them."""

    hosts: tuple[Host, ...]
    upstreams: tuple[Upstream, ...]
    """Those of live routes, by name."""
    stream: Stream
    passes: bool
    """Whether the TLS of some host is passed on."""


def join(
    joined: Joined,
    settings: Settings,
    files: tuple[OutputFile, ...],
    at_start: AtStart,
    options: Options,
) -> Config:
    """Return the whole configuration."""
    return Config(
        hosts=joined.hosts,
        upstreams=joined.upstreams,
        files=files,
        settings=dataclasses.replace(
            settings,
            policies=sized(settings.policies, len(joined.upstreams)),
            inner_ports=inner_ports(options) if joined.passes else None,
            at_start=at_start,
        ),
        stream=joined.stream,
    )


def used_by(host: Host) -> frozenset[str]:
    """Return the names of the upstreams of a host's live routes."""
    return frozenset(name for route in (*host.routes, host.default) for name in route.upstreams)
