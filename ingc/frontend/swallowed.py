"""A rewrite to one text sends whatever is below a path there: pages, styles, pictures alike."""

from __future__ import annotations

import re

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import RewriteSwallowsPaths
from ingc.frontend.intent import Intent, IntentRoute
from ingc.ir import Exact
from ingc.ir.features.rewrite import Rewrite
from ingc.syntax.text import Text

_OF_PATH = frozenset({"uri", "document_uri", "request_uri"})
_PLAIN = re.compile(r"[A-Za-z0-9/_-]+").fullmatch


def report_swallowed(intent: Intent, sink: Sink) -> None:
    """Report, once for an Ingress, paths with a rewrite that no part of the path is left of."""
    found = [route for route in intent.routes if _swallows(route)]
    rewrite = found[0].asks(Rewrite) if found else None
    if rewrite is None:
        return
    target, first = str(rewrite.target), found[0].path
    entry = RewriteSwallowsPaths(
        target=target, paths=tuple(route.path for route in found), fix=_fix(first, target)
    )
    sink.report(entry, found[0].origin.at("path"))


def _swallows(route: IntentRoute) -> bool:
    rewrite = route.asks(Rewrite)
    if rewrite is None or rewrite.redirects or isinstance(route.match, Exact):
        return False
    if route.path.endswith("$") or (
        rewrite.target == Text((route.path,)) and route.path[-1] == "/"
    ):
        return False
    named = rewrite.target.variables
    return not any(name.isdigit() or name in _OF_PATH for name in named)


def _fix(path: str, target: str) -> str:
    if _PLAIN(path) is None:
        return "let a group of the path match the rest, and name it in rewrite-target"
    whole = f"{path.rstrip('/')}(/|$)(.*)"
    return (
        f"write path: {whole}, pathType: ImplementationSpecific "
        f"and rewrite-target: {target.rstrip('/')}/$2"
    )
