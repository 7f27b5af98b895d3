"""What a feature is, and its card: what it owes to each stage.

A feature that is absent is absent; nothing here has an "unset" value.

Each type of feature has a `Card`. Where a stage owes nothing to a feature, the card gives one of
the reasons of `Reason`; `tests/test_features.py` crosses every feature with every stage, and holds
each reason against the program. A stage finds its function for a feature by name:
``collect("ingc.plan.features", "plan", kinds)`` takes ``plan_basic_auth`` from the module
``ingc.plan.features.basic_auth`` for the type ``BasicAuth`` of ``ingc.ir.features.basic_auth``.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar, NoReturn

from ingc.syntax.text import Text

Argument = str | int | Text
"""An argument of a directive. A plain ``str`` holds no ``$``."""


class Stands(enum.Flag):
    """Where a feature may stand."""

    LOCATION = enum.auto()
    """At a route of a rule, or at the default backend of an Ingress with rules."""
    RULELESS = enum.auto()
    """At the default backend of an Ingress without rules too."""
    SERVER = enum.auto()
    UPSTREAM = enum.auto()


ROUTES = Stands.LOCATION | Stands.RULELESS
RULES_ALONE = Stands.LOCATION
SERVERS = Stands.SERVER
UPSTREAMS = Stands.UPSTREAM


class Reason(enum.Enum):
    """Why a stage owes nothing to a feature."""

    MADE_BY_RESOLVE = "no annotation is read into it: resolve makes it of something else"
    WHOLE_FROM_FRONTEND = "it refers to no other object: the frontend makes it whole"
    ACTED_ON = "an earlier stage acted on it: without it the same text comes out"
    OF_THE_STAGE = "the stage itself acts on it, where it makes servers and upstreams"
    WITH_ANOTHER = "the function of another feature of its column does it for both"
    SEEN_ELSEWHERE = "a person sees what it does in another line of the answer"


class Proved(enum.Flag):
    """How the proof compares a feature with the text."""

    ROUTING = enum.auto()
    """By where requests go, with which path and which answer."""
    CHECKS = enum.auto()
    """By what a request has to pass: ``check_…``."""
    HEADERS = enum.auto()
    """By headers that the backend gets: ``forward_…``."""
    ANSWERS = enum.auto()
    """By headers that the client gets: ``answer_…``."""
    ADMITTED = enum.auto()
    """By a request that it lets in: ``admit_…``."""
    VARIED = enum.auto()
    """By requests that it distinguishes: ``vary_…``."""
    READER = enum.auto()
    """By a reader, from the directives in effect back to the feature's value: ``read_…``, and
    ``seen_…`` for what can be seen of it."""


PROVING: Mapping[Proved, tuple[str, ...]] = {
    Proved.CHECKS: ("check",),
    Proved.HEADERS: ("forward",),
    Proved.ANSWERS: ("answer",),
    Proved.ADMITTED: ("admit",),
    Proved.VARIED: ("vary",),
    Proved.READER: ("read", "seen"),
}
"""The functions that a way of proof takes, in the feature's column of `ingc.prove.features`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What a type of feature owes to each stage. ``None`` in place of a reason: it owes all."""

    stands: Stands
    decides: bool = False
    """True where it decides which upstream gets what target, but by refusing the request."""
    asked: Reason | None = None
    """By an annotation or a key of the ConfigMap, in its column of the frontend."""
    granted: Reason | None = None
    """By a function ``grant_…`` in its column of `ingc.resolve.features`."""
    planned: Reason | None = None
    """By a function ``plan_…`` in its column of `ingc.plan.features`."""
    alike: bool = False
    """True where its planner looks at nothing but the feature, so that it is planned once."""
    proved: Proved | Reason
    explained: Reason | None = None
    """By a function ``say_…`` in `ingc.explain.compiled.words`."""
    answers: bool = False
    """True where nginx may answer for its sake, so that it is explained of requests that reach no
    backend too."""
    renamed: bool = False
    """True where ``name_…`` of `ingc.diff.feature_names` names it in comparisons, not its type."""
    stays: bool = False
    """True where it stays at a route or host of which nothing else is left but a 503."""

    @property
    def heads_answers(self) -> bool:
        """Whether it sets headers of answers; error pages then have them too."""
        return isinstance(self.proved, Proved) and Proved.ANSWERS in self.proved


class RouteFeature:
    """Something that one route does. A route has at most one of a type, but for `Tuning`."""

    __slots__ = ()
    card: ClassVar[Card]

    @property
    def may_answer(self) -> tuple[int, ...]:
        """The statuses with which it may answer in place of the route's action."""
        return ()

    @property
    def before_https(self) -> bool:
        """Whether it answers some requests before the redirect to https does."""
        return False

    @property
    def upstreams(self) -> tuple[str, ...]:
        """The names of upstreams that it sends requests to."""
        return ()


class HostFeature:
    """Something that a whole host does. It has at most one of a type, but for `ServerTuning`."""

    __slots__ = ()
    card: ClassVar[Card]


class UpstreamFeature:
    """Something that an upstream does, for every route that uses it."""

    __slots__ = ()
    card: ClassVar[Card]


Kind = type[RouteFeature] | type[HostFeature] | type[UpstreamFeature]
"""A type of feature."""


def column_of(kind: type) -> str:
    """Return the name of a feature's column: that of its module in every stage."""
    return kind.__module__.rpartition(".")[2]


def name_of(kind: type) -> str:
    """Return a feature's name as functions have it: ``basic_auth``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", kind.__name__).lower()


def collect(floor: str, verb: str, kinds: Iterable[type]) -> dict[type, Callable[..., Any]]:
    """Return each feature's function of a stage, by its name."""
    return {
        kind: function_of(f"{floor}.{column_of(kind)}", f"{verb}_{name_of(kind)}") for kind in kinds
    }


def function_of(module: str, name: str) -> Callable[..., Any]:
    """Return a function of a module.

    One that was forgotten raises `NotImplementedError` when it is called, so that the test of
    columns can run, and names every cell that is missing.
    """
    try:
        found: Callable[..., Any] = getattr(import_module(module), name)
    except (AttributeError, ModuleNotFoundError) as error:
        if isinstance(error, ModuleNotFoundError) and error.name != module:
            raise
    else:
        return found

    def forgotten(*_given: object, **_named: object) -> NoReturn:
        raise NotImplementedError(f"{module} has no {name}")

    return forgotten
