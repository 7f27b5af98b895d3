"""What takes the place of an answer: error pages and the page of a sign-in."""

from __future__ import annotations

import dataclasses

from ingc.ir import Route
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import SignIn
from ingc.ir.features.rewrite import Rewrite
from ingc.match.answer import ClientRefusal, Match
from ingc.match.refusal import UNAUTHORIZED
from ingc.syntax.uri import RequestTarget


def kept_out(match: Match, refusal: ClientRefusal) -> Match:
    """Return the answer to a client for which no route is tried."""
    return dataclasses.replace(
        match,
        status=refusal.status,
        upstream=None,
        redirect=refusal.location,
        upstream_uri=None,
        why=refusal.why,
        alternatives=(),
        refusal=refusal,
    )


def kept_out_of_route(
    match: Match, refusal: ClientRefusal, route: Route, target: RequestTarget
) -> Match:
    """Return the answer to a client that a route refuses: its error pages may take over."""
    kept = kept_out(match, refusal)
    if refusal.status == UNAUTHORIZED and route.feature(SignIn) is not None:
        return _signed_in(kept)
    errors = route.feature(CustomErrors)
    if errors is not None and refusal.status in errors.codes:
        why = f"{refusal.why}; the error backend answers" if refusal.why else ""
        return dataclasses.replace(_paged(kept, errors, route, target), why=why)
    return kept


def on_error_page(target: RequestTarget) -> bytes:
    """Return the target that the backend of error pages gets."""
    return b"/?" + target.args if target.args else b"/"


def replied(match: Match, route: Route, reply: int, target: RequestTarget) -> Match:
    """Return what becomes of the status ``reply`` of a route's backend: a page may replace it."""
    errors = route.feature(CustomErrors)
    if errors is None or not errors.intercept:
        return match
    if reply == UNAUTHORIZED and route.feature(SignIn) is not None:
        return _signed_in(match)
    return _paged(match, errors, route, target) if reply in errors.codes else match


def _signed_in(match: Match) -> Match:
    """Return the redirect to the page of a `SignIn`."""
    page = match.sign_in
    return dataclasses.replace(
        match, status=302, upstream=None, redirect=page, upstream_uri=None, alternatives=()
    )


def _paged(match: Match, errors: CustomErrors, route: Route, target: RequestTarget) -> Match:
    """Return the answer of the backend of error pages in place of another."""
    # A rewrite may have changed the query before.
    sent = on_error_page(target) if route.feature(Rewrite) is None else None
    return dataclasses.replace(
        match, status=None, upstream=errors.upstream, upstream_uri=sent, alternatives=()
    )
