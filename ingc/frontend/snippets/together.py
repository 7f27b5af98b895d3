"""What directives of one snippet decide together, whatever their order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from ingc.frontend.snippets.contents import SnippetContents, SnippetPlace
from ingc.frontend.snippets.parsed import ReadDirective, SnippetWord
from ingc.ir.features.snippets import (
    IfBranch,
    ReturnAnswer,
    RewritePath,
    SetVariable,
    answers_text,
    each_step,
)
from ingc.syntax.text import Text

_WITH_TEXT = frozenset({SnippetPlace.LOCATION, SnippetPlace.IN_SERVER})


def note_beforehand(directives: Iterable[ReadDirective], contents: SnippetContents) -> None:
    """Note what decides how other directives are read."""
    if contents.place in _WITH_TEXT:
        words = [item.texts for item in directives if item.name.text == "absolute_redirect"]
        contents.relative = words == [("off",)]


def settle(contents: SnippetContents) -> None:
    """Settle what no directive decides alone.

    In ingress-nginx the headers of ``expires`` come behind those of headers-more, in place of
    them, and texts of answers are of the type of its ``default_type`` where no ending names one.
    """
    if contents.tunings.get("expires", ("off",)) != ("off",):
        for name in ("expires", "cache-control"):
            contents.replaced.pop(name, None)
            contents.cleared.pop(name, None)
    if contents.place in _WITH_TEXT and answers_text(tuple(contents.steps)):
        contents.tunings.setdefault("default_type", (contents.names.text_type,))


_LONGEST = 64 * 1024
"""Bytes that a value may come to, by a rough reckoning: nginx holds it for each request."""
_OF_REQUEST = 1024
"""Bytes of what a request holds, by the same reckoning."""
_ROUNDS = 11
"""So often nginx may run a program for one request: once, and for each new path."""


def overgrown(
    directives: Iterable[ReadDirective], contents: SnippetContents
) -> tuple[SnippetWord, str] | None:
    """Return a directive whose value could grow beyond all bounds, as ``set $a $a$a`` does."""
    weights = contents.names.weights
    sets = [step for step in each_step(tuple(contents.steps)) if isinstance(step, SetVariable)]
    for _ in range(_ROUNDS):
        for number, step in enumerate(sets):
            weight = _weight(step.value, weights)
            if weight > _LONGEST:
                return list(_named(directives, "set"))[number], "set"
            weights[step.name] = max(weight, weights.get(step.name, 0))
    texts = (text for text in _texts(contents) if _weight(text, weights) > _LONGEST)
    item = next(iter(directives), None)
    return None if next(texts, None) is None or item is None else (item.name, item.name.text)


def _weight(text: Text, weights: Mapping[str, int]) -> int:
    return sum(
        len(part) if isinstance(part, str) else weights.get(part.name, _OF_REQUEST)
        for part in text.parts
    )


def _named(directives: Iterable[ReadDirective], name: str) -> Iterator[SnippetWord]:
    for item in directives:
        if item.name.text == name:
            yield item.name
        if item.block is not None and item.name.text == "if":
            yield from _named(item.block, name)


def _texts(contents: SnippetContents) -> Iterator[Text]:
    for step in each_step(tuple(contents.steps)):
        if isinstance(step, ReturnAnswer) and step.text is not None:
            yield step.text
        elif isinstance(step, RewritePath):
            yield step.target
        elif isinstance(step, IfBranch):
            yield step.condition.operand
    yield from (item.value for item in contents.added)
    yield from (value for _, value in contents.replaced.values())
    yield from (value for _, value in contents.request_headers.values())
