"""What takes the place of an answer: error pages and the page of a sign-in."""

from __future__ import annotations

import dataclasses

from ingc.ir import Route
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.external_auth import SignIn
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.snippets import ErrorPage, ErrorPages
from ingc.ir.features.tuning import Tuning
from ingc.match.answer import ClientRefusal, Match
from ingc.match.heard import HeardRequest, course_of
from ingc.match.programs import expand
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
    match: Match, refusal: ClientRefusal, route: Route, read: HeardRequest
) -> Match:
    """Return the answer to a client that a route refuses: its error pages may take over."""
    kept = kept_out(match, refusal)
    if refusal.status == UNAUTHORIZED and route.feature(SignIn) is not None:
        return _signed_in(kept)
    pages = route.feature(ErrorPages)
    page = pages.page_for(refusal.status) if pages is not None else None
    if page is not None:
        return _on_page(kept, page, read)
    errors = route.feature(CustomErrors)
    if errors is not None and refusal.status in errors.codes:
        why = f"{refusal.why}; the error backend answers" if refusal.why else ""
        return dataclasses.replace(_paged(kept, errors, route, read.target), why=why)
    return kept


def on_error_page(target: RequestTarget) -> bytes:
    """Return the target that the backend of error pages gets."""
    return b"/?" + target.args if target.args else b"/"


def own_error(match: Match, route: Route, read: HeardRequest) -> Match:
    """Return what becomes of a status that nginx itself answers with: a page may replace it."""
    status = match.status
    if status is None or match.text is not None or match.redirect is not None:
        return match
    if status == UNAUTHORIZED and route.feature(SignIn) is not None:
        return _signed_in(match)
    pages = route.feature(ErrorPages)
    page = pages.page_for(status) if pages is not None else None
    if pages is not None and page is not None:
        refused = dataclasses.replace(match, refusal=ClientRefusal(pages, status, ""))
        return _on_page(refused, page, read)
    errors = route.feature(CustomErrors)
    if errors is not None and status in errors.codes:
        return _paged(match, errors, route, read.target)
    return match


def _on_page(match: Match, page: ErrorPage, read: HeardRequest) -> Match:
    """Return the answer that an error page of a snippet gives."""
    if not page.path:
        location = expand(page.target, course_of(read)).decode("latin-1")
        return dataclasses.replace(match, status=page.status or 302, redirect=location)
    if match.refusal is None:
        return match
    refusal = dataclasses.replace(match.refusal, page=page.path)
    return dataclasses.replace(match, refusal=refusal)


def replied(match: Match, route: Route, reply: int, read: HeardRequest) -> Match:
    """Return what becomes of the status ``reply`` of a route's backend: a page may replace it."""
    target = read.target
    pages = route.feature(ErrorPages)
    page = pages.page_for(reply) if pages is not None and _intercepts(route) else None
    if page is not None and pages is not None:
        refused = ClientRefusal(pages, reply, "the backend answers so")
        return _on_page(kept_out(match, refused), page, read)
    errors = route.feature(CustomErrors)
    if errors is None or not errors.intercept:
        return match
    if reply == UNAUTHORIZED and route.feature(SignIn) is not None:
        return _signed_in(match)
    return _paged(match, errors, route, target) if reply in errors.codes else match


def _intercepts(route: Route) -> bool:
    """Return whether pages stand in for errors of the backend too."""
    tunings = (item for item in route.features if isinstance(item, Tuning))
    own = any(item == Tuning("proxy_intercept_errors", ("on",)) for item in tunings)
    errors = route.feature(CustomErrors)
    return own or (errors is not None and errors.intercept)


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
