"""What a change of objects changes: of the configuration, of its files, and of the findings."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingc import ir
from ingc.compiler import Result
from ingc.diagnostics import Diagnostic

Findings = Mapping[str, tuple[Diagnostic, ...]]
"""By object, such as ``Ingress shop/web``; ``""``: of no object."""


@dataclass(frozen=True, slots=True)
class Change:
    """What one `Compiler.apply` has changed.

    All but the findings compares with the last result that may be used: where the new one may not,
    nothing is changed, and the configuration before goes on.
    """

    result: Result = field(repr=False)
    """What was compiled, whether it may be used or not."""
    endpoints: tuple[str, ...] = ()
    """Names of upstreams that differ in their endpoints alone."""
    upstreams: tuple[str, ...] = ()
    """Names of upstreams that came, went, or differ in more."""
    hosts: tuple[str, ...] = ()
    """Hosts that came, went, or have other routes, features or certificates; ``""``: any other."""
    files: tuple[str, ...] = ()
    """Paths of files that came, went, or have another content, relative to nginx.conf."""
    frame: bool = False
    """Whether something holds for all hosts that did not before: settings, ports beside http."""
    reload: bool = False
    """Whether nginx has to load its configuration again: nginx.conf or a file is another one."""
    appeared: Findings = field(default_factory=dict)
    """Findings that were not there before."""
    gone: Findings = field(default_factory=dict)
    """Findings that are not there any more."""

    @property
    def nothing(self) -> bool:
        """Whether neither the configuration nor any finding is another one."""
        return not (self.reload or self.appeared or self.gone or self.changes_config)

    @property
    def changes_config(self) -> bool:
        """Whether requests may be answered in another way."""
        return bool(self.endpoints or self.upstreams or self.hosts or self.files or self.frame)

    @property
    def only_endpoints(self) -> bool:
        """Whether the configuration differs in endpoints and in nothing else."""
        others = self.upstreams or self.hosts or self.files or self.frame
        return bool(self.endpoints) and not others


def change_between(served: Result | None, before: Result | None, after: Result) -> Change:
    """Compare a result with the one before it, and with the last one that may be used.

    ``None``: there was none.
    """
    old = before.diagnostics if before is not None else ()
    findings: dict[str, Any] = {
        "appeared": _by_object(after.diagnostics, old),
        "gone": _by_object(old, after.diagnostics),
    }
    if not after.ok or after.ir is None:
        return Change(after, **findings)
    if served is None or served.ir is None:
        changed = _differences(None, after.ir)
        return Change(after, **findings, **changed, frame=True, reload=True)
    frame = (served.ir.settings, served.ir.stream) != (after.ir.settings, after.ir.stream)
    changed = _differences(served.ir, after.ir)
    reload = served.config != after.config or bool(changed["files"])
    return Change(after, **findings, **changed, frame=frame, reload=reload)


def _differences(before: ir.Config | None, after: ir.Config) -> dict[str, Any]:
    old = {item.name: item for item in before.upstreams} if before is not None else {}
    new = {item.name: item for item in after.upstreams}
    names = _changed(old, new)
    moved = tuple(name for name in names if name in old and name in new and _moved(old, new, name))
    hosts = {item.name: item for item in before.hosts} if before is not None else {}
    files = {item.path: item for item in before.files} if before is not None else {}
    return {
        "endpoints": moved,
        "upstreams": tuple(name for name in names if name not in moved),
        "hosts": _changed(hosts, {item.name: item for item in after.hosts}),
        "files": _changed(files, {item.path: item for item in after.files}),
    }


def _moved(old: Mapping[str, ir.Upstream], new: Mapping[str, ir.Upstream], name: str) -> bool:
    return dataclasses.replace(old[name], endpoints=new[name].endpoints) == new[name]


def _changed(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of what is not the same in both, sorted."""
    names = (name for name in {**old, **new} if old.get(name) != new.get(name))
    return tuple(sorted(names))


def _by_object(found: Iterable[Diagnostic], other: Iterable[Diagnostic]) -> Findings:
    known = set(map(_place, other))
    lists: dict[str, list[Diagnostic]] = {}
    for diagnostic in found:
        if _place(diagnostic) not in known:
            lists.setdefault(diagnostic.object or "", []).append(diagnostic)
    return {name: tuple(items) for name, items in lists.items()}


def _place(diagnostic: Diagnostic) -> tuple[object, ...]:
    return diagnostic.entry, diagnostic.origin, diagnostic.severity
