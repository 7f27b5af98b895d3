"""Grammars of annotations' values, and declarations: what holds for every one of them."""

from __future__ import annotations

import itertools
from collections import Counter
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.lark import from_lark
from lark import Lark

from ingc.frontend.annotations.declare import Annotation, Scope, UnsupportedAnnotation
from ingc.frontend.annotations.registry import ALIASES, DECLARATIONS, FAMILIES
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import GRAMMARS
from ingc.frontend.declarations.reading import arguments
from ingc.frontend.declarations.seclang import RulesGrammar
from ingc.plan.layout import directive, token
from ingc.resources import folder
from ingc.syntax.text import Text, Variable
from ingc.target import specification
from tests.strategies import examples

SUPPORTED: dict[str, Annotation[Any]] = {
    name: declared for name, declared in DECLARATIONS.items() if isinstance(declared, Annotation)
}
EVERY: dict[str, Grammar[Any]] = {
    **GRAMMARS,
    **{name: annotation.grammar for name, annotation in SUPPORTED.items()},
}
SETTING = {name: annotation for name, annotation in SUPPORTED.items() if annotation.sets}

_ONCE = {
    (grammar.rule, grammar.name, grammar.words): name for name, grammar in reversed(EVERY.items())
}
"""The first name of each grammar: many annotations have the same."""
GRAMMAR = pytest.mark.parametrize(
    "grammar", [pytest.param(EVERY[name], id=name) for name in _ONCE.values()]
)
ANNOTATION = pytest.mark.parametrize("annotation", SUPPORTED.values(), ids=SUPPORTED)
_CONTROL = [chr(code) for code in (*range(0x20), 0x7F)]


def check_printing(grammar: Grammar[Any], text: str) -> None:
    """A value that is read and written reads as the same value."""
    value = grammar.read(text)
    written = grammar.write(value)
    assert grammar.read(written) == value, f"{text!r} was written as {written!r}"
    assert grammar.write(grammar.read(written)) == written


@cache
def texts_of(rule: str) -> st.SearchStrategy[str]:
    """Return texts that the rule of the grammar file describes."""
    source = (folder("grammar") / "annotation.lark").read_text(encoding="utf-8")
    alphabet = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    # What stands behind a terminal is not generated from its regex.
    namespace = st.from_regex("[a-z0-9]([-a-z0-9]{0,5}[a-z0-9])?", fullmatch=True)
    explicit = {"NAMESPACE": namespace} if "object" in rule else {}
    return from_lark(
        Lark(source, start=rule), start=rule, alphabet=alphabet, explicit=explicit or None
    )


def near_to(grammar: Grammar[Any]) -> st.SearchStrategy[str]:
    """Return texts of the pieces that the examples, right and wrong, are made of."""
    known = [*grammar.examples, *grammar.wrong]
    pieces = st.sampled_from(
        [*known, *"".join(known), *" ,;/$~{}'\"\\", "é", "off", "0", "k", "${host}"]
    )
    return st.lists(pieces, max_size=5).map("".join)


@GRAMMAR
def test_examples_are_right(grammar: Grammar[Any]) -> None:
    assert grammar.examples
    for text in grammar.examples:
        check_printing(grammar, text)
        assert grammar.read(f"  {text} ") == grammar.read(text)


@GRAMMAR
def test_wrong_examples_are_wrong(grammar: Grammar[Any]) -> None:
    assert grammar.wrong
    for text in grammar.wrong:
        with pytest.raises(BadValue) as found:
            grammar.read(text)
        why = str(found.value)
        assert why
        assert "\n" not in why
        assert not why.endswith(".")


@GRAMMAR
def test_words_follow_must_be(grammar: Grammar[Any]) -> None:
    assert "\n" not in grammar.words
    assert not grammar.words.endswith(".")
    first = grammar.words[:1]
    assert not first.isupper() or grammar.words.startswith(("HTTP", "URL", "ModSecurity"))


@GRAMMAR
@examples(60)
@given(data=st.data())
def test_what_the_rule_describes_is_read_or_refused(
    grammar: Grammar[Any], data: st.DataObject
) -> None:
    text = data.draw(texts_of(grammar.rule))
    try:
        grammar.read(text)
    except BadValue:
        return
    check_printing(grammar, text)


