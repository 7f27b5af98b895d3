"""Names that only DNS knows: which of them nginx may resolve at its start.

With a resolver nginx looks names up while it runs, and one that is not found fails alone. Without
one it looks them up at its start, once, and does not start for anybody where it can't: nobody who
writes an Ingress or a Service may decide that. The operator may, by an option. And of manifests
that were never in a cluster no address is known, so that a rule's Service is reached by its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.backends import NameNotResolved, NamesResolvedAtStart
from ingc.frontend.intent import IntentRoute
from ingc.ir import AtStart, Settings, service_name
from ingc.ir.start_names import operators_names
from ingc.options import Options
from ingc.resolve.lookup import Lookup, Resolution, Unusable
from ingc.syntax.host import EVERY, plain_name

NamedBy = Literal["rule", "operator", "other"]
"""Who names a server: a rule's backend, an option of the operator, or anything else."""


def named_by(intent: IntentRoute) -> NamedBy:
    """Return who names the backend of a route; a default backend is no rule's."""
    return "rule" if intent.path_type else "other"


@dataclass(slots=True)
class AllowedNames:
    """Decides about names, and keeps those that the operator's options hold."""

    options: Options
    complete: bool
    """True where the input has all Services."""
    isolate: bool
    """True where one author's part may not keep the others from being served."""
    operators: set[str] = field(default_factory=set)
    """Names that the operator's options hold."""

    def allowed(self, name: str, by: NamedBy, *, own: bool) -> bool:
        """Return whether nginx may be given a name.

        ``own``: who names it has written it, or its Service's own name is meant; what else an
        ExternalName holds is the Service's author's.
        """
        if self.options.resolver or self._given(name):
            return True
        if by == "operator" and own:
            self.operators.add(name)
            return True
        return by == "rule" and own and bool(self._services_below)

    def report(self, found: Iterable[str], settings: Settings, sink: Sink) -> None:
        """Report the names that nginx resolves once, but for those that the operator accepts.

        ``found`` are those of upstreams; the operator's own servers are in the settings.
        """
        every = frozenset(found) | operators_names(settings)
        names = tuple(sorted(name for name in every if not self._given(name)))
        if names:
            sink.report(NamesResolvedAtStart(names=names), Origin())

    def _given(self, name: str) -> bool:
        given = self.options.resolve_at_start
        return EVERY in given or name in map(plain_name, given)

    @property
    def _services_below(self) -> str:
        return "" if self.complete or self.isolate else self.options.cluster_domain

    def at_start(self) -> AtStart:
        """Return what the proof is to let nginx resolve."""
        given = {*map(plain_name, self.options.resolve_at_start), *self.operators}
        return AtStart(tuple(sorted(given)), self._services_below)


def resolvable(found: Resolution, lookup: Lookup, by: NamedBy, names: AllowedNames) -> Resolution:
    """Return the endpoints of a Service, unless one is a name that nginx may not resolve."""
    if isinstance(found, Unusable):
        return found
    own = service_name(lookup.namespace, lookup.backend.name, lookup.options.cluster_domain)
    named = (endpoint.address for endpoint in found if endpoint.dns)
    name = next((item for item in named if not names.allowed(item, by, own=item == own)), None)
    if name is None:
        return found
    at = None
    if name == own:
        what = "EndpointSlices of it" if lookup.service is not None else "the Service"
        fix = f"add {what} to the input, or pass {either(name)}"
    else:
        fix = f"pass {either(name)}"
        at = _named_at(lookup, name)
    return Unusable(NameNotResolved(service=lookup.name, dns_name=name, fix=fix), at)


def _named_at(lookup: Lookup, name: str) -> Origin | None:
    """Return where a Service has a name that is not its own."""
    service = lookup.service
    if service is None:
        return None
    if service.type == "ExternalName":
        return service.origin.at("spec", "externalName")
    for index, item in enumerate(service.balancers):
        if item.address == name:
            return service.origin.at("status", "loadBalancer", "ingress", index, "hostname")
    return None


def either(name: str) -> str:
    """Return the options that let nginx resolve a name, in words."""
    return f"--resolver ADDRESS, or --resolve-at-start {name}"
