"""Quoting: any text becomes one token, which crossplane reads back as the same text."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path

import crossplane
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.syntax.token import MAX_TOKEN_BYTES, Unprintable, quote, unescape
from tests.strategies import NASTY, examples, token_text

LATIN = [chr(n) for n in range(1, 256)]
PAIRS = ["".join(pair) for pair in itertools.product(NASTY, repeat=2)]


def read_back(texts: Iterable[str], folder: Path) -> list[str]:
    """Write each text as the argument of a directive; return what crossplane reads."""
    file = folder / "tokens.conf"
    file.write_bytes("".join(f"set x {quote(text)};\n" for text in texts).encode())
    parsed = crossplane.parse(str(file), single=True, check_ctx=False)
    assert parsed["errors"] == []
    statements = parsed["config"][0]["parsed"]
    assert all(s["directive"] == "set" and s["args"][0] == "x" for s in statements)
    assert all(len(s["args"]) == 2 for s in statements)
    return [unescape(s["args"][1]) for s in statements]


def test_every_character_and_every_nasty_pair(tmp_path: Path) -> None:
    texts = [*LATIN, *(f"a{char}b" for char in LATIN), *PAIRS, *(f"a{pair}b" for pair in PAIRS)]
    assert read_back(texts, tmp_path) == texts


@examples(60)
@given(texts=st.lists(token_text, max_size=30))
def test_any_text(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    assert read_back(texts, tmp_path_factory.mktemp("tokens")) == texts


@examples(300)
@given(text=token_text)
def test_a_token_is_one_line_and_hides_what_is_in_it(text: str) -> None:
    written = quote(text)
    assert not set(written) & set("\n\r\t")
    if written[0] in "\"'":
        assert written[0] == written[-1] and len(written) >= 2
    else:
        assert written == text
        assert not set(written) & set(" ;{}#$\\\"'")


@pytest.mark.parametrize("text", ["/foo", "a.b-c_d", "*.test", "unix:/x", "~*", "text/plain", "1"])
def test_plain_text_stays_bare(text: str) -> None:
    assert quote(text) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ("a b", '"a b"'),
        ("{x}", '"{x}"'),
        ("a;b", '"a;b"'),
        ("#", '"#"'),
        ("$x", '"$x"'),
        ("it's", '"it\'s"'),
        ('say "x"', "'say \"x\"'"),
        ("\"'", '"\\"\'"'),
        ("\\", '"\\\\"'),
        ("\\n", '"\\\\n"'),
        ("a\nb\r\t", '"a\\nb\\r\\t"'),
        ("é", '"é"'),
    ],
)
def test_how_it_is_written(text: str, written: str) -> None:
    assert quote(text) == written


@pytest.mark.parametrize("char", ["a", " ", "é", '"', "\\", "\n"])
def test_the_longest_token(char: str) -> None:
    size = len(quote(char * 100).encode())
    each = (size - len(quote(char * 50).encode())) // 50
    around = size - 100 * each
    most = (MAX_TOKEN_BYTES - around) // each
    assert len(quote(char * most).encode()) <= MAX_TOKEN_BYTES
    with pytest.raises(Unprintable, match="longer than nginx reads"):
        quote(char * (most + 1))


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x\udfff"])
def test_what_no_token_can_hold(text: str) -> None:
    with pytest.raises(Unprintable):
        quote(text)