@GRAMMAR
@examples(100)
@given(data=st.data())
def test_what_is_near_to_an_example_is_read_or_refused(
    grammar: Grammar[Any], data: st.DataObject
) -> None:
    text = data.draw(near_to(grammar))
    try:
        grammar.read(text)
    except BadValue:
        return
    check_printing(grammar, text)


@GRAMMAR
@examples(30)
@given(text=st.text(max_size=20))
def test_any_text_is_read_or_refused(grammar: Grammar[Any], text: str) -> None:
    try:
        grammar.read(text)
    except BadValue:
        return
    check_printing(grammar, text)


@GRAMMAR
def test_no_control_character_is_read(grammar: Grammar[Any]) -> None:
    lines = "\n\t" if isinstance(grammar, RulesGrammar) else ""
    for text, char in itertools.product(grammar.examples, set(_CONTROL) - set(lines)):
        for place in (0, 1, len(text)):
            with pytest.raises(BadValue):
                grammar.read(text[:place] + char + text[place:])


@ANNOTATION
def test_the_default_is_a_value(annotation: Annotation[Any]) -> None:
    if annotation.default:
        assert annotation.grammar.write(annotation.grammar.read(annotation.default))


@pytest.mark.parametrize("annotation", SETTING.values(), ids=SETTING)
def test_what_is_set_is_a_directive_with_so_many_arguments(annotation: Annotation[Any]) -> None:
    assert annotation.scope in (Scope.LOCATION, Scope.HOST)
    context = "server" if annotation.scope is Scope.HOST else "location"
    spec = specification(annotation.sets, context)
    assert spec is not None
    assert not spec.block
    assert spec.since <= annotation.since
    for text in (*annotation.grammar.examples, *filter(None, [annotation.default])):
        given_to_nginx = arguments(annotation, annotation.grammar.read(text))
        assert spec.at_least <= len(given_to_nginx) <= spec.at_most


@pytest.mark.parametrize("annotation", SETTING.values(), ids=SETTING)
@examples(40)
@given(data=st.data())
def test_what_is_set_can_be_printed(annotation: Annotation[Any], data: st.DataObject) -> None:
    try:
        value = annotation.grammar.read(data.draw(near_to(annotation.grammar)))
    except BadValue:
        return
    line = directive(annotation.sets, *arguments(annotation, value))
    assert all(token(argument) for argument in line.args)


@ANNOTATION
def test_what_it_needs_is_there(annotation: Annotation[Any]) -> None:
    assert not annotation.needs or annotation.needs in SUPPORTED
    assert annotation.needs != annotation.name


@ANNOTATION
def test_it_is_told_in_one_line(annotation: Annotation[Any]) -> None:
    doc = annotation.doc
    assert doc[:1].isupper() or doc.startswith("$")
    assert doc.endswith(".")
    assert "\n" not in doc
    assert len(doc) < 120


def test_what_is_not_supported_says_why_in_a_label() -> None:
    for declared in DECLARATIONS.values():
        if isinstance(declared, UnsupportedAnnotation):
            assert declared.doc
            assert "\n" not in declared.doc
            assert not declared.doc.endswith(".")
            assert len(declared.doc) < 120


def test_no_name_is_declared_twice() -> None:
    names = Counter(
        name
        for family in FAMILIES
        for declared in family.declarations
        for name in (declared.name, *getattr(declared, "aliases", ()))
    )
    assert [name for name, count in names.items() if count > 1] == []
    assert names.keys() == DECLARATIONS.keys() | ALIASES.keys()
    assert len({family.name for family in FAMILIES}) == len(FAMILIES)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("BOOL", "T", True),
        ("BOOL", "0", False),
        ("seconds", "007", 7),
        ("size", "8M", "8m"),
        ("words", "error  timeout error", ("error", "timeout")),
        ("HEADERS", "X-A ,X-B,", ("X-A", "X-B")),
        ("codes", "404, 503,404", (404, 503)),
        ("rewrite-target", "/$12", Text(("/", Variable("1"), "2"))),
        ("TEMPLATE", "${host}x", Text((Variable("host"), "x"))),
        ("TEMPLATE", "${host}1", Text((Variable("host"), "1"))),
        ("proxy-cookie-path", "/app/   /", ("/app/", "/")),
        ("proxy-cookie-domain", "off", ("off",)),
        ("limit-rate", "100", 100),
    ],
)
def test_what_a_text_means(name: str, text: str, value: object) -> None:
    assert EVERY[name].read(text) == value
    check_printing(EVERY[name], text)
