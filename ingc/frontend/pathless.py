"""Rules without paths whose Ingress requests a redirect: as in ingress-nginx, of the whole host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import RedirectWish, Wishes
from ingc.ir import Prefix
from ingc.ir.features.rewrite import Rewrite
from ingc.k8s.ingress import Ingress
from ingc.syntax.text import Text, Variable

_SAME_IN_BOTH = frozenset({"scheme", "host"})
_QUERY = (Variable("is_args"), Variable("args"))
_FOUND = 302


def redirected_hosts(ingress: Ingress, wishes: Wishes, *, broken: bool) -> Iterator[IntentRoute]:
    """Yield a route for each rule without paths, if annotations redirect its requests.

    A default backend of the Ingress takes them otherwise.
    """
    redirecting = _as_redirect(wishes)
    if redirecting is None or ingress.default_backend_origin:
        return
    for rule in ingress.rules:
        if not rule.paths:
            yield IntentRoute(
                namespace=ingress.meta.namespace,
                ingress=ingress.meta.name,
                host=rule.host,
                match=Prefix("/"),
                path="/",
                path_type="",
                backend=None,
                origin=rule.origin,
                broken=broken,
                asked=redirecting,
            )


def _as_redirect(wishes: Wishes) -> Wishes | None:
    """Return wishes that redirect, or ``None``: these do not."""
    if any(isinstance(item, RedirectWish) for item in wishes.routes):
        return wishes
    rewrite = next((item for item in wishes.routes if isinstance(item, Rewrite)), None)
    if rewrite is None or not rewrite.redirects:
        return None
    # The path is a mere slash: no group of it matches anything.
    names = {name for name in rewrite.target.variables if not name.isdigit()}
    if not names <= _SAME_IN_BOTH:
        return None
    parts = [p for p in rewrite.target.parts if isinstance(p, str) or not p.name.isdigit()]
    others = tuple(item for item in wishes.routes if item is not rewrite)
    redirect = RedirectWish(_FOUND, Text((*parts, *_QUERY)))
    return replace(wishes, routes=(redirect, *others))
