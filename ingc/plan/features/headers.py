"""Headers of requests and answers."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.headers import CustomHeaders, KeptHeader, RequestHeader
from ingc.ir.features.snippets import depends_on_program
from ingc.plan.frame.http import request_headers
from ingc.plan.pieces import Piece, RoutePlace, map_of, maps_of
from ingc.syntax.naming import dashed_word
from ingc.syntax.text import Variable, literal

_OF_EVERYBODY = "strict-transport-security"


def plan_custom_headers(feature: CustomHeaders, _place: RoutePlace) -> Iterator[Piece]:
    """Each in place of the backend's; nginx sends none with an empty value.

    Of what everybody has it sends none where the location has an empty one.
    """
    sent = tuple(
        (name, literal(value))
        for name, value in feature.headers
        if value or name.lower() == _OF_EVERYBODY
    )
    yield Piece(
        response_headers=sent,
        hidden=tuple(name for name, _ in feature.headers),
        maps=tuple(dict.fromkeys(item for _, value in sent for item in maps_of(value))),
    )


def plan_request_header(feature: RequestHeader, _place: RoutePlace) -> Iterator[Piece]:
    """Set one header that the backend gets."""
    if depends_on_program(feature.value):
        # Known only once the program has run, which is behind every ``set`` of a header.
        yield Piece(request_headers=((feature.name, feature.value),))
        return
    yield Piece(set_headers=((feature.name, feature.value),), maps=maps_of(feature.value))


def plan_kept_header(feature: KeptHeader, place: RoutePlace) -> Iterator[Piece]:
    """Let the backend get what the client sends, and only without it the usual value."""
    usual = {name.lower(): value for name, value in request_headers(place.settings).items()}
    name = feature.name.lower()
    sent = Variable("http_" + name.replace("-", "_"))
    # Of a name there is one usual value in a configuration.
    words = (dashed_word(name),)
    value, kept = map_of("kept", sent, ("", usual[name]), ("default", sent), words=words)
    yield Piece(set_headers=((feature.name, value),), maps=(*maps_of(usual[name]), kept))
