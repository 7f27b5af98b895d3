"""Carets stand under what they mean, whatever is in the line."""

from __future__ import annotations

import itertools
import time
import unicodedata

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from ingc.diagnostics import FieldPath, Span
from ingc.diagnostics.render.excerpt import CELLS, cells, excerpt, shortened, without_secrets

ALPHABET = "ab: -/\t\x00\x1b\u202e\ud800éß\u0301\u0302\u20dd日本ｶ한🙂\uff21\uffe6\u1100\u1161"
LINES = st.text(st.sampled_from(ALPHABET) | st.characters(), max_size=60)


def _on_terminal(text: str) -> list[str]:
    """Lay a text out as a terminal does: one item a cell, wide characters take two."""
    screen: list[str] = []
    for char in text:
        if unicodedata.category(char) in ("Mn", "Me") or 0x1160 <= ord(char) <= 0x11FF:
            if screen:
                screen[-1] += char
            continue
        wide = unicodedata.east_asian_width(char) in ("W", "F")
        screen += [char, ""] if wide else [char]
    return screen


def _shown(text: str) -> str:
    shown = "".join(
        "    " if char == "\t" else char if char.isprintable() else ascii(char)[1:-1]
        for char in text
    )
    return "".join(_on_terminal(shown))


def _at_least_one_cell(line: str, start: int) -> str:
    """Return what an empty stretch marks: the character there, or a cell behind the line."""
    stop = start + 1
    while stop < len(line) and not _on_terminal(line[stop]):
        stop += 1
    return _shown(line[start:stop]) or "|"


@st.composite
def _stretches(draw: st.DrawFn) -> tuple[str, int, int]:
    """A line, and where a stretch of it begins and ends."""
    line = draw(LINES)
    start = draw(st.integers(0, len(line)))
    return line, start, draw(st.integers(start, len(line)))


@settings(max_examples=500)
@given(_stretches())
@example(("\t日本\u0301: x", 1, 3))
@example(("\uff21x\u20dd\u1100\u1161y", 5, 6))
def test_the_mark_covers_the_span_and_nothing_else(stretch: tuple[str, int, int]) -> None:
    line, start, stop = stretch
    # A span that splits a character from what combines with it marks the whole of it.
    while start and start < len(line) and not _on_terminal(line[start]):
        start -= 1
    while stop < len(line) and not _on_terminal(line[stop]):
        stop += 1
    assume(cells(_shown(line)) <= CELLS)
    assume(not line or _on_terminal(line[0]))
    found = excerpt(Span(1, start + 1, stop - start, line))
    assert "".join(_on_terminal(found.text)) == _shown(line)
    marked = _on_terminal(found.text + "|")[found.indent : found.indent + found.width]
    if start < stop:
        assert "".join(marked) == _shown(line[start:stop])
    else:
        assert "".join(marked) == _at_least_one_cell(line, start)


@given(LINES, st.integers(0, 60), st.integers(1, 60), st.integers(0, 20), st.integers(0, 20))
def test_a_long_line_is_cut_around_the_span(
    line: str, start: int, width: int, before: int, after: int
) -> None:
    whole = line * before + line + line * after
    start = min(start, len(line)) + len(line) * before
    found = excerpt(Span(1, start + 1, width, whole))
    assert cells(found.text) <= CELLS + 2
    assert 0 <= found.indent < found.indent + found.width <= cells(found.text) + 1


def test_a_mark_that_combines_with_nothing_takes_no_cell_but_can_be_marked() -> None:
    found = excerpt(Span(1, 1, 1, "\u0301a"))
    assert (found.text, found.indent, found.width) == ("\u0301a", 0, 1)


def test_what_is_cut_off_is_marked() -> None:
    line = "a" * 300 + "SPAN" + "b" * 300
    found = excerpt(Span(1, 301, 4, line))
    assert found.text.startswith("…a")
    assert found.text.endswith("b…")
    assert found.text[found.indent : found.indent + found.width] == "SPAN"


