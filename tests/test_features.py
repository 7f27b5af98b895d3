"""Every feature x every floor: no empty cell without a reason, and no reason in words alone.

A feature says on its card what it owes. Each cell below asks the program, not the card: the
function that a stage must have, or for a reason the behaviour that it claims.
"""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

import ingc.ir.features
from ingc import ir
from ingc.diff.feature_values import Meaning
from ingc.emit import render
from ingc.explain.compiled import words
from ingc.frontend import wishes
from ingc.frontend.intent import IntentRoute
from ingc.ir.features.card import (
    Card,
    HostFeature,
    Kind,
    Proved,
    Reason,
    RouteFeature,
    Stands,
    UpstreamFeature,
    column_of,
    name_of,
)
from ingc.ir.features.external_auth import ExternalAuth, SignIn
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.protocols import BackendProtocol, FastCgi
from ingc.ir.features.table import FEATURES
from ingc.match import Oracle
from ingc.plan import plan
from ingc.prove import prove
from ingc.resolve.features.table import asked_of
from tests.features import HOST_EXAMPLES, ROUTE_EXAMPLES, UPSTREAM, UPSTREAM_EXAMPLES
from tests.match.by_hand import config_of, host, route

ROOT = Path(ingc.__file__).parent
TREE = ROOT.parent
Feature = RouteFeature | HostFeature | UpstreamFeature
EXAMPLES: dict[Kind, Feature] = {
    type(item): item for item in (*ROUTE_EXAMPLES, *HOST_EXAMPLES, *UPSTREAM_EXAMPLES)
}
BESIDE: dict[Kind, tuple[RouteFeature, ...]] = {
    FastCgi: (BackendProtocol("FCGI"),),
    SignIn: (next(item for item in ROUTE_EXAMPLES if isinstance(item, ExternalAuth)),),
}
"""What a feature needs beside it to have an effect."""
for kind in (item for item in FEATURES if item.__name__ == "BackendTls"):
    BESIDE[kind] = (BackendProtocol("HTTPS"),)

PROBES = tuple(
    (name, target, scheme, method)
    for name in ("a.test", "b.test", "www.a.test")
    for target in ("/", "/x")
    for scheme in ("http", "https")
    for method in ("GET", "OPTIONS")
)
"""What is asked of an input with and without a feature."""


# The input of an example, with the feature and without it.


def config_with(kind: Kind, example: Feature | None) -> ir.Config:
    """Return an IR of one host, whose route, host or upstream has the example or has it not."""
    beside = BESIDE.get(kind, ())
    own = route(ir.Prefix("/"), "s0")
    if issubclass(kind, RouteFeature):
        given = (example,) if isinstance(example, RouteFeature) else ()
        own = dataclasses.replace(own, features=(*beside, *given))
    on_host = (example,) if isinstance(example, HostFeature) else ()
    shown = ir.Https(ir.Certificate("c", "k"), redirect=False)
    site = dataclasses.replace(host("a.test", own), https=shown, features=on_host)
    if kind is Passthrough and example is not None:
        site = dataclasses.replace(site, https=None)
    other = host("other.test", route(ir.Prefix("/"), "c"))
    made = config_of([site, other])
    upstreams = tuple(
        dataclasses.replace(item, features=(example,))
        if isinstance(example, UpstreamFeature) and item.name == "default_s0_80"
        else item
        for item in made.upstreams
    )
    assert UPSTREAM in {item.name for item in upstreams}
    settings = dataclasses.replace(made.settings, echo=False)
    stream = ir.Stream()
    if kind is Passthrough and example is not None:
        settings = dataclasses.replace(settings, inner_ports=_inner_ports())
        passed = dataclasses.replace(upstreams[0], name=_passed_to(example))
        stream = dataclasses.replace(stream, upstreams=(passed,))
    return dataclasses.replace(made, upstreams=upstreams, settings=settings, stream=stream)


def _inner_ports() -> object:
    from ingc.ir.stream import InnerPorts

    return InnerPorts(442, 441)


