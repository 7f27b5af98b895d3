"""The grammars of load balancing, affinity and canaries keep to their own examples."""

from __future__ import annotations

from typing import Any

import pytest

from ingc.frontend.annotations import affinity, canary, load_balance
from ingc.frontend.annotations.declare import Annotation
from ingc.frontend.declarations.grammar import BadValue

ANNOTATIONS: list[Annotation[Any]] = [
    declared
    for family in (load_balance.FAMILY, affinity.FAMILY, canary.FAMILY)
    for declared in family.declarations
    if isinstance(declared, Annotation)
]
EACH = pytest.mark.parametrize("declared", ANNOTATIONS, ids=lambda declared: declared.name)
SHAPES = ("a;b", "a\nb", "a\rb", 'a"b', "a'b", "a\x00b", "a b; include /etc/passwd;")
"""What would be nginx syntax somewhere."""


@EACH
def test_examples_are_read_and_written_back(declared: Annotation[Any]) -> None:
    grammar = declared.grammar
    for text in (*grammar.examples, *((declared.default,) if declared.default else ())):
        value = grammar.read(text)
        assert grammar.read(grammar.write(value)) == value


@EACH
def test_what_is_wrong_is_refused(declared: Annotation[Any]) -> None:
    for text in (*declared.grammar.wrong, *SHAPES):
        with pytest.raises(BadValue):
            declared.grammar.read(text)
