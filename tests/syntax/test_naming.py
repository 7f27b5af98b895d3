"""Words of names can be told apart again, so that two things never have one name."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest

from ingc.syntax.digest import digest
from ingc.syntax.naming import (
    dashed_word,
    host_word,
    is_one_word,
    network_word,
    path_word,
    word,
    written,
)

EVERY = ["".join(each) for size in range(1, 6) for each in product("ab-_./", repeat=size)]
HEX = "0123456789abcdef01234567"


@pytest.mark.parametrize("kind", [word, dashed_word, host_word, path_word])
def test_words_of_one_kind_differ(kind: Callable[[str], str | None]) -> None:
    words = [found for text in EVERY if (found := kind(text)) is not None]
    assert len(words) > 20
    assert len(words) == len(set(words))
    assert all(map(is_one_word, words))
    assert not any(item.startswith("_") or item.endswith("_") for item in words)


def test_networks_differ() -> None:
    texts = ["10.0.0.0/8", "10.0.0.0", "10.0.0.8", "1.0.0.0/8", "10.0.0.0/16"]
    assert len(set(map(network_word, texts))) == len(texts)
    assert network_word("::1") is None


@pytest.mark.parametrize("kind", [word, dashed_word, host_word, lambda text: path_word(f"/{text}")])
def test_no_word_looks_like_a_digest(kind: Callable[[str], str | None]) -> None:
    assert kind(HEX) is None
    assert kind(HEX[1:]) == HEX[1:]


def test_a_digest_stands_for_what_is_no_word() -> None:
    assert written(("a", "b_c"), "content") == "a___b_c"
    assert written(("a", None, "b"), "content") == f"a___{digest('content')}"
    assert written((None,), "content") == digest("content")
    assert written((), "content") == ""
