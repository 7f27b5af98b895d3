"""What directives of one snippet decide together, whatever their order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ingc.frontend.snippets.contents import SnippetContents, SnippetPlace
from ingc.frontend.snippets.parsed import ReadDirective
from ingc.ir.features.snippets import ReturnAnswer, each_step

TYPES: Mapping[str, str] = {
    "atom": "application/atom+xml",
    "css": "text/css",
    "gif": "image/gif",
    "ico": "image/x-icon",
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "js": "application/javascript",
    "json": "application/json",
    "png": "image/png",
    "rss": "application/rss+xml",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "webmanifest": "application/octet-stream",
    "xml": "text/xml",
}
"""Media types by how a path ends, of those that nginx's ``mime.types`` has."""
_USUAL = "text/html"
"""ingress-nginx's ``default_type``."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_WITH_TEXT = frozenset({SnippetPlace.LOCATION, SnippetPlace.IN_SERVER})


def note_beforehand(directives: Iterable[ReadDirective], contents: SnippetContents) -> None:
    """Note what decides how other directives are read."""
    if contents.place in _WITH_TEXT:
        words = [item.texts for item in directives if item.name.text == "absolute_redirect"]
        contents.relative = words == [("off",)]


def settle(contents: SnippetContents, *, path: str = "") -> None:
    """Settle what no directive decides alone; ``path`` is that of a location that takes no other.

    In ingress-nginx the headers of ``expires`` come behind those of headers-more, in place of
    them, and texts of answers are of the type of its ``default_type`` and of ``mime.types``.
    """
    if contents.tunings.get("expires", ("off",)) != ("off",):
        for name in ("expires", "cache-control"):
            contents.replaced.pop(name, None)
            contents.cleared.pop(name, None)
    answers = (step for step in each_step(tuple(contents.steps)) if isinstance(step, ReturnAnswer))
    texts = (item for item in answers if item.text is not None and item.status not in _REDIRECTS)
    if contents.place not in _WITH_TEXT or next(texts, None) is None:
        return
    ending = path.rpartition("/")[2].rpartition(".")[2].lower() if "." in path else ""
    contents.tunings.setdefault("default_type", (TYPES.get(ending, _USUAL),))