def _passed_to(example: Feature) -> str:
    assert isinstance(example, Passthrough)
    assert example.upstream is not None
    return example.upstream


@cache
def text_of(config: ir.Config) -> str:
    return render(plan(config))


def pair_of(kind: Kind) -> tuple[ir.Config, ir.Config]:
    return config_with(kind, EXAMPLES[kind]), config_with(kind, None)


# What the source says: who makes a feature, and who names it.


@cache
def _names_in(folder: str) -> dict[str, set[str]]:
    """Return the names that each module of a folder of ingc calls, and those that it names."""
    found: dict[str, set[str]] = {"called": set(), "named": set()}
    for path in sorted((ROOT / folder).rglob("*.py")) if (ROOT / folder).is_dir() else ():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                found["called"].add(node.func.id)
            if isinstance(node, ast.Name):
                found["named"].add(node.id)
    return found


def _wishes_of(kind: Kind) -> list[str]:
    return [
        name
        for name, item in inspect.getmembers(wishes, inspect.isclass)
        if getattr(item, "becomes", None) is kind
    ]


def _function(module: str, name: str) -> Callable[..., object] | None:
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError:
        return None
    return found if callable(found) else None


_EXTRA = "a text with it is proved where nobody asks for it"
ONE_WAY: dict[str, str] = dict.fromkeys(
    ("WwwRedirect", "Alias", "Passthrough", "Cors", "CustomHeaders", "RequestHeader"), _EXTRA
)
"""What the proof does not see yet: another name, or another header, than anybody asked for. The
structure proof holds that nothing stands in the text but the layout; that the layout has no more of
these than the IR asks for is what goldens show."""


# The cells. Each yields what is missing.


def asked(kind: Kind, card: Card) -> Iterator[str]:
    called = _names_in("frontend")["called"]
    makers = {kind.__name__, *_wishes_of(kind)} & called
    if card.asked is None:
        if not makers:
            yield "no annotation or key asks for it"
        if not _column_files(ROOT / "frontend" / "annotations", kind):
            yield "no module of its column in frontend/annotations"
    elif card.asked is Reason.MADE_BY_RESOLVE:
        yield from _made_by_resolve(kind)
    else:
        yield f"{card.asked.name} is no reason for the frontend"


def _column_files(folder: Path, kind: Kind) -> bool:
    return (folder / f"{column_of(kind)}.py").exists() or kind.__name__ in (
        "Tuning",
        "ServerTuning",
    )


def _made_by_resolve(kind: Kind) -> Iterator[str]:
    if kind.__name__ in _names_in("frontend")["called"]:
        yield "the frontend makes it, though the card says resolve does"
    if kind.__name__ not in _names_in("resolve")["called"]:
        yield "resolve does not make it, though the card says so"


def granted(kind: Kind, card: Card) -> Iterator[str]:
    module, name = f"ingc.resolve.features.{column_of(kind)}", f"grant_{name_of(kind)}"
    if card.granted is None:
        if _function(module, name) is None:
            yield f"{module} has no {name}"
    elif card.granted is Reason.WHOLE_FROM_FRONTEND:
        if _wishes_of(kind):
            yield f"{_wishes_of(kind)} refer to another object"
        if kind.__name__ not in _names_in("frontend")["called"]:
            yield "the frontend does not make it"
    elif card.granted is Reason.MADE_BY_RESOLVE:
        yield from _made_by_resolve(kind)
    elif card.granted is Reason.WITH_ANOTHER:
        source = Path(ROOT / "resolve" / "features" / f"{column_of(kind)}.py")
        text = source.read_text(encoding="utf-8") if source.exists() else ""
        if not re.search(rf"\b(?:{kind.__name__}|{name_of(kind)})\b", text):
            yield f"{source.name} of resolve does not name it"
    else:
        yield f"{card.granted.name} is no reason for resolve"


