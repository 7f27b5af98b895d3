"""A search ends: with a match, without one, or because it has taken all the steps it has."""

from __future__ import annotations

import pcre2
import pytest

from ingc.syntax import pcre
from ingc.syntax.pcre import LONG_SEARCHES, LONG_STEPS, TooManySteps, given_up, patience
from ingc.syntax.regex.reading import BadRegex, read_pattern

SLOW = read_pattern("^/(a+)+$")


def pumped(number: int) -> bytes:
    return b"/" + b"a" * 200 + b"!%d" % number


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("^/(a|b){1368}", b"/" + b"ab" * 684),
        ("^/(?:(a)|b)*$", b"/" + b"ab" * 4000),
        (f"^/{'(a)?' * 90}(?:.)*$", b"/" + b"a" * 8000),
    ],
    ids=["many rounds", "a long path", "many groups"],
)
def test_what_nginx_can_match_matches(text: str, subject: bytes) -> None:
    """Code made just in time has a stack that is too small for the first."""
    assert read_pattern(text).search(subject)


def test_a_search_ends_as_in_nginx() -> None:
    with pytest.raises(TooManySteps):
        SLOW.search(pumped(0))


def test_all_searches_of_a_pattern_together_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[int] = []
    within = pcre.Pattern.within

    def counted(self: pcre.Pattern, most: int, subject: bytes) -> pcre.RegexMatch | None:
        steps.append(most)
        return within(self, most, subject)

    monkeypatch.setattr(pcre.Pattern, "within", counted)
    with patience():
        for number in range(100):
            for _ in range(2):
                with pytest.raises(TooManySteps):
                    SLOW.search(pumped(number))
        assert given_up() == 200
    assert steps.count(LONG_STEPS) == LONG_SEARCHES
    assert max(steps) == LONG_STEPS
    assert given_up() == 0


def test_a_search_has_one_answer_while_patience_lasts() -> None:
    """Two sides may ask the same; the second may not be refused what the first was given."""
    square = read_pattern("^/(?:x*y|x)*z")
    subjects = [b"/" + b"x" * (900 + number) + b"z" for number in range(2 * LONG_SEARCHES)]
    with patience():
        first = [answer(square, subject) for subject in subjects]
        assert [answer(square, subject) for subject in subjects] == first
    assert first == [True] * LONG_SEARCHES + [None] * LONG_SEARCHES


def answer(pattern: pcre.Pattern, subject: bytes) -> bool | None:
    try:
        return pattern.search(subject) is not None
    except TooManySteps:
        return None


def test_patience_inside_of_another_is_the_same() -> None:
    with patience() as outer, patience() as inner:
        assert inner is outer


def test_memory_is_bounded_too() -> None:
    """A step back holds every group; nginx would take gigabytes for one request."""
    with pytest.raises(BadRegex, match="100 groups capture"):
        read_pattern("()" * 100 + "(?:a|b)*c")


@pytest.mark.parametrize("fault", [ValueError("x"), RuntimeError("x"), MemoryError()])
def test_faults_of_the_library_are_the_patterns(
    monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    """Its binding raises these where it has no words for an error."""

    def compile(*_: object, **__: object) -> object:
        raise fault

    monkeypatch.setattr(pcre2, "compile", compile)
    with pytest.raises(BadRegex, match="PCRE2 can not compile it"):
        read_pattern("^/never-compiled-before")
    with pytest.raises(TooManySteps), patience():
        raise_in_search(monkeypatch, fault)


def raise_in_search(monkeypatch: pytest.MonkeyPatch, fault: Exception) -> None:
    class Broken:
        groups = 0

        def search(self, _: bytes) -> None:
            raise fault

    monkeypatch.setattr(pcre2, "compile", lambda *_, **__: Broken())
    read_pattern("^/broken").search(b"/")
