"""What a change of objects changes: of the configuration, of its files, and of the findings."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, TypeVar

from ingc import ir
from ingc.compiler import Result
from ingc.diagnostics import Diagnostic
from ingc.engine.differing import without_same_ends

T = TypeVar("T")
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
    known = before.diagnostics if before is not None else ()
    old, new = without_same_ends(known, after.diagnostics)
    findings: dict[str, Any] = {"appeared": _by_object(new, old), "gone": _by_object(old, new)}
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
    names, old, new = _changed(before.upstreams if before else (), after.upstreams, _name)
    moved = tuple(name for name in names if name in old and name in new and _moved(old, new, name))
    return {
        "endpoints": moved,
        "upstreams": tuple(name for name in names if name not in moved),
        "hosts": _changed(before.hosts if before else (), after.hosts, _name)[0],
        "files": _changed(before.files if before else (), after.files, _path)[0],
    }


_name, _path = attrgetter("name"), attrgetter("path")


def _moved(old: Mapping[str, ir.Upstream], new: Mapping[str, ir.Upstream], name: str) -> bool:
    return dataclasses.replace(old[name], endpoints=new[name].endpoints) == new[name]


def _changed(
    before: Sequence[T], after: Sequence[T], name_of: Callable[[T], str]
) -> tuple[tuple[str, ...], dict[str, T], dict[str, T]]:
    """Return the names of what is not the same in both, sorted, and what they are of in each.

    Most of it is the same object in both.
    """
    before, after = without_same_ends(before, after)
    kept, known = set(map(id, before)), set(map(id, after))
    old = {name_of(item): item for item in before if id(item) not in known}
    new = {name_of(item): item for item in after if id(item) not in kept}
    names = (name for name in {**old, **new} if old.get(name) != new.get(name))
    return tuple(sorted(names)), old, new


def _by_object(found: Sequence[Diagnostic], other: Sequence[Diagnostic]) -> Findings:
    known = set(map(_place, other))
    lists: dict[str, list[Diagnostic]] = {}
    for diagnostic in found:
        if _place(diagnostic) not in known:
            lists.setdefault(diagnostic.object or "", []).append(diagnostic)
    return {name: tuple(items) for name, items in lists.items()}


def _place(diagnostic: Diagnostic) -> tuple[object, ...]:
    return diagnostic.entry, diagnostic.origin, diagnostic.severity
