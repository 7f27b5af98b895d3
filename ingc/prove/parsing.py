"""crossplane's own parser in strict mode, over a text instead of a file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import accumulate, islice, repeat
from operator import eq
from types import FunctionType
from typing import Any

from ingc.model.tree import Statement, read_statements
from ingc.prove.directives import BLOCKS_OF_ENTRIES, register_directives
from ingc.prove.shape import SEAM

Token = tuple[str, int, bool]
"""Text, line, and whether it stood in quotes."""

_NAME = "/nginx.conf"
_PIECES = re.compile(r"""[^\s\\{};"'#]+|(?<=[^\\]\n)[^\S\n]+|\\.|.""", re.DOTALL)
_SIGNS = frozenset(";{}")
_BLOCK = 1 << 16
_REMEMBERED = 1 << 14


@dataclass(frozen=True, slots=True)
class RefusedText:
    """A text that crossplane can't read, or that holds a directive where none such may stand."""

    line: int
    why: str


def parse(text: str) -> list[Mapping[str, Any]] | RefusedText:
    """Parse a configuration with crossplane in strict mode."""
    register_directives()
    payload = _parser(tokens_of(text), analyzer())(_NAME, single=True, strict=True)
    if payload["status"] != "ok":
        error = payload["errors"][0]
        why = str(error["error"]).split(f" in {_NAME}")[0]
        return RefusedText(error["line"] or 0, f"crossplane refuses it: {why}")
    statements: list[Mapping[str, Any]] = payload["config"][0]["parsed"]
    return statements


def parse_block(text: str) -> Statement | RefusedText:
    """Parse what has to be exactly one statement of an ``http`` block."""
    parsed = parse(f"http {{\n{text}}}\n")
    if isinstance(parsed, RefusedText):
        return RefusedText(parsed.line - 1, parsed.why)
    found = read_statements(parsed)
    inner = found[0].block or () if len(found) == 1 else ()
    if len(inner) != 1:
        return RefusedText(1, "it is not one block")
    return inner[0]


def parse_line(line: str) -> tuple[Mapping[str, Any] | None, str] | None:
    """Parse a line that may stand alone, whatever may stand around it.

    Returns its directive and what ends it: ``;``, ``{``, or ``}`` and nothing else on it. An empty
    line and a comment have no directive and end with nothing. ``None``: the line is none of these,
    or the lexer would not begin anew on the next one.
    """
    register_directives()
    if "_by_lua" in line:
        return None  # The lexer reads on by other rules after some of these names.
    *tokens, after = list(tokens_of(f"{line}\n;")) or [("", 0, False)]
    if after != (";", 2, False) or any(at != 1 for _, at, _ in tokens):
        return None
    signs = [text if text in _SIGNS and not quoted else "" for text, _, quoted in tokens]
    if not tokens or _is_comment(tokens[0]):
        return (None, "") if len(tokens) < 2 else None
    if any(signs[:-1]) or any(map(_is_comment, tokens)):
        return None
    if signs == ["}"]:
        return None, "}"
    if len(tokens) < 2 or signs[-1] not in (";", "{"):
        return None
    closed = [*tokens, ("}", 1, False)] if signs[-1] == "{" else tokens
    payload = _parser(iter(closed), _allow_all)(_NAME, single=True, strict=True)
    return payload["config"][0]["parsed"][0], signs[-1]


def _is_comment(token: Token) -> bool:
    return token[0].startswith("#") and not token[2]


def _allow_all(**_: object) -> None:
    """Take a directive of which the place is not known."""


def _parser(tokens: Iterator[Token], analyze: Callable[..., None]) -> Callable[..., dict[str, Any]]:
    """Return crossplane's own ``parse``, which reads tokens where it would read a file.

    The entries of a ``map`` and its kind are kept from its table of directives, and what it has
    found right once is not checked again.
    """
    from crossplane import lexer, parser

    def lex(_: str) -> Iterator[Token]:
        balanced: Iterator[Token] = lexer._balance_braces(tokens, _NAME)
        return balanced

    names = {**vars(parser), "lex": lex, "analyze": analyze}
    return FunctionType(parser.parse.__code__, names, "parse", parser.parse.__defaults__)


@cache
def flags() -> frozenset[str]:
    """Return the directives of which the value matters to crossplane: it has to be on or off."""
    from crossplane import analyzer

    register_directives()
    return frozenset(name for name, masks in analyzer.DIRECTIVES.items() if _is_flag(masks))


@cache
def analyzer() -> Callable[..., None]:
    """Return crossplane's own ``analyze``, which checks equal directives once."""
    from crossplane import analyzer

    right: set[tuple[object, ...]] = set()
    with_flags = flags()

    def analyze(
        fname: str, stmt: Mapping[str, Any], term: str, ctx: tuple[str, ...], **given: object
    ) -> None:
        # Strict mode would take the entries of a map for directives.
        if (ctx and ctx[-1] in BLOCKS_OF_ENTRIES) or stmt["directive"] == SEAM:
            return
        name, args = stmt["directive"], stmt["args"]
        # It checks how many arguments there are, and whether a flag is on or off.
        key = (name, term, ctx, len(args), args[0] if args and name in with_flags else None)
        if key not in right:
            analyzer.analyze(fname, stmt, term, ctx, **given)
            if len(right) < _REMEMBERED:
                right.add(key)

    return analyze


def _is_flag(masks: Iterable[int]) -> bool:
    from crossplane import analyzer

    return any(mask & analyzer.NGX_CONF_FLAG for mask in masks)


@cache
def _lexer() -> Callable[[Iterable[object]], Iterator[Token]]:
    """Return crossplane's own lexer, for pieces that have their lines already."""
    from crossplane import lexer

    def as_given(pieces: object) -> object:
        return pieces

    given = {"_iterescape": as_given, "_iterlinecount": as_given, "EXTERNAL_LEXERS": {}}
    names = {**vars(lexer), **given}
    return FunctionType(lexer._lex_file_object.__wrapped__.__code__, names)


def tokens_of(text: str) -> Iterator[Token]:
    """Yield the tokens of a text, by crossplane's own lexer, but without its readers of Lua.

    It goes from character to character, but checks only whether one is white space, a line
    break, an escape or one of a few signs. So it gets what lies between those at once, with
    escapes put together and lines counted already, which makes the same tokens in a quarter of
    the time.
    """
    try:
        yield from _lexer()(_pieces(text))
    except RecursionError:
        raise
    except RuntimeError:
        # It raises this where the text ends inside of something.
        return


def _pieces(text: str) -> Iterator[Iterator[tuple[str, int]]]:
    """Yield a text in pieces and their lines, some lines at a time."""
    start, line = 0, 1
    while start < len(text):
        end = text.find("\n", start + _BLOCK) + 1 or len(text)
        pieces = _PIECES.findall(text, start, end)
        escaped = text.find("\\\n", start, end) >= 0
        breaks = map(str.endswith if escaped else eq, pieces, repeat("\n"))
        yield zip(pieces, islice(accumulate(breaks, initial=line), 1, None), strict=True)
        line += text.count("\n", start, end)
        start = end
