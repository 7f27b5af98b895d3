"""Rewrites: what one to the path itself does."""

from __future__ import annotations

import dataclasses

from ingc.frontend.intent import IntentRoute
from ingc.ir import Exact
from ingc.ir.features.rewrite import Rewrite
from ingc.syntax.text import Text


def grant_rewrite(rewrite: Rewrite, intent: IntentRoute) -> Rewrite | None:
    """Return what a rewrite does; one to the path itself rewrites only what is below the path.

    ingress-nginx makes the locations ``/foo`` and ``/foo/`` of Prefix ``/foo``, and to the second
    one the target ``/foo`` is another path.
    """
    if rewrite.pattern is not None or rewrite.target != Text((intent.path,)):
        return rewrite
    if isinstance(intent.match, Exact) or intent.path.endswith("/"):
        return None
    return dataclasses.replace(rewrite, pattern=f"^{intent.path}/")
