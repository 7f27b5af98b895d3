"""Copies of requests for another service."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammars import HOST, SWITCH
from ingc.frontend.declarations.outside_url import MIRROR_URL
from ingc.frontend.wishes import Ask, MirrorWish

MIRROR_TARGET = Annotation(
    "mirror-target",
    "Send a copy of each request to this URL; what it answers is ignored.",
    MIRROR_URL,
    risk=Risk.HIGH,
    see="mirror",
)
MIRROR_REQUEST_BODY = Annotation(
    "mirror-request-body",
    "Whether bodies are copied too.",
    SWITCH,
    default="on",
    needs="mirror-target",
    see="mirror_request_body",
)
MIRROR_HOST = Annotation(
    "mirror-host",
    "The Host header of the copies, in place of the URL's.",
    HOST,
    risk=Risk.HIGH,
    needs="mirror-target",
    see="proxy_set_header",
)


def build(values: Values) -> Iterator[Ask]:
    """Request copies."""
    url = values.own(MIRROR_TARGET)
    if url is not None:
        body = values.own(MIRROR_REQUEST_BODY) != "off"
        place = values.place(MIRROR_TARGET)
        yield MirrorWish(url, values.own(MIRROR_HOST) or "", body, place)


FAMILY = Family("Mirroring", (MIRROR_TARGET, MIRROR_REQUEST_BODY, MIRROR_HOST), build)
