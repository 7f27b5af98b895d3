"""Crossplane's lexer makes the same tokens of our pieces as of single characters."""

from __future__ import annotations

import io

from crossplane import lexer
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingc.prove.parsing import _pieces, tokens_of

SIGNS = st.text(alphabet="ab$ \t\r\n\\{};\"'#()~*é", max_size=60)


def tokens_of_characters(text: str) -> list[object]:
    return list(lexer._lex_file_object(io.StringIO(text, newline="")))


@settings(max_examples=2000, deadline=None)
@given(SIGNS)
@example('a "b\\"c" \'d\' # e;\n {f}\n')
@example("a\\\n b;\n\n  \t c")
@example("a ${b}c;")
@example("a 'b\\\n\n' c\n;\n# d\\\n e;\nf \\")
def test_same_tokens_as_from_single_characters(text: str) -> None:
    assert list(tokens_of(text)) == tokens_of_characters(text)


def test_a_long_text_is_cut_between_lines() -> None:
    text = "".join(f'location "/{n}#" {{ return 200; }} # {n}\n' for n in range(20_000))
    assert len(list(_pieces(text))) > 5
    assert list(tokens_of(text)) == tokens_of_characters(text)
