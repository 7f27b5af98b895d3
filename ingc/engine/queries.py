"""Answers that are kept with what they read, and found anew where something of that changed.

What a function reads and gives goes through `Queries`, which notes it: inputs and answers of
others, also that there is none, by a *cell* each. What changes a cell makes all that read it due,
and nothing else; an answer that comes out as it was makes nothing due. Functions know their own
rule and nothing of this.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ingc.diagnostics import Diagnostic, Severity, Sink
from ingc.diagnostics.ledger import Ledger

Cell = tuple[str, Hashable]
"""An input, an answer, or what is given under a key: its kind, and its key."""
_KEYS, _ANY = object(), object()
"""In place of a key: which keys there are, and everything under all of them."""
_NOTHING: Mapping[Any, Any] = {}
_MISSING = object()


class Disagreement(Exception):
    """Two parts of the input give different things under one name: only their order decides."""


@dataclass(frozen=True, slots=True)
class QueryRule:
    """How answers of one kind are found."""

    name: str
    answer: Callable[[Any, Sink], Any]
    """From a key to its answer; findings go to the sink."""
    each: str = ""
    """The kind whose keys all have an answer; empty: it is found when it is asked for."""
    root: bool = False
    """Its one answer, of key ``None``, is always there."""
    same: Callable[[Any, Any], bool] | None = None
    """Whether two answers are the same; ``None``: where they are equal."""


@dataclass(slots=True)
class _Answer:
    value: Any
    findings: tuple[Diagnostic, ...]
    reads: tuple[Cell, ...]
    given: Mapping[Cell, Any]


@dataclass(slots=True)
class _Asking:
    reads: set[Cell] = field(default_factory=set)
    given: dict[Cell, Any] = field(default_factory=dict)


class Queries:
    """Inputs, the answers found of them, and their findings."""

    def __init__(self, *, strict: bool, agreed: frozenset[str] = frozenset()) -> None:
        """``agreed`` are the kinds of what is given of which all answers have to give the same
        under a key.
        """
        self.findings = Ledger()
        self._strict = strict
        self._inputs: dict[str, dict[Hashable, Any]] = {}
        self._given: dict[str, dict[Hashable, dict[Cell, Any]]] = {}
        self._readers: dict[Cell, set[Cell]] = {}
        self._unread: set[Cell] = set()
        self._asking: list[_Asking] = []
        self._agreed = agreed
        self._unchecked: set[Cell] = set()
        self._order: dict[str, list[Any]] = {}
        self._listings: dict[str, _Listing] = {}
        self._moved: dict[str, set[Hashable]] = {}
        """Of each kind that is listed what came, went or changed since."""
        self.begin(())

    def begin(self, rules: Sequence[QueryRule]) -> None:
        """Set the rules, before anything is put or asked; a rule may ask those before it."""
        self._rules = {rule.name: (rank, rule) for rank, rule in enumerate(rules)}
        self._each: dict[str, list[QueryRule]] = {}
        for rule in rules:
            if rule.each:
                self._each.setdefault(rule.each, []).append(rule)
        self._due: list[set[Hashable]] = [set() for _ in rules]
        self._names = [rule.name for rule in rules]
        self._answers: dict[str, dict[Hashable, _Answer]] = {rule.name: {} for rule in rules}
        for rank, rule in enumerate(rules):
            if rule.root:
                self._due[rank].add(None)

    # ---- inputs

    def put(self, kind: str, key: Hashable, value: object) -> None:
        """Set an input; ``None``: there is none."""
        known = self._inputs.setdefault(kind, {})
        before = known.get(key)
        if before is value:
            return
        if value is None:
            del known[key]
        else:
            known[key] = value
        self._touch(kind, key, came=before is None, went=value is None)

    def get(self, kind: str, key: Hashable) -> Any:
        """Return an input; ``None``: there is none."""
        self._read(kind, key)
        return self._inputs.get(kind, _NOTHING).get(key)

    def inputs(self, kind: str) -> Mapping[Any, Any]:
        """Return all inputs of a kind."""
        self._read(kind, _ANY)
        return self._inputs.get(kind, _NOTHING)

    def size(self, kind: str) -> int:
        """Return how many inputs of a kind there are now; it is not noted who reads it."""
        return len(self._inputs.get(kind, _NOTHING))

    def input_keys(self, kind: str) -> Iterable[Any]:
        """Return the keys of all inputs of a kind."""
        self._read(kind, _KEYS)
        return self._inputs.get(kind, _NOTHING).keys()

    # ---- answers

    def ask(self, name: str, key: Hashable = None) -> Any:
        """Return an answer, which is found now where it is not known."""
        self._read(name, key)
        answer = self._answers[name].get(key)
        rank = self._rules[name][0]
        if answer is None or key in self._due[rank]:
            answer = self._find(rank, key)
        return answer.value

    def give(self, kind: str, key: Hashable, value: object) -> None:
        """Give something under a key, as a part of the answer that is being found."""
        self._asking[-1].given[kind, key] = value

    def given(self, kind: str, key: Hashable) -> Iterable[Any]:
        """Return what answers give under a key, in no order."""
        self._read(kind, key)
        return self._given.get(kind, _NOTHING).get(key, _NOTHING).values()

    def one(self, kind: str, key: Hashable) -> Any:
        """Return what all answers that give something under a key give there."""
        return next(iter(self.given(kind, key)))

    def has(self, kind: str, key: Hashable) -> bool:
        """Return whether something is given under a key."""
        self._read(kind, (_KEYS, key))
        return key in self._given.get(kind, _NOTHING)

    def keys(self, kind: str) -> Sequence[Any]:
        """Return the keys under which something is given, sorted."""
        self._read(kind, _KEYS)
        return self._in_order(kind)

    def count(self, kind: str, key: Hashable) -> int:
        """Return how many answers give something under a key."""
        self._read(kind, key)
        return len(self._given.get(kind, _NOTHING).get(key, ()))

    def table(self, name: str) -> tuple[Any, ...]:
        """Return all answers of a rule that has one for each key, by key."""
        answers = self._answers[name]
        listing = self._listings.setdefault(name, _Listing())
        for key in self._take_moved(name, answers):
            answer = answers.get(key)
            listing.set(key, answer.value if answer is not None else _MISSING)
        return listing.values()

    def pick(self, kind: str, of: str) -> tuple[Any, ...]:
        """Return what is given of a kind under each key of another kind, by key."""
        listing = self._listings.setdefault(kind, _Listing())
        given, keys = self._given.get(kind, _NOTHING), self._given.get(of, _NOTHING)
        for key in self._take_moved(kind, given) | self._take_moved(of, keys):
            parts = given[key].values() if key in keys else (_MISSING,)
            listing.set(key, next(iter(parts)))
        return listing.values()

    def _take_moved(self, kind: str, known: Iterable[Hashable]) -> set[Hashable]:
        """Return what has moved since the last time; at first all that is ``known``."""
        moved = self._moved.get(kind)
        self._moved[kind] = set()
        return set(known) if moved is None else moved

    def _note_moved(self, kind: str, key: Hashable) -> None:
        moved = self._moved.get(kind)
        if moved is not None:
            moved.add(key)

    def errors_of(self, name: str) -> int:
        """Return how many errors the one answer of a rule has found."""
        findings = self._answers[name][None].findings
        return sum(item.severity is Severity.ERROR for item in findings)

    def values(self, name: str) -> Iterator[Any]:
        """Yield all answers of a rule, in no order."""
        return (answer.value for answer in self._answers[name].values())

    def refresh(self) -> None:
        """Find all answers anew that are due, and drop those that nobody reads.

        Raises `Disagreement`; nothing may be asked of these queries then.
        """
        while True:
            rank = next((rank for rank, due in enumerate(self._due) if due), None)
            if rank is not None:
                for key in list(self._due[rank]):
                    if key in self._due[rank]:
                        self._find(rank, key)
            elif not self._drop_unread():
                break
        self._check_agreed()

    # ---- what is noted

    def _read(self, kind: str, key: Hashable) -> None:
        if self._asking:
            self._asking[-1].reads.add((kind, key))

    def _find(self, rank: int, key: Hashable) -> _Answer:
        rule = self._rules[self._names[rank]][1]
        self._due[rank].discard(key)
        asking, sink = _Asking(), Sink(strict=self._strict)
        self._asking.append(asking)
        try:
            value = rule.answer(key, sink)
        finally:
            self._asking.pop()
        cell = rule.name, key
        answers = self._answers[rule.name]
        before = answers.get(key)
        same = before is not None and _is_same(rule, before.value, value)
        findings = sink.diagnostics()
        made = _Answer(
            before.value if before is not None and same else value,
            before.findings if before is not None and before.findings == findings else findings,
            tuple(asking.reads),
            asking.given or _NOTHING,
        )
        answers[key] = made
        old = before or _NONE
        self._note_reads(cell, old.reads, made.reads)
        self._note_given(cell, old.given, asking.given)
        if made.findings is not old.findings:
            self.findings.replace((rank, str(key)), old.findings, made.findings)
        if not same:
            self._make_due((cell,))
            self._note_moved(rule.name, key)
        return made

    def _note_reads(self, cell: Cell, old: Sequence[Cell], new: Sequence[Cell]) -> None:
        for read in set(old).difference(new):
            readers = self._readers[read]
            readers.discard(cell)
            if not readers:
                del self._readers[read]
                if read[0] in self._answers:
                    self._unread.add(read)
        for read in set(new).difference(old):
            self._readers.setdefault(read, set()).add(cell)

    def _note_given(self, cell: Cell, old: Mapping[Cell, Any], new: dict[Cell, Any]) -> None:
        for place, value in new.items():
            before = old.get(place, _MISSING)
            if before is value or (before is not _MISSING and before == value):
                new[place] = before
                continue
            kind, key = place
            parts = self._given.setdefault(kind, {}).setdefault(key, {})
            came = not parts
            if kind in self._agreed:
                self._unchecked.add(place)
                value = new[place] = _alike(value, parts)  # noqa: PLW2901
            parts[cell] = value
            self._touch(kind, key, came=came, went=False)
        for kind, key in old.keys() - new.keys():
            parts = self._given[kind][key]
            del parts[cell]
            if not parts:
                del self._given[kind][key]
            self._touch(kind, key, came=False, went=not parts)

    def _touch(self, kind: str, key: Hashable, *, came: bool, went: bool) -> None:
        """Make due what read a cell, or which cells of its kind there are."""
        if kind in self._answers:
            raise ValueError(f"{kind} is the name of a rule")
        self._make_due(((kind, key), (kind, _ANY)))
        self._note_moved(kind, key)
        if not (came or went):
            return
        self._make_due(((kind, _KEYS), (kind, (_KEYS, key))))
        order = self._order.get(kind)
        if order is not None and came:
            insort(order, key)
        elif order is not None:
            del order[bisect_left(order, key)]
        for rule in self._each.get(kind, ()):
            if came:
                self._due[self._rules[rule.name][0]].add(key)
            else:
                self._drop(rule.name, key)

    def _make_due(self, cells: Iterable[Cell]) -> None:
        for cell in cells:
            for name, key in self._readers.get(cell, ()):
                self._due[self._rules[name][0]].add(key)

    def _in_order(self, kind: str) -> list[Any]:
        order = self._order.get(kind)
        if order is None:
            known: Iterable[Any] = self._inputs.get(kind) or self._given.get(kind) or ()
            order = self._order[kind] = sorted(known)
        return order

    def _drop(self, name: str, key: Hashable) -> None:
        self._due[self._rules[name][0]].discard(key)
        answer = self._answers[name].pop(key, None)
        if answer is None:
            return
        cell = name, key
        self._note_moved(name, key)
        self._note_reads(cell, answer.reads, ())
        self._note_given(cell, answer.given, {})
        if answer.findings:
            self.findings.replace((self._rules[name][0], str(key)), answer.findings, ())
        self._make_due((cell,))

    def _drop_unread(self) -> bool:
        """Drop answers that are found only when they are asked for, and nobody reads."""
        unread, self._unread = self._unread, set()
        dropped = False
        for name, key in unread:
            rule = self._rules[name][1]
            if not (rule.each or rule.root or (name, key) in self._readers):
                self._drop(name, key)
                dropped = True
        return dropped

    def _check_agreed(self) -> None:
        for kind, key in self._unchecked:
            first, *others = self._given.get(kind, _NOTHING).get(key, _NOTHING).values() or (None,)
            if any(other is not first and other != first for other in others):
                raise Disagreement(f"{kind} {key}")
        self._unchecked.clear()


def _alike(value: object, parts: Mapping[Cell, object]) -> object:
    """Return the same object that others give, where it is equal."""
    other = next(iter(parts.values()), value)
    return other if other == value else value


class _Listing:
    """Values by key, in the order of the keys."""

    def __init__(self) -> None:
        self._keys: list[Any] = []
        self._listed: list[Any] = []
        self._values: tuple[Any, ...] | None = ()

    def set(self, key: Any, value: object) -> None:
        """Set the value of a key."""
        self._values = None
        place = bisect_left(self._keys, key)
        there = place < len(self._keys) and self._keys[place] == key
        if value is _MISSING:
            if there:
                del self._keys[place], self._listed[place]
        elif there:
            self._listed[place] = value
        else:
            self._keys.insert(place, key)
            self._listed.insert(place, value)

    def values(self) -> tuple[Any, ...]:
        """Return all values."""
        if self._values is None:
            self._values = tuple(self._listed)
        return self._values


def _is_same(rule: QueryRule, one: object, other: object) -> bool:
    if one is other:
        return True
    return rule.same(one, other) if rule.same is not None else one == other


_NONE = _Answer(None, (), (), _NOTHING)
