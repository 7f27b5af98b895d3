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
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

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
    """By what a request has to pass, in `ingc.prove.feature_checks`."""
    HEADERS = enum.auto()
    """By headers that the backend or the client gets."""
    READER = enum.auto()
    """By a reader: from the directives in effect back to the feature's value."""


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


class RouteFeature:
    """Something that one route does. A route has at most one of a type, but for `Tuning`."""

    __slots__ = ()
    card: ClassVar[Card]
    before_https: ClassVar[bool] = False
    """True where it answers some requests before the redirect to https does."""

    may_answer: ClassVar[tuple[int, ...]] = ()
    """The statuses with which it may answer in place of the route's action."""

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
    """Return each feature's function of a stage, by its name. Raises `AttributeError` for none."""
    found: dict[type, Callable[..., Any]] = {}
    for kind in kinds:
        module = import_module(f"{floor}.{column_of(kind)}")
        found[kind] = getattr(module, f"{verb}_{name_of(kind)}")
    return found
