"""A cell for each floor: given a feature and its card, what is missing there.

A card claims; the cell asks the program. For a reason it asks for the behaviour that the reason
claims, so that no reason holds by its words alone.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator

from ingc import ir
from ingc.diff.feature_values import Meaning
from ingc.explain.compiled import words
from ingc.explain.question import read_question
from ingc.frontend import wishes
from ingc.frontend.intent import IntentRoute
from ingc.ir.features.card import (
    PROVING,
    Card,
    HostFeature,
    Kind,
    Reason,
    RouteFeature,
    Stands,
    UpstreamFeature,
    column_of,
    name_of,
)
from ingc.match import Oracle
from ingc.plan import plan
from ingc.plan.pieces import InnerNames, Piece, RoutePlace
from ingc.prove import prove
from ingc.resolve.features.table import route_wishes
from tests.cells.inputs import (
    EXAMPLES,
    Feature,
    answers,
    config_with,
    fires,
    pair_of,
    targets,
    text_of,
)
from tests.cells.source import (
    ROOT,
    TREE,
    annotation_modules,
    annotations_of,
    called_in,
    function,
    named_in_functions,
    wishes_of,
)
from tests.match.by_hand import host, route

Cell = Callable[[Kind, Card], Iterator[str]]

EXTRA = "a text with it is proved where nobody asks for it"


def asks(kind: Kind, card: Card) -> Iterator[str]:
    """The frontend makes it, or a wish for it, in the column's annotations."""
    modules = annotation_modules(column_of(kind))
    if card.asked is None:
        there = [name for name in modules if (ROOT / name).exists()]
        makers = {kind.__name__, *wishes_of(kind)}
        if not there:
            yield f"ingc/{modules[0]} is missing"
        elif not any(makers & called_in(name) for name in there):
            yield f"no annotation of ingc/{', '.join(there)} makes {' or '.join(sorted(makers))}"
    elif card.asked is Reason.MADE_BY_RESOLVE:
        yield from _made_by_resolve(kind)
    else:
        yield f"{card.asked.name} is no reason here"


def _made_by_resolve(kind: Kind) -> Iterator[str]:
    if kind.__name__ in called_in("frontend"):
        yield "MADE_BY_RESOLVE, but the frontend makes it"
    if wishes_of(kind):
        yield f"MADE_BY_RESOLVE, but {', '.join(wishes_of(kind))} becomes it"
    if kind.__name__ not in called_in("resolve") | called_in("merge"):
        yield "MADE_BY_RESOLVE, but resolve does not make it"


def grants(kind: Kind, card: Card) -> Iterator[str]:
    """Resolve has a function for it, or needs none."""
    own, name = function("resolve", "grant", kind), f"grant_{name_of(kind)}"
    module = f"resolve/features/{column_of(kind)}.py"
    if card.granted is None:
        if own is None:
            yield f"ingc/{module} has no {name}"
        return
    if own is not None and card.granted is not Reason.WHOLE_FROM_FRONTEND:
        yield f"{card.granted.name}, but {name} exists"
    if card.granted is Reason.WHOLE_FROM_FRONTEND:
        if wishes_of(kind):
            yield f"WHOLE_FROM_FRONTEND, but {', '.join(wishes_of(kind))} becomes it"
        if kind.__name__ not in called_in("frontend"):
            yield "WHOLE_FROM_FRONTEND, but the frontend does not make it"
    elif card.granted is Reason.MADE_BY_RESOLVE:
        yield from _made_by_resolve(kind)
    elif card.granted is Reason.WITH_ANOTHER:
        if not {kind.__name__, name_of(kind)} & named_in_functions(module, "grant"):
            yield f"WITH_ANOTHER, but no grant_… of ingc/{module} uses it"
    else:
        yield f"{card.granted.name} is no reason here"


