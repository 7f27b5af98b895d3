"""A snippet's text → its directives, each with its place, as crossplane reads them.

crossplane tells no columns, so the text is scanned once more for these. Where the two disagree
about a token the snippet is refused: one of them would read something else than nginx.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from ingc.syntax.token import unescape

_MOST = 64 * 1024
"""Characters of one snippet: more is no snippet."""
_DEEPEST = 4
_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BARE = re.compile(r"(?:\\.|\$\{[^}\s${]*\}|[^ \t\r\n;{}\\])+", re.DOTALL)
_QUOTED = {
    '"': re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL),
    "'": re.compile(r"'((?:\\.|[^'\\])*)'", re.DOTALL),
}
_AFTER_QUOTE = re.compile(r"[ \t\r\n;{})]|\Z")


class UnreadableSnippet(Exception):
    """nginx could not read the snippet; the text gives the reason."""

    def __init__(self, why: str, place: TextSpot) -> None:
        super().__init__(why)
        self.place = place


@dataclass(frozen=True, slots=True)
class TextSpot:
    """A stretch of one line of a snippet; the line counts from 0, the column from 0."""

    line: int
    column: int
    width: int


@dataclass(frozen=True, slots=True)
class SnippetWord:
    """One token."""

    text: str
    """Without its quotes, with escapes resolved."""
    quoted: bool
    place: TextSpot
    raw: str = ""
    """As crossplane has it."""

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class ReadDirective:
    """A directive of a snippet."""

    name: SnippetWord
    args: tuple[SnippetWord, ...]
    block: tuple[ReadDirective, ...] | None = None

    @property
    def place(self) -> TextSpot:
        """Where its name stands."""
        return self.name.place

    @property
    def texts(self) -> tuple[str, ...]:
        """Its arguments."""
        return tuple(word.text for word in self.args)


def read_directives(text: str) -> tuple[ReadDirective, ...]:
    """Return the directives of a snippet. Raises `UnreadableSnippet`."""
    if len(text) > _MOST:
        raise UnreadableSnippet(f"it has more than {_MOST} characters", TextSpot(0, 0, 1))
    clean, programs = _without_programs(text)
    words = list(_words(clean))
    _compare_with_crossplane(clean, words)
    words = [replace(word, text=programs.get(word.place, word.text)) for word in words]
    found, rest = _block(words, 0, depth=0)
    if rest < len(words):
        why = 'this "}" closes a block that the snippet did not open'
        raise UnreadableSnippet(why, words[rest].place)
    return found


_PROGRAM = re.compile(r"(?<![\w$])\w+_by_lua_block(?=\s*\{)")


def _without_programs(text: str) -> tuple[str, dict[TextSpot, str]]:
    """Return a text without what stands in blocks of Lua, which is not nginx's syntax.

    The names of the directives are returned by their places; others stand for them.
    """
    lines = _Lines(text)
    programs: dict[TextSpot, str] = {}
    for found in _PROGRAM.finditer(text):
        opened = text.index("{", found.end())
        depth, end = 1, opened + 1
        while depth and end < len(text):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        programs[lines.spot(*found.span())] = found[0]
        inner = re.sub(r"\S", " ", text[opened + 1 : end - 1])
        name = "x" * len(found[0])
        text = (
            f"{text[: found.start()]}{name}{text[found.end() : opened + 1]}{inner}{text[end - 1 :]}"
        )
    return text, programs


@dataclass(slots=True)
class _Lines:
    """Places of offsets."""

    text: str
    starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.starts = [0, *(found.end() for found in re.finditer("\n", self.text))]

    def spot(self, start: int, end: int) -> TextSpot:
        line = bisect_right(self.starts, start) - 1
        stop = self.text.find("\n", start)
        stop = min(end, stop) if stop >= 0 else end
        return TextSpot(line, start - self.starts[line], max(stop - start, 1))


def _words(text: str) -> Iterator[SnippetWord]:
    lines = _Lines(text)
    bad = re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text.replace("\r\n", "\n\n"))
    if bad is not None:
        why = f"it holds the control character {bad[0]!r}"
        raise UnreadableSnippet(why, lines.spot(bad.start(), bad.end()))
    at = 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if at >= len(text):
            return
        start, char = at, text[at]
        if char in ";{}":
            at += 1
            yield SnippetWord(char, False, lines.spot(start, at), char)
        elif char in _QUOTED:
            found = _QUOTED[char].match(text, at)
            if found is None:
                raise UnreadableSnippet("this quote is not closed", lines.spot(start, start + 1))
            at = found.end()
            if not _AFTER_QUOTE.match(text, at):
                why = f'nginx takes no "{text[at]}" right after a closing quote'
                raise UnreadableSnippet(why, lines.spot(at, at + 1))
            raw = found[1].replace("\\" + char, char)
            yield SnippetWord(unescape(found[1]), True, lines.spot(start, at), raw)
        else:
            found = _BARE.match(text, at)
            if found is None:
                raise UnreadableSnippet("nothing can follow this", lines.spot(start, start + 1))
            at = found.end()
            yield SnippetWord(unescape(found[0]), False, lines.spot(start, at), found[0])


def _compare_with_crossplane(text: str, words: list[SnippetWord]) -> None:
    from crossplane import lexer
    from crossplane.errors import NgxParserSyntaxError

    first = words[0].place if words else TextSpot(0, 0, 1)
    try:
        tokens = list(lexer._balance_braces(lexer._lex_file_object([*text, "\n"])))
    except NgxParserSyntaxError as error:
        if 'unexpected "}"' in str(error):
            why = 'this "}" closes a block that the snippet did not open'
            raise UnreadableSnippet(why, next(_unopened(words), first)) from error
        raise UnreadableSnippet("a block is not closed", words[-1].place) from error
    except RuntimeError as error:
        raise UnreadableSnippet("it ends inside of a token", first) from error
    read = [(token, quoted) for token, _, quoted in tokens if quoted or token[:1] != "#"]
    own = [(word.raw, word.quoted) for word in words]
    if read != own:
        pairs = zip(words, read, strict=False)
        other = (word.place for word, token in pairs if (word.raw, word.quoted) != token)
        why = "readers of nginx's syntax disagree about this; write it in another form"
        raise UnreadableSnippet(why, next(other, first))


def _unopened(words: Iterable[SnippetWord]) -> Iterator[TextSpot]:
    """Yield where blocks are closed that were not opened."""
    depth = 0
    for word in words:
        depth += {"{": 1, "}": -1}.get(word.raw, 0) if not word.quoted else 0
        if depth < 0:
            yield word.place


def _block(
    words: list[SnippetWord], at: int, *, depth: int
) -> tuple[tuple[ReadDirective, ...], int]:
    """Return the directives from a token on, and the number of the ``}`` behind them."""
    found: list[ReadDirective] = []
    if depth > _DEEPEST:
        raise UnreadableSnippet("blocks are nested too deep", words[at - 1].place)
    while at < len(words) and not _is(words[at], "}"):
        name = words[at]
        if _is(name, ";") or _is(name, "{"):
            raise UnreadableSnippet(f'no directive stands before this "{name.text}"', name.place)
        end = at + 1
        while end < len(words) and not any(_is(words[end], sign) for sign in ";{}"):
            end += 1
        args = tuple(words[at + 1 : end])
        if end >= len(words) or _is(words[end], "}"):
            raise UnreadableSnippet(f'{name.text} is not ended by a ";"', name.place)
        if _is(words[end], ";"):
            found.append(ReadDirective(name, args))
            at = end + 1
            continue
        inner, closing = _block(words, end + 1, depth=depth + 1)
        if closing >= len(words):
            raise UnreadableSnippet(f"the block of {name.text} is not closed", name.place)
        found.append(ReadDirective(name, args, inner))
        at = closing + 1
    return tuple(found), at


def _is(word: SnippetWord, sign: str) -> bool:
    return word.raw == sign and not word.quoted
