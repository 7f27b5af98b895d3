"""The Lua in an nginx.conf: each block becomes one argument, before crossplane reads the text.

crossplane knows half of the directives that hold a block, and of Lua only the quotes: a brace in a
long string or in a comment of several lines ends the block there. (lua-nginx-module, "Directives";
Lua 5.1 reference manual, 2.1)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

BLOCK = re.compile(r"[a-z_]+_by_lua_block").fullmatch
"""The name of a directive whose block holds Lua."""

_PART = re.compile(
    r"""(?P<space>\s+|(?<![^\s;{}])\#[^\n]*)
      | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
      | (?P<sign>[;{}])
      | (?P<word>(?:\\.|\$\{|[^\s;{}"'\\])(?:\\.|\$\{|[^\s;{}\\])*)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPENING = re.compile(r"--|\[=*\[|[\"'{}]")
_LONG = re.compile(r"\[(=*)\[")
_LINE_END = re.compile(r"\n|\Z")
_CLOSING = {quote: re.compile(rf"(?:\\.|[^{quote}\\\n])*{quote}", re.DOTALL) for quote in "\"'"}
_IN_QUOTES = str.maketrans({'"': "'", "\\": " "})


class EndlessLua(ValueError):
    """A block of Lua is not closed; ``line`` is where it begins."""

    def __init__(self, name: str, line: int) -> None:
        super().__init__(f"the Lua of {name} does not end")
        self.line = line


def with_lua_quoted(text: str) -> str:
    """Return a configuration with each block of Lua as one argument in quotes, line by line.

    Double quotes in it become single ones, and backslashes spaces. Raises `EndlessLua`.
    """
    if "_by_lua_block" not in text:
        return text
    return "".join(_quoted(text))


def _quoted(text: str) -> Iterator[str]:
    at, taken, name, begins = 0, 0, "", True
    while found := _PART.match(text, at):
        start, at = at, found.end()
        if found["space"] is not None:
            continue
        if begins:
            name = found["word"] or ""
            begins = found["sign"] is not None
        elif found["sign"] == "{" and BLOCK(name):
            end = _end_of_block(text, at)
            if end is None:
                raise EndlessLua(name, text.count("\n", 0, start) + 1)
            yield text[taken:start]
            yield f' "{text[at : end - 1].translate(_IN_QUOTES)}";'
            at = taken = end
            begins = True
        elif found["sign"] is not None:
            begins = True
    yield text[taken:]


def _end_of_block(text: str, at: int) -> int | None:
    """Return where a block of Lua ends, behind its brace; ``None``: it does not."""
    depth = 1
    while found := _OPENING.search(text, at):
        sign, at = found[0], found.end()
        if sign == "{":
            depth += 1
        elif sign == "}":
            depth -= 1
            if not depth:
                return at
        else:
            end = _end_of_hidden(text, sign, at)
            if end is None:
                return None
            at = end
    return None


def _end_of_hidden(text: str, sign: str, at: int) -> int | None:
    """Return where a comment or a string ends in which braces mean nothing."""
    if sign in _CLOSING:
        closed = _CLOSING[sign].match(text, at)
        return closed.end() if closed else None
    level = _LONG.fullmatch(sign)
    if sign == "--":
        level = _LONG.match(text, at)
        at = level.end() if level else at
    if level is None:
        line_end = _LINE_END.search(text, at)
        return line_end.end() if line_end else len(text)
    closing = f"]{level[1]}]"
    end = text.find(closing, at)
    return end + len(closing) if end >= 0 else None