def plans(kind: Kind, card: Card) -> Iterator[str]:
    """Plan makes something of it."""
    own, name = function("plan", "plan", kind), f"plan_{name_of(kind)}"
    given, without = map(text_of, pair_of(kind))
    if card.planned is None:
        if own is None:
            yield f"ingc/plan/features/{column_of(kind)}.py has no {name}"
        if given == without:
            yield "nginx.conf is the same without it"
    elif card.planned is Reason.ACTED_ON:
        if given != without:
            yield "ACTED_ON, but nginx.conf is another one without it"
        if own is not None:
            yield f"ACTED_ON, but {name} exists"
    elif card.planned is Reason.OF_THE_STAGE:
        if own is not None:
            yield f"OF_THE_STAGE, but {name} exists"
        if given == without:
            yield "OF_THE_STAGE, but nginx.conf is the same without it"
    else:
        yield f"{card.planned.name} is no reason here"


def plans_alike(kind: Kind, card: Card) -> Iterator[str]:
    """A feature that is planned once is planned alike wherever it stands."""
    own = function("plan", "plan", kind)
    if not card.alike:
        return
    if own is None or not issubclass(kind, RouteFeature):
        yield "alike, but there is no planner of a route's feature"
    elif len({_pieces(own, place) for place in _places(kind)}) != 1:
        yield "alike, but its planner looks at the place too"


def _pieces(own: Callable[..., object], place: RoutePlace) -> str:
    found = own(place.route.features[0], place)
    assert isinstance(found, Iterator)
    pieces: list[Piece] = list(found)
    return repr(pieces)


def _places(kind: Kind) -> Iterator[RoutePlace]:
    example = EXAMPLES[kind]
    assert isinstance(example, RouteFeature)
    config = config_with(kind, example)
    upstreams = {item.name: item for item in config.upstreams}
    for match, service in (
        (ir.Prefix("/"), "s0"),
        (ir.Exact("/own"), "c"),
        (ir.Regex("/(x)"), "c"),
    ):
        own = dataclasses.replace(route(match, service), features=(example,))
        for name, apart in (("a.test", False), ("*.b.test", True)):
            yield RoutePlace(config, host(name, own), own, upstreams, apart, {}, InnerNames())


def proves(kind: Kind, card: Card) -> Iterator[str]:
    """The proof holds with it and without it, and fails where text and IR disagree about it."""
    given, without = pair_of(kind)
    if isinstance(card.proved, Reason):
        if card.proved is not Reason.ACTED_ON:
            yield f"{card.proved.name} is no reason here"
        elif text_of(given) != text_of(without):
            yield "ACTED_ON, but nginx.conf is another one without it"
        return
    for way, verbs in PROVING.items():
        for verb in verbs:
            own, name = function("prove", verb, kind), f"{verb}_{name_of(kind)}"
            if way in card.proved and own is None:
                yield f"ingc/prove/features/{column_of(kind)}.py has no {name}"
            if way not in card.proved and own is not None:
                yield f"{name} exists, but the card does not say {way.name}"
    if not card.proved:
        yield "the card names no way to prove it"
    for config, what in ((given, "with"), (without, "without")):
        found = prove(text_of(config), plan(config), config)
        if found:
            yield f"what is made {what} it is not proved: {found[0].why}"
    if not prove(text_of(without), plan(without), given):
        yield "a text without it is proved where it is asked for"
    if not prove(text_of(given), plan(given), without):
        yield EXTRA


def explains(kind: Kind, card: Card) -> Iterator[str]:
    """Explain has words for it, or another line shows what it does."""
    name = f"say_{name_of(kind)}"
    own = getattr(words, name, None)
    given, without = pair_of(kind)
    if card.explained is None:
        if own is None:
            yield f"ingc/explain/compiled/words.py has no {name}"
        else:
            yield from _is_english(kind, own)
        return
    if own is not None:
        yield f"{card.explained.name}, but {name} exists"
    if card.explained is Reason.ACTED_ON:
        if answers(given) != answers(without):
            yield "ACTED_ON, but requests are answered otherwise without it"
    elif card.explained is Reason.SEEN_ELSEWHERE:
        if answers(given) == answers(without):
            yield "SEEN_ELSEWHERE, but every answer is the same without it"
    else:
        yield f"{card.explained.name} is no reason here"


