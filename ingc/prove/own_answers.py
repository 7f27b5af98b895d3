"""What acts on texts that nginx itself answers with: headers of a server, and media types.

A program of a server answers before a location is chosen, so that what is in effect at the server
decides, and nothing of a route.
"""

from __future__ import annotations

from dataclasses import replace

from ingc.ir import Host, Settings
from ingc.ir.features.snippets import LocationProgram, ServerProgram, Steps, answers_text
from ingc.ir.media_types import MEDIA_TYPES
from ingc.model.tree import Statement
from ingc.prove.answers import answers_differ
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.features.snippets import server_program_differs
from ingc.prove.settings import setting, wanted
from ingc.prove.unequal import Unequal
from ingc.prove.values import render

_TYPES = "types"


def program_differs(place: InEffect, expected: ExpectedRoute) -> Unequal | None:
    """Return the first difference between the program of a host and its server."""
    host = expected.host
    found = server_program_differs(host, place.server)
    program = host.feature(ServerProgram) if host.features else None
    if program is None or found is not None:
        return found
    answering = replace(host.default, features=(program.headers,))
    answered = answers_differ(place, replace(expected, route=answering))
    if answered is not None:
        return Unequal("ServerProgram", "headers", answered.expected, answered.found)
    return _tunings_differ(program, place.server) or _types_differ(
        program.steps, expected.settings, place
    )


def is_silent(host: Host) -> bool:
    """Return whether what the server of a host answers is not logged."""
    program = host.feature(ServerProgram) if host.features else None
    tunings = program.tunings if program is not None else ()
    return any(item.directive == "access_log" for item in tunings)


def _tunings_differ(program: ServerProgram, server: Statement) -> Unequal | None:
    for item in program.tunings:
        expected = [wanted(item.directive, args) for args in item.each()]
        found = [setting(item.directive, line.args) for line in server.all(item.directive)]
        if [one.form for one in expected] != [one.form for one in found]:
            has = "; ".join(render(one.args) for one in found) or "nothing of it"
            wants = f"{item.directive} {render(item.args)}"
            return Unequal("ServerProgram", "tunings", wants, has)
    return None


def types_differ(place: InEffect, expected: ExpectedRoute) -> Unequal | None:
    """Return that a route answers with texts and the media types of their endings are others."""
    features = expected.route.features
    program = next((item for item in features if isinstance(item, LocationProgram)), None)
    return None if program is None else _types_differ(program.steps, expected.settings, place)


def _types_differ(steps: Steps, settings: Settings, place: InEffect) -> Unequal | None:
    if settings.fragment or not answers_text(steps):
        return None
    has = [{line.name: line.args for line in item.block or ()} for item in place.all(_TYPES)]
    if has == [dict(MEDIA_TYPES)]:
        return None
    return Unequal("LocationProgram", "steps", "the media types of endings", "others or none")
