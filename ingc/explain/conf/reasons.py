"""Why nginx answers itself, by an nginx.conf, in words."""

from __future__ import annotations

from ingc.explain.answer import text_of
from ingc.model import Outcome


def why_itself(outcome: Outcome, where: str, by: str) -> str:
    """Return why nginx answers without a backend or a file; ``where`` is the place.

    ``by`` is the name of the directive of a server that answers, with its place; it may be empty.
    """
    text = f' with "{text_of(outcome.text)}"' if outcome.text else ""
    if by:
        return f"nginx answers by itself{text}: the server's own {by}"
    if outcome.status == 301 and not outcome.location_line and outcome.uri:
        slashed = text_of(outcome.uri) + "/"
        return f"a location {slashed} passes requests on, so nginx adds the slash"
    return f"nginx answers by itself{text}, {where}"


def why_file(outcome: Outcome, method: str) -> str:
    """Return in words what of the disk decides."""
    if outcome.file.endswith(b"/"):
        with_status = f", with status {outcome.shown}," if outcome.shown else ""
        return f"nginx serves an index file of it{with_status} if there is one, else 403 or 404"
    if outcome.shown == 404:
        return "an error page; where it is missing, nginx's own words"
    if method not in ("GET", "HEAD") and not outcome.shown:
        missing = ", or 404 where it is missing" if method == "POST" else ""
        return f"nginx takes no {method} for a file: 405{missing}"
    with_status = f"with status {outcome.shown} " if outcome.shown else ""
    return f"nginx serves it {with_status}if it is there, else 404"
