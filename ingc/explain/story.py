"""The whole story of a request: the answer, both decisions, what is applied, and what is near."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from ingc.diagnostics import Diagnostic, Span
from ingc.explain.answer import Answer
from ingc.explain.compiled.candidates import Contender, Named, NormalStep
from ingc.explain.compiled.nearest import Near
from ingc.explain.compiled.pods import NOTHING, Behind
from ingc.explain.compiled.quirk import Quirk
from ingc.explain.compiled.words import Applied
from ingc.explain.question import Question
from ingc.reach.api import Verdict


@dataclass(frozen=True, slots=True)
class Lines:
    """Where nginx.conf has it; 0 where that is not known."""

    file: str
    server: int
    location: int


@dataclass(frozen=True, slots=True)
class Unless:
    """A client that would be refused, where not all of a client is known."""

    answer: Answer
    """What it gets instead."""
    why: str
    """What it has or lacks: ``no name and password that the rule knows``."""
    page: str = ""
    """The path of the same host that answers instead; what it answers is not foretold."""


@dataclass(frozen=True, slots=True)
class Story:
    """What becomes of a request, and why."""

    answer: Answer
    steps: tuple[NormalStep, ...] = ()
    """How nginx normalises the target; empty where it is taken as it came."""
    names: tuple[Named, ...] = ()
    """The hosts that were candidates, the winner first."""
    contenders: tuple[Contender, ...] = ()
    """The rules that were looked at, the winner first; those of other hosts last."""
    applied: tuple[Applied, ...] = ()
    unless: tuple[Unless, ...] | None = None
    """What may refuse the request, in nginx's order; ``None``: not looked for."""
    lines: Lines | None = None
    quirk: Quirk | None = None
    near: tuple[Near, ...] = ()
    """Where no rule takes the request."""
    over_http: Answer | None = None
    """Where https is refused: what http would give."""
    findings: tuple[Diagnostic, ...] = ()
    """What keeps the request from a Pod, or may: errors and warnings about the rule's objects;
    where no rule takes it, the Ingresses that were passed over; where TLS is refused, the
    certificate that is missing."""
    behind: Behind = NOTHING
    """The endpoints and Pods of the Service, as far as the input has them."""
    excerpt: Span | None = None
    """The line of the rule."""
    reach: Verdict | None = None
    """Why the request reaches nobody, or may: one sentence with its evidence."""


class Teller(Protocol):
    """Makes stories about one input; build it once and use it often."""

    def tell(self, question: Question) -> Story:
        """Return the whole story. Its answer is that of `ingc.explain`: it is computed once."""

    def short(self, question: Question) -> Story:
        """Return the answer and the rules that were looked at; fast enough for many."""
