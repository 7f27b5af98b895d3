"""What an entry is built of, and that it is a value: compared, hashed, shown, never changed."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest

from ingc.diagnostics import Entry
from ingc.diagnostics.catalogue.internal import HostNotProved, NotProved, ProofFailed
from ingc.diagnostics.catalogue.reading import InvalidUtf8, JsonSyntax, YamlSyntax

PROOF = {"line": 3, "why": "unlike", "text": "listen 80;"}


def test_values_are_given_by_place_or_by_name() -> None:
    one = ProofFailed(3, "unlike", "listen 80;")
    assert one == ProofFailed(3, text="listen 80;", why="unlike")
    assert one == ProofFailed(line=3, why="unlike", text="listen 80;")
    assert (one.line, one.why, one.text) == (3, "unlike", "listen 80;")
    assert one.values() == PROOF


def test_a_field_has_its_default() -> None:
    entry = YamlSyntax("a tab")
    assert entry.hint == YamlSyntax.hint
    assert entry.values()["hint"] == YamlSyntax.hint
    assert entry == YamlSyntax(problem="a tab", hint=YamlSyntax.hint)
    assert entry != YamlSyntax("a tab", "remove it")


def test_the_order_of_the_names_makes_no_difference() -> None:
    one, other = ProofFailed(**PROOF), ProofFailed(**dict(reversed(PROOF.items())))
    assert one == other
    assert hash(one) == hash(other)
    assert repr(one) == repr(other) == "ProofFailed(line=3, why='unlike', text='listen 80;')"


def test_entries_of_two_classes_are_not_equal() -> None:
    one: Entry = JsonSyntax("x")
    assert one != InvalidUtf8("x")
    assert one != "x"
    assert NotProved() == NotProved()


def test_equal_entries_are_one_key() -> None:
    assert len({JsonSyntax("x"), JsonSyntax(problem="x"), JsonSyntax("y"), InvalidUtf8("x")}) == 3


@pytest.mark.parametrize(
    ("entry", "values", "named"),
    [
        (ProofFailed, (), {}),
        (ProofFailed, (3, "unlike"), {}),
        (ProofFailed, (3, "unlike", "text", "more"), {}),
        (ProofFailed, (4,), PROOF),
        (ProofFailed, (), {**PROOF, "host": "a.test"}),
        (HostNotProved, (), PROOF),
        (NotProved, ("x",), {}),
        (NotProved, (), {"summary": "x"}),
        (YamlSyntax, (), {"hint": "x"}),
    ],
)
def test_other_values_than_those_of_its_fields_are_refused(
    entry: type[Entry], values: tuple[Any, ...], named: dict[str, Any]
) -> None:
    with pytest.raises(TypeError, match=entry.__name__):
        entry(*values, **named)


@pytest.mark.parametrize("name", ["problem", "summary", "other"])
def test_an_entry_cannot_be_changed(name: str) -> None:
    entry = JsonSyntax("x")
    with pytest.raises(AttributeError, match="JsonSyntax"):
        setattr(entry, name, "y")
    with pytest.raises(AttributeError, match="JsonSyntax"):
        delattr(entry, name)
    assert entry == JsonSyntax("x")


def test_a_copy_is_equal() -> None:
    entry = ProofFailed(**PROOF)  # type: ignore[arg-type]
    for made in (copy.copy(entry), copy.deepcopy(entry), pickle.loads(pickle.dumps(entry))):  # noqa: S301
        assert made == entry
        assert hash(made) == hash(entry)
