"""The findings of a compile → what is to be decided or known, by cause."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingc.diagnostics import Diagnostic
from ingc.diagnostics.render.page import explanation
from ingc.k8s.ingress import Ingress
from ingc.migrate.migration import Concern, ConcernSpot, Spot, spot_of
from ingc.migrate.snippets import pieces
from ingc.migrate.users import users_of
from ingc.migrate.weighing import Topic, Weight, is_snippet, weigh

_WEIGHTS = list(Weight)
_TOPICS = list(Topic)
_BY_ANNOTATION = frozenset({"ING401", "ING402", "ING406", "ING409", "ING422", "ING437", "ING488"})
"""Codes of which each annotation is a cause of its own."""
_TITLES: Mapping[str, str] = {
    "ING311": "Services that the input lacks",
    "ING313": "Ports that a Service does not have answer 503",
}
"""In place of the first sentence of a code's page."""
_QUOTES = re.compile(r"`([^`]*)`")
_SENTENCE = re.compile(r"(?<=\w\w)\.\s+(?=[A-Za-z])")
"""Where a sentence ends and another begins."""
_RAW = "Raw nginx directives are not taken from an Ingress"


@dataclass(frozen=True, slots=True)
class Met:
    """One meeting with a cause: what makes a `Concern` of those that are alike."""

    topic: Topic
    weight: Weight
    code: str
    cause: str
    """What those of one concern have in common beside the topic and the code."""
    title: str
    reason: str
    change: str
    at: ConcernSpot
    ingress: str
    """``namespace/name``; empty where it concerns no single Ingress."""


def met_by_findings(found: Iterable[Diagnostic], ingresses: Sequence[Ingress]) -> Iterator[Met]:
    """Yield what the findings mean; those that say nothing about behaviour are left out.

    What is wrong with another object concerns the Ingresses that name it.
    """
    texts = {item.meta.namespaced: item.meta.annotations for item in ingresses}
    users = users_of(ingresses)
    for item in found:
        weighed = weigh(item)
        if weighed.weight is Weight.NOTHING:
            continue
        met = _met(item, weighed.topic, weighed.weight)
        name = str(item.origin.field[-1]) if item.origin.field else ""
        text = texts.get(met.ingress, {}).get(name, "")
        if is_snippet(item) and weighed.topic is Topic.SNIPPETS and text:
            yield from _of_snippet(met, text, str(vars(item.entry).get("instead", "")))
            continue
        owners = users.get(item.origin.object, ()) if item.origin.object else ()
        for ingress in owners or (met.ingress,):
            yield dataclasses.replace(met, ingress=ingress)


def _met(found: Diagnostic, topic: Topic, weight: Weight) -> Met:
    values = vars(found.entry)
    named = str(values.get("directive", ""))
    if found.code in _BY_ANNOTATION:
        named = str(values.get("annotation", ""))
    reason, _, change = _QUOTES.sub(r"\1", explanation(type(found.entry))).partition("Fix: ")
    title, rest = _sentences(reason)
    ref = found.origin.object
    ingress = f"{ref.namespace}/{ref.name}" if ref is not None and ref.kind == "Ingress" else ""
    return Met(
        topic,
        weight,
        found.code,
        named,
        found.message if named else _TITLES.get(found.code, title),
        title if named else rest,
        " ".join(change.split()),
        ConcernSpot(spot_of(found.origin), found.message, found.help),
        ingress,
    )


def _sentences(page: str) -> tuple[str, str]:
    """Return the first sentence of a page without its full stop, and the rest of its first
    paragraphs but for the example.
    """
    kept = [part for part in page.split("\n\n") if not part.startswith("Example")]
    first, *others = (" ".join(part.split()) for part in kept)
    title, *rest = _SENTENCE.split(first, maxsplit=1)
    return title.rstrip(". "), " ".join([*rest, *others])


def _of_snippet(met: Met, snippet: str, advice: str) -> Iterator[Met]:
    """Yield a meeting for each thing that a snippet does."""
    for piece in pieces(snippet, advice):
        at = ConcernSpot(met.at.spot, f"{met.cause}: {piece.does}", piece.instead)
        yield dataclasses.replace(
            met,
            cause=piece.does,
            title=f"Snippets with {piece.does}",
            reason=_RAW,
            change="",
            at=at,
        )


def concerns(met: Iterable[Met]) -> tuple[Concern, ...]:
    """Return the causes: by weight and topic, and of each topic the most frequent first."""
    groups: dict[tuple[object, ...], list[Met]] = {}
    for item in met:
        groups.setdefault((item.topic, item.weight, item.code, item.cause), []).append(item)
    made = [_concern(group) for group in groups.values()]
    made.sort(key=_place)
    return tuple(made)


def _place(item: Concern) -> tuple[int, int, int, str, str]:
    """What is refused stands among the decisions of its topic."""
    weight = Weight.DECISION if item.weight is Weight.REFUSED else item.weight
    topic = _TOPICS.index(item.topic)
    return _WEIGHTS.index(weight), topic, -item.ingresses, item.code, item.title


def _concern(group: Sequence[Met]) -> Concern:
    first = group[0]
    spots = tuple(dict.fromkeys(item.at for item in group))
    names = {item.ingress for item in group if item.ingress}
    own = {spot.change for spot in spots if spot.change}
    if len(own) == 1 and all(spot.change for spot in spots):
        # What is to be done is the same everywhere: say it once, and concretely.
        spots = tuple(ConcernSpot(spot.spot, spot.message, "") for spot in spots)
        return _made(first, own.pop(), names, spots)
    return _made(first, first.change, names, spots)


def _made(first: Met, change: str, names: set[str], spots: tuple[ConcernSpot, ...]) -> Concern:
    return Concern(
        first.topic,
        first.weight,
        first.code,
        first.title,
        first.reason,
        change,
        len(names),
        tuple(sorted(spots, key=_where)),
    )


def _where(at: ConcernSpot) -> tuple[str, str, int, str]:
    spot: Spot = at.spot
    return spot.object, spot.file, spot.line, at.message