def _is_english(
    kind: Kind, own: Callable[[Feature, words.On], Iterator[words.Applied]]
) -> Iterator[str]:
    config = config_with(kind, EXAMPLES[kind])
    default = next(item.default for item in config.hosts if item.name == "a.test")
    lines = []
    for scheme in ("http", "https"):
        match = Oracle(config).match("a.test", "/x", scheme=scheme)
        question = read_question(f"{scheme}://a.test/x")
        on = words.On(question, None, match, match.route or default)
        lines += [item.what for item in own(EXAMPLES[kind], on)]
    if not lines:
        yield f"say_{name_of(kind)} says nothing"
    for text in lines:
        if re.search(r"[A-Z]\w+\(|=\(|\('|None\b", text):
            yield f"say_{name_of(kind)} prints Python: {text}"


def compares(kind: Kind, card: Card) -> Iterator[str]:
    """Diff sees it, unless an earlier stage acted on it."""
    given, _ = pair_of(kind)
    seen = Meaning(given).of([EXAMPLES[kind]])
    if card.planned is Reason.ACTED_ON:
        if seen:
            yield "ACTED_ON, but diff reports it"
    elif not seen:
        yield "diff does not see it"


def decides(kind: Kind, card: Card) -> Iterator[str]:
    """The oracle sends requests elsewhere for its sake, or does not."""
    given, without = pair_of(kind)
    if card.decides:
        if issubclass(kind, UpstreamFeature):
            yield "it decides, but a feature of an upstream is behind every decision"
        elif answers(given) == answers(without):
            yield "it decides, but every request is answered alike without it"
    elif targets(given) != targets(without):
        yield "it does not decide, but requests go elsewhere without it"


def stands(kind: Kind, card: Card) -> Iterator[str]:
    """It stands where features of its sort do, and at Ingresses without rules where it may."""
    sorts = ((HostFeature, Stands.SERVER), (UpstreamFeature, Stands.UPSTREAM))
    for sort, place in sorts:
        if issubclass(kind, sort) != (card.stands == place):
            yield f"{card.stands} is no place for a {kind.__mro__[1].__name__}"
    example = EXAMPLES[kind]
    if isinstance(example, RouteFeature):
        if Stands.LOCATION not in card.stands:
            yield "a route's feature stands at no location"
        kept = bool(route_wishes(_ruleless(example)))
        if kept != (Stands.RULELESS in card.stands):
            yield "resolve and the card disagree about Ingresses without rules"


def _ruleless(example: RouteFeature) -> IntentRoute:
    return IntentRoute(
        namespace="n",
        ingress="i",
        host="",
        match=ir.Prefix("/"),
        path="/",
        path_type="",
        backend=None,
        origin=wishes.Origin(),
        asked=wishes.Wishes(routes=(example,)),
        ruleless=True,
    )


def goldens(kind: Kind, _card: Card) -> Iterator[str]:
    """A golden case of the column shows it at work."""
    if not fires(kind):
        yield f"no case of golden/{column_of(kind)} has it"


def on_nginx(kind: Kind, _card: Card) -> Iterator[str]:
    """A test on real nginx has the column's name, and uses annotations of it."""
    column = column_of(kind)
    path = TREE / "tests" / "nginx" / f"test_{column}.py"
    if not path.exists():
        yield f"tests/nginx/{path.name} is missing"
        return
    text = path.read_text(encoding="utf-8").replace("_", "-")
    if not any(re.search(rf"\b{name}\b", text) for name in annotations_of(column)):
        yield f"tests/nginx/{path.name} uses no annotation of the column"


FLOORS: tuple[Cell, ...] = (
    asks,
    grants,
    plans,
    plans_alike,
    proves,
    explains,
    compares,
    decides,
    stands,
    goldens,
    on_nginx,
)