def planned(kind: Kind, card: Card) -> Iterator[str]:
    module, name = f"ingc.plan.features.{column_of(kind)}", f"plan_{name_of(kind)}"
    own = _function(module, name)
    given, without = map(text_of, pair_of(kind))
    if card.planned is None:
        if own is None:
            yield f"{module} has no {name}"
        if given == without:
            yield "the text is the same without it"
    elif card.planned is Reason.ACTED_ON:
        if given != without:
            yield "the text is another one without it, so that it is planned"
    elif card.planned is Reason.OF_THE_STAGE:
        if own is not None:
            yield f"{name} exists, so that it is planned as a feature"
        if given == without:
            yield "the text is the same without it"
    else:
        yield f"{card.planned.name} is no reason for plan"


def proved(kind: Kind, card: Card) -> Iterator[str]:
    given, without = pair_of(kind)
    if isinstance(card.proved, Reason):
        if card.proved is not Reason.ACTED_ON:
            yield f"{card.proved.name} is no reason for the proof"
        elif text_of(given) != text_of(without):
            yield "the text is another one without it, so that it has to be proved"
        return
    reader = _function(f"ingc.prove.features.{column_of(kind)}", f"read_{name_of(kind)}")
    if (Proved.READER in card.proved) != (reader is not None):
        yield f"the card and prove/features disagree whether there is a read_{name_of(kind)}"
    for there, wanted, what in (
        (given, given, "is not proved with it"),
        (without, without, "is not proved without it"),
    ):
        found = prove(text_of(there), plan(there), wanted)
        if found:
            yield f"{what}: {found[0].why}"
    for there, wanted, what in (
        (without, given, "a text without it is proved"),
        (given, without, "a text with it is proved where nobody asks for it"),
    ):
        if what in ONE_WAY.get(kind.__name__, ""):
            continue
        if not prove(text_of(there), plan(there), wanted):
            yield what


def explained(kind: Kind, card: Card) -> Iterator[str]:
    name = f"say_{name_of(kind)}"
    describe = getattr(words, name, None)
    if card.explained is None:
        if describe is None:
            yield f"explain/compiled/words.py has no {name}"
        else:
            yield from _is_english(kind, describe)
    elif describe is not None:
        yield f"{name} exists, though the card says that nothing is owed"
    elif card.explained is Reason.ACTED_ON:
        given, without = pair_of(kind)
        if _answers(given) != _answers(without):
            yield "requests are answered otherwise without it"
    elif card.explained is Reason.SEEN_ELSEWHERE:
        given, without = pair_of(kind)
        if _answers(given) == _answers(without):
            yield "no line of an answer shows it"
    else:
        yield f"{card.explained.name} is no reason for explain"


def _is_english(
    kind: Kind, describe: Callable[[Feature, words.On], Iterator[words.Applied]]
) -> Iterator[str]:
    from ingc.explain.question import read_question

    config = config_with(kind, EXAMPLES[kind])
    said = []
    for scheme in ("http", "https"):
        match = Oracle(config).match("a.test", "/x", scheme=scheme)
        question = read_question(f"{scheme}://a.test/x")
        found = config.hosts[1]
        on = words.On(question, match, match.route or found.default)
        said += [item.what for item in describe(EXAMPLES[kind], on)]
    if not said:
        yield "it has no words"
    for text in said:
        if re.search(r"[A-Z]\w+\(|=\(|\('|None\b", text):
            yield f"a person reads Python: {text}"


def _answers(config: ir.Config) -> list[object]:
    oracle = Oracle(config)
    found: list[object] = []
    for name, target, scheme, method in PROBES:
        match = oracle.match(name, target, scheme=scheme, method=method)
        shown = match.host.name if match.host else None
        found.append((match.status, match.upstream, match.redirect, match.upstream_uri, shown))
        found.append(match.alternatives)
    return found


def decides(kind: Kind, card: Card) -> Iterator[str]:
    if issubclass(kind, UpstreamFeature):
        if card.decides:
            yield "a feature of an upstream decides nothing"
        return
    given, without = (_goes_to(config) for config in pair_of(kind))
    if not card.decides and given != without:
        yield "it decides where requests go"
    if card.decides and _answers(pair_of(kind)[0]) == _answers(pair_of(kind)[1]):
        yield "it decides nothing"


