"""The header that names to listed clients the route that took their request.

Its text is the route's name as the access log has it, in parts: ``namespace/name/rule/path``.
"""

from __future__ import annotations

from ingc.ir import Settings
from ingc.plan.frame.logs import ROUTE
from ingc.plan.layout import Literal, Map, Value
from ingc.syntax.text import Text, Variable

_LISTED = Variable("ingc_debugged")
_PARTS = Variable("ingc_parts_of_route")
_INGRESS = Variable("ingc_of_route")
_RULE = Variable("ingc_rule_of_route")
_PATH = Variable("ingc_path_of_route")
_BY_RULE = Literal(
    rf"~^(?<{_INGRESS.name}>[^ ]+) (?<{_RULE.name}>spec\.rules\[\d+\])\.(?<{_PATH.name}>.+)$"
)
_BY_FIELD = Literal(rf"~^(?<{_INGRESS.name}>[^ ]+) (?<{_RULE.name}>[^ ]+)$")

_ANSWERED = Variable("ingc_debug_route")
HEADER: tuple[str, Value] = ("X-Ingc-Route", _ANSWERED)
"""The header; nginx sends none for clients that are not listed, as its value is empty then."""


def answered(settings: Settings) -> tuple[tuple[str, Value], ...]:
    """Return the headers of every answer beside those of https; nothing stands in for ours."""
    headers = settings.policies.response_headers
    if not settings.debug_header:
        return headers
    return (*(item for item in headers if item[0].lower() != HEADER[0].lower()), HEADER)


def debug_maps(settings: Settings) -> tuple[Map, ...]:
    """Return what the header's value is made of; without a default a ``geo`` gives nothing."""
    if not settings.debug_header:
        return ()
    listed = tuple((Literal(network), "1") for network in settings.debug_header)
    by_rule = Text((_INGRESS, "/", _RULE, "/", _PATH))
    parts = ((_BY_RULE, by_rule), (_BY_FIELD, Text((_INGRESS, "/", _RULE))), ("default", ROUTE))
    return (
        Map(None, _LISTED, listed, "geo"),
        Map(_LISTED, _ANSWERED, (("1", _PARTS), ("default", ""))),
        Map(ROUTE, _PARTS, parts),
    )
