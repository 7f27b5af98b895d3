"""A typed Ingress → its Intent."""

from __future__ import annotations

import re

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.hosts_paths import PathForbidden
from ingc.frontend.annotations import read_annotations
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.intent import Intent, IntentRoute, IntentTls
from ingc.frontend.other_prefixes import report_other_prefixes
from ingc.frontend.pathless import redirected_hosts
from ingc.frontend.registry import annotations_for
from ingc.frontend.swallowed import report_swallowed
from ingc.frontend.wishes import Wishes
from ingc.ir import Prefix, specified_match
from ingc.k8s.ingress import HttpPath, Ingress, Rule
from ingc.options import Options

_NONE: Defaults = {}
STRICT_PATHS = "strict-validate-path-type"
"""The key of the ConfigMap."""
_STRICT = re.compile(r"/[A-Za-z0-9._/-]*").fullmatch
"""ingress-nginx: ``validPathType``."""


def read_intent(
    ingress: Ingress, sink: Sink, options: Options, defaults: Defaults = _NONE
) -> Intent:
    """Return what an Ingress requests; findings about its annotations go to the sink.

    ``defaults`` is what the ConfigMap sets for annotations that it does not have.
    """
    report_other_prefixes(ingress, sink, options)
    wishes = read_annotations(ingress, sink, options, annotations_for(options), defaults)
    forbidden = _report_forbidden(ingress, sink) if defaults.get(STRICT_PATHS) else False
    broken = ingress.broken or wishes.broken or forbidden
    meta = ingress.meta
    default = None
    if ingress.default_backend_origin:
        default = IntentRoute(
            namespace=meta.namespace,
            ingress=meta.name,
            host="",
            match=Prefix("/"),
            path="/",
            path_type="",
            backend=ingress.default_backend,
            origin=ingress.default_backend_origin,
            broken=broken,
            asked=wishes,
            ruleless=not ingress.rules,
        )
    intent = Intent(
        namespace=meta.namespace,
        ingress=meta.name,
        created=meta.created,
        hosts=tuple(dict.fromkeys(rule.host for rule in ingress.rules)),
        routes=tuple(
            _read_route(ingress, rule, path, wishes, broken=broken)
            for rule in ingress.rules
            for path in rule.paths
        ),
        default=default,
        tls=tuple(
            # A certificate that can be used is: other Ingresses of the host may rely on it.
            IntentTls(meta.namespace, entry.hosts, entry.secret, entry.origin, entry.broken)
            for entry in ingress.tls
        ),
        origin=ingress.origin,
        asked=wishes,
        redirected=tuple(redirected_hosts(ingress, wishes, broken=broken)),
    )
    report_swallowed(intent, sink)
    return intent


def _report_forbidden(ingress: Ingress, sink: Sink) -> bool:
    """Report paths that the ConfigMap forbids; return whether there are any."""
    found = False
    for rule in ingress.rules:
        for path in rule.paths:
            if path.path_type != "ImplementationSpecific" and not _STRICT(path.path):
                found = True
                entry = PathForbidden(path=path.path, path_type=path.path_type)
                sink.report(entry, path.origin.at("path"))
    return found


def _read_route(
    ingress: Ingress, rule: Rule, path: HttpPath, wishes: Wishes, *, broken: bool
) -> IntentRoute:
    return IntentRoute(
        namespace=ingress.meta.namespace,
        ingress=ingress.meta.name,
        host=rule.host,
        match=specified_match(path.path, path.path_type),
        path=path.path,
        path_type=path.path_type,
        backend=path.backend,
        origin=path.origin,
        broken=broken,
        asked=wishes,
    )
