"""What an object would break, for whoever may still refuse it: an admission webhook, a pipeline."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingc.diagnostics import Diagnostic, Severity
from ingc.engine.change import Change
from ingc.engine.compiler import Compiler
from ingc.engine.objects import ObjectKey
from ingc.ir import Config, Route

if TYPE_CHECKING:
    from ingc.engine.compiler import Given


@dataclass(frozen=True, slots=True)
class TakenRoute:
    """A route of another object that would take no requests any more."""

    host: str
    """``""``: any other host."""
    path: str
    """As its object has it."""
    ingress: str
    """``namespace/name`` of its object."""
    field: str
    """As Kubernetes writes it: ``spec.rules[0].http.paths[1]``."""


@dataclass(frozen=True, slots=True)
class AdmissionCheck:
    """What becomes of everything where an object is taken."""

    change: Change
    """What `ingc.Compiler.apply` would say of it."""
    errors: tuple[Diagnostic, ...]
    """Errors that would appear, of this object or of others because of it."""
    warnings: tuple[Diagnostic, ...]
    """Other findings that would appear."""
    taken: tuple[TakenRoute, ...]
    """Other objects' routes that it would take the requests from, by host and path."""

    @property
    def allowed(self) -> bool:
        """Whether it breaks nothing: no error appears, and no route of another object is lost."""
        return not self.errors and not self.taken


def check_admission(compiler: Compiler, given: Given) -> AdmissionCheck:
    """Find what a new or changed object would break; the compiler keeps what it has.

    The object counts as it is given: one that the API server would complete, such as by a
    ``creationTimestamp``, has to be given as it would be stored, or it counts as the youngest.
    Never raises for what is in the object. To be called as `ingc.Compiler.apply` is, by one thread
    at a time.
    """
    before = compiler.result
    change = compiler.trial([given])
    appeared = [item for findings in change.appeared.values() for item in findings]
    errors = tuple(item for item in appeared if item.severity is Severity.ERROR)
    warnings = tuple(item for item in appeared if item.severity is not Severity.ERROR)
    taken: tuple[TakenRoute, ...] = ()
    if before.ir is not None and change.result.ir is not None:
        found = _taken(before.ir, change.result.ir, change.hosts, compiler.key(given))
        taken = tuple(sorted(found, key=lambda item: (item.host, item.path, item.ingress)))
    return AdmissionCheck(change, errors, warnings, taken)


def _taken(
    before: Config, after: Config, hosts: tuple[str, ...], own: ObjectKey
) -> Iterator[TakenRoute]:
    names = frozenset(hosts)
    now = {host.name: host for host in after.hosts if host.name in names}
    for host in before.hosts:
        if host.name not in names:
            continue
        kept = {route.origin for route in now[host.name].routes} if host.name in now else set()
        for route in host.routes:
            if route.origin not in kept and not _is_of(route, own):
                origin = route.origin
                yield TakenRoute(host.name, route.path, origin.ingress, origin.field)


def _is_of(route: Route, own: ObjectKey) -> bool:
    ref = route.origin.object
    return (ref.kind, ref.namespace, ref.name) == (own.kind, own.namespace, own.name)
