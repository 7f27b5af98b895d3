"""The routes as a tree: hosts, paths, the Services behind these, and the endpoints of each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ingc.ir import Config, Upstream
from ingc.routes.rows import RouteRow, StreamRow
from ingc.syntax.visible import visible


@dataclass(frozen=True, slots=True)
class ChartTarget:
    """What answers: a Service with its endpoints, or nginx itself."""

    label: str
    endpoints: tuple[str, ...] = ()
    by_nginx: bool = False
    canary: bool = False
    """True where it takes a part of the requests alone."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A path of a host, or all that comes to a port."""

    path: str
    kind: str
    """The pathType, or what else it is."""
    targets: tuple[ChartTarget, ...]
    about: str = ""
    """Which rule it is."""
    dead: str = ""
    """Why no request reaches it."""


@dataclass(slots=True)
class Trunk:
    """A host, or a port beside http."""

    label: str
    branches: list[Branch] = field(default_factory=list)


def chart(
    routes: Iterable[RouteRow], streams: Iterable[StreamRow], config: Config
) -> tuple[Trunk, ...]:
    """Return the trees of hosts in the order of the rows, then those of ports."""
    upstreams = {item.name: item for item in config.upstreams}
    trunks: dict[str, Trunk] = {}
    for row in routes:
        trunk = trunks.setdefault(row.host or "", Trunk(visible(row.host or "(any other)")))
        trunk.branches.append(_branch(row, upstreams))
    apart = {item.name: item for item in config.stream.upstreams}
    for item in streams:
        unopened = Branch("", "TLS, unopened", (_stream_target(item, apart),))
        if item.protocol == "tls":
            label = visible(item.host or "(any other)")
            trunks.setdefault(item.host or "", Trunk(label)).branches.append(unopened)
        else:
            label = f"{item.protocol.upper()} port {item.listen}"
            branch = Branch("", item.protocol.upper(), unopened.targets)
            trunks[f"{item.protocol} {item.listen}"] = Trunk(label, [branch])
    return tuple(trunks.values())


def _branch(row: RouteRow, upstreams: dict[str, Upstream]) -> Branch:
    source = f"  ({row.source})" if row.source else ""
    return Branch(
        path=visible(row.path) if row.path_type else "(unmatched)",
        kind=row.path_type or "default",
        targets=() if row.dead else tuple(_targets(row, upstreams)),
        about=visible(f"{row.ingress} {row.field}{source}") if row.ingress else "",
        dead=visible(row.dead or ""),
    )


def _targets(row: RouteRow, upstreams: dict[str, Upstream]) -> Iterable[ChartTarget]:
    service = visible(f"{row.service}:{row.port}") if row.service else ""
    if row.answer is not None:
        yield ChartTarget(
            f"{row.answer} ({service})" if service else str(row.answer), by_nginx=True
        )
        return
    yield _target(row.upstream, service, upstreams)
    if row.canary:
        yield _target(row.canary, "", upstreams, canary=True)


def _target(
    name: str | None, label: str, upstreams: dict[str, Upstream], *, canary: bool = False
) -> ChartTarget:
    found = upstreams.get(name or "")
    if found is None:
        return ChartTarget(label or visible(name or "-"), canary=canary)
    # By its number where that is known, so that one Service port has one name.
    addresses = tuple(visible(str(endpoint)) for endpoint in found.endpoints)
    return ChartTarget(visible(str(found.service)), addresses, canary=canary)


def _stream_target(row: StreamRow, upstreams: dict[str, Upstream]) -> ChartTarget:
    if row.upstream is None:
        label = f"closed ({row.service}:{row.port})" if row.service else "closed"
        return ChartTarget(visible(label), by_nginx=True)
    return _target(row.upstream, visible(f"{row.service}:{row.port}"), upstreams)
