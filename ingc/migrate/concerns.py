"""The findings of a compile → what is to be decided or known, by cause."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ingc.diagnostics import Diagnostic
from ingc.diagnostics.render.page import explanation
from ingc.k8s.ingress import Ingress
from ingc.migrate.migration import Concern, ConcernSpot, Spot, spot_of
from ingc.migrate.snippets import pieces
from ingc.migrate.weighing import Topic, Weight, is_snippet, weigh

_WEIGHTS = list(Weight)
_TOPICS = list(Topic)
_NAMED = ("annotation", "key")
"""Fields of a finding by which one code has several causes."""
_FIX = re.compile(r"^Fix: ", re.MULTILINE)
_QUOTES = re.compile(r"`([^`]*)`")
_OWN_KEYS = ("configmap", "data")


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
    """Yield what the findings mean; those that say nothing about behaviour are left out."""
    texts = {f"{item.meta.namespace}/{item.meta.name}": item.meta.annotations for item in ingresses}
    for item in found:
        weighed = weigh(item)
        if weighed.weight is Weight.NOTHING:
            continue
        met = _met(item, weighed.topic, weighed.weight)
        name = str(item.origin.field[-1]) if item.origin.field else ""
        text = texts.get(met.ingress, {}).get(name, "")
        if is_snippet(item) and weighed.topic is Topic.SNIPPETS and text:
            yield from _of_snippet(met, text, str(vars(item.entry).get("instead", "")))
        else:
            yield met


def _met(found: Diagnostic, topic: Topic, weight: Weight) -> Met:
    values = vars(found.entry)
    named = next((str(values[name]) for name in _NAMED if name in values), "")
    page = _QUOTES.sub(r"\1", explanation(type(found.entry)))
    reason, _, change = page.partition("Fix: ")
    ref = found.origin.object
    ingress = f"{ref.namespace}/{ref.name}" if ref is not None and ref.kind == "Ingress" else ""
    about = "" if ingress else "global"
    return Met(
        topic,
        weight,
        found.code,
        f"{named}\0{about}",
        _first_sentence(reason) if not named else f"{named}: {_first_sentence(reason)}",
        _second(reason),
        _one_line(change),
        ConcernSpot(spot_of(found.origin), found.message, found.help),
        ingress,
    )


def _of_snippet(met: Met, snippet: str, advice: str) -> Iterator[Met]:
    """Yield a meeting for each thing that a snippet does."""
    for piece in pieces(snippet, advice):
        at = ConcernSpot(met.at.spot, f"{met.cause.partition(chr(0))[0]}: {piece.does}", "")
        yield Met(
            Topic.SNIPPETS,
            met.weight,
            met.code,
            piece.does,
            piece.does,
            "raw nginx directives are not taken from an Ingress",
            piece.instead,
            at,
            met.ingress,
        )


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _first_sentence(page: str) -> str:
    return re.split(r"(?<=[a-z`)])\.\s", f"{_one_line(page)} ", maxsplit=1)[0].rstrip(". ")


def _second(page: str) -> str:
    """Return what a page says after its first sentence, without the example."""
    paragraphs = [part for part in page.split("\n\n") if not part.startswith("Example")]
    rest = _one_line(" ".join(paragraphs))
    return rest[len(_first_sentence(rest)) :].lstrip(". ")


def concerns(met: Iterable[Met]) -> tuple[Concern, ...]:
    """Return the causes: by weight and topic, and of each topic the most frequent first."""
    groups: dict[tuple[object, ...], list[Met]] = {}
    for item in met:
        groups.setdefault((item.topic, item.weight, item.code, item.cause), []).append(item)
    made = [_concern(group) for group in groups.values()]
    made.sort(key=_place)
    return tuple(made)


def _place(item: Concern) -> tuple[int, int, int, str, str]:
    first = min(_WEIGHTS.index(item.weight), 1)  # what is refused is among the decisions
    weight = first if item.weight in (Weight.REFUSED, Weight.DECISION) else 2
    late = _WEIGHTS.index(item.weight)
    rank = 0 if weight < 2 else late
    return rank, _TOPICS.index(item.topic), -item.ingresses, item.code, item.title


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