def _goes_to(config: ir.Config) -> list[object]:
    oracle = Oracle(config)
    matches = [
        oracle.match(name, t, scheme=s, method=m) for name, t, s, m in PROBES if name[0] == "a"
    ]
    return [(match.upstream, match.upstream_uri) for match in matches]


def stands(kind: Kind, card: Card) -> Iterator[str]:
    if issubclass(kind, HostFeature) != (card.stands == Stands.SERVER):
        yield "only features of hosts stand in servers"
    if issubclass(kind, UpstreamFeature) != (card.stands == Stands.UPSTREAM):
        yield "only features of upstreams stand in upstreams"
    example = EXAMPLES[kind]
    if isinstance(example, RouteFeature):
        kept = bool(asked_of(_ruleless(example)))
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


def compared(kind: Kind, card: Card) -> Iterator[str]:
    """``diff`` sees a feature, unless an earlier stage acted on it."""
    given, _ = pair_of(kind)
    seen = Meaning(given).of([EXAMPLES[kind]])
    if bool(seen) == (card.planned is Reason.ACTED_ON):
        yield "diff sees nothing of it" if not seen else "diff reports what does nothing"


def shown(kind: Kind, _card: Card) -> Iterator[str]:
    column = column_of(kind)
    if not list((TREE / "golden" / column).glob("*/case.toml")):
        yield f"golden/{column} has no case"
    if not (TREE / "tests" / "nginx" / f"test_{column}.py").exists():
        yield f"tests/nginx/test_{column}.py is not there"


FLOORS = (asked, granted, planned, proved, explained, decides, stands, compared, shown)


@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.__name__)
@pytest.mark.parametrize("kind", FEATURES, ids=lambda kind: kind.__name__)
def test_no_cell_is_empty_without_a_reason(
    kind: Kind, floor: Callable[[Kind, Card], Iterator[str]]
) -> None:
    assert not [f"{kind.__name__} x {floor.__name__}: {why}" for why in floor(kind, kind.card)]


def test_every_feature_is_in_the_table() -> None:
    for module in pkgutil.iter_modules(ingc.ir.features.__path__):
        importlib.import_module(f"ingc.ir.features.{module.name}")
    found: set[str] = set()
    waiting: list[type] = [RouteFeature, HostFeature, UpstreamFeature]
    while waiting:
        below = [item for item in waiting.pop().__subclasses__() if item.__module__[:5] == "ingc."]
        found |= {item.__qualname__ for item in below}
        waiting += below
    assert found == {item.__name__ for item in FEATURES}
    assert set(EXAMPLES) == set(FEATURES)


@pytest.mark.parametrize(
    ("floor", "verb"),
    [("resolve.features", "grant"), ("plan.features", "plan"), ("prove.features", "read")],
)
def test_no_function_is_left_of_a_feature_that_went(floor: str, verb: str) -> None:
    if importlib.util.find_spec(f"ingc.{floor}") is None:
        return
    package = importlib.import_module(f"ingc.{floor}")
    known = {(column_of(kind), f"{verb}_{name_of(kind)}") for kind in FEATURES}
    for module in pkgutil.iter_modules(package.__path__):
        path = ROOT / floor.replace(".", "/") / f"{module.name}.py"
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith(f"{verb}_"):
                assert (module.name, node.name) in known


class _Forgotten(RouteFeature):
    """A feature that nobody knows."""

    card = Card(stands=Stands.LOCATION | Stands.RULELESS, proved=Proved.READER)


def test_a_forgotten_feature_is_named_with_its_cells() -> None:
    EXAMPLES[_Forgotten] = _Forgotten()
    try:
        for floor in (asked, granted, explained, shown):
            assert list(floor(_Forgotten, _Forgotten.card)), floor.__name__
        config = config_with(_Forgotten, None)
        assert text_of(config)
        assert list(planned(_Forgotten, _Forgotten.card))
        assert list(proved(_Forgotten, _Forgotten.card))
    finally:
        del EXAMPLES[_Forgotten]