def test_what_is_cut_off_is_marked_where_characters_take_no_room() -> None:
    line = ("a" + "\u0301" * 9) * 200
    assert excerpt(Span(1, len(line), 1, line)).text.startswith("…")
    assert excerpt(Span(1, 1, 1, line)).text.endswith("…")


def test_near_the_end_as_much_as_possible_is_kept_on_the_left() -> None:
    found = excerpt(Span(1, 197, 4, "a" * 196 + "SPAN"))
    assert found.text == "…" + "a" * (CELLS - 4) + "SPAN"


def test_a_span_longer_than_the_excerpt_marks_up_to_the_cut() -> None:
    found = excerpt(Span(1, 3, 500, "k:" + "v" * 500))
    assert found.text.endswith("v…")
    assert (found.indent, found.indent + found.width) == (2, len(found.text))


def test_a_span_behind_the_end_of_its_line_marks_one_cell() -> None:
    found = excerpt(Span(1, 9, 3, "host:"))
    assert (found.text, found.indent, found.width) == ("host:", 5, 1)


def test_a_line_of_megabytes_costs_nothing() -> None:
    line = "{" * 20_000_000
    started = time.perf_counter()
    for column in (1, 10_000_000, 20_000_000):
        excerpt(Span(1, column, 20_000_000, line))
    assert time.perf_counter() - started < 5


def test_long_messages_lose_their_middle() -> None:
    assert shortened("a" * 300 + "b" * 300, 90) == "a" * 59 + "…" + "b" * 30
    assert shortened("\x00" * 3, 3) == r"\x00\x00\x00"


KEY_MATERIAL = "LS0tLS1CRUdJTiBQUklWQVRF"


@pytest.mark.parametrize(
    ("line", "marked", "field", "before", "shown"),
    [
        ("  tls.key: KEY", "KEY", ("data", "tls.key"), "  tls.key: ", "<hidden>"),
        ("  tls.key: KEY", "tls.key", ("data", "tls.key"), "  ", "tls.key"),
        ("- pass: 'KEY' # x", "'KEY'", ("stringData", "pass"), "- pass: ", "<hidden>"),
        ("data: {a: KEY, b: 1}", "1", ("data", "b"), "…", "<hidden>"),
        ('{"data": {"a": "KEY"}, "kind": "Secret"}', '"Secret"', ("kind",), "…", '"Secret"'),
        ("  name: Web_TLS", "Web_TLS", ("metadata", "name"), "  name: ", "Web_TLS"),
        ("  note: KEY", "KEY", ("metadata", "annotations", "note"), "  note: ", "<hidden>"),
    ],
)
def test_no_excerpt_of_a_secret_shows_its_data(
    line: str, marked: str, field: FieldPath, before: str, shown: str
) -> None:
    line, marked = line.replace("KEY", KEY_MATERIAL), marked.replace("KEY", KEY_MATERIAL)
    found = without_secrets(Span(1, line.index(marked) + 1, len(marked), line), field)
    assert KEY_MATERIAL not in found.text
    assert found.text.startswith(before + shown)
    assert found.text[found.column - 1 : found.column - 1 + found.width] == shown


@given(LINES, st.integers(0, 60), st.integers(1, 60))
def test_secret_lines_of_any_form_are_hidden(line: str, start: int, width: int) -> None:
    # Letters of the secret itself, so that a leak can't be mistaken for something else.
    pieces = (line[:start], KEY_MATERIAL, line[start:])
    whole = "".join(pieces)
    span = Span(1, start + 1 if start < len(line) else len(line) + 1, width, whole)
    assert KEY_MATERIAL not in without_secrets(span, ("data", "x")).text


def test_every_cell_of_ascii_is_one() -> None:
    for char, other in itertools.pairwise(map(chr, range(0x20, 0x7F))):
        assert cells(char + other) == 2
