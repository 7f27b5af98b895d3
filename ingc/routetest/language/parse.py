"""Reading route tests, by ``grammar/routetest.lark``: a line that is wrong spoils no other."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from ingc.diagnostics import Origin, Sink, Span
from ingc.diagnostics.catalogue.routetest import RouteTestSyntax
from ingc.load.text import TextPlace
from ingc.resources import folder
from ingc.routetest.language.syntax import File, Line

if TYPE_CHECKING:
    from lark import Lark

    from ingc.routetest.language.from_tree import Parsed

STARTS = ("line", "column", "cell_expectations", "cell_request", "cell_value")

_LONGEST = 16_000
"""Characters of a line: a request line is at most half as long."""

_NAMES = {
    "_ARROW": "->",
    "BACKEND": "namespace/service:port",
    "STATUS": "a status",
    "METHOD": "a method in capitals",
    "TARGET": "a path",
    "_HEADER": "header NAME: VALUE",
    "_COOKIE": "cookie NAME=VALUE",
    "SCHEME": "https",
    "_AS": "as /path",
    "_AND": "and …",
    "_OR": "or …",
    "_WITH": "with …",
    "_REDIRECT": "redirect",
    "_NOT": "not …",
    "_ANY_OF": "any of …",
    "_SAME_AS": "same as /path",
    "_CLIENT": "client ADDRESS",
    "_CERTIFICATE": "certificate",
    "_UPSTREAM": "upstream …",
    "_REFUSED": "refused",
    "_UNOPENED": "unopened namespace/service:port",
    "_INGRESS": "ingress namespace/name",
    "_LET": "let NAME = VALUE",
    "_HOST": "host NAME",
    "VARIABLE": "$variable",
    "NAME": "a name",
    "FIELD": "the name of a header",
    "COOKIE_NAME": "the name of a cookie",
    "VALUE": "a value",
    "STRING": '"a string"',
    "EQUAL": "=",
    "COLON": '":"',
    "VBAR": '"|"',
    "REQUEST": "path",
    "SCHEME_COLUMN": "scheme",
    "METHOD_COLUMN": "method",
    "CELL": "a cell",
}
"""What may stand somewhere, in the words and the order of the diagnostics."""
_MOST_NAMED = 5
_SERVICE = re.compile(r"[a-z][-a-z0-9]*(:[-a-z0-9]+)?").fullmatch
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:/").match


class BadLine(Exception):
    """A text does not have the required form."""

    def __init__(self, column: int, width: int, found: str, wanted: str) -> None:
        super().__init__(found)
        self.column = column
        self.width = width
        self.found = found
        self.wanted = wanted


def read_file(text: str, name: str, sink: Sink) -> File:
    """Read a file; a line that can't be read is reported, and left empty."""
    lines = text.removeprefix("\ufeff").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return File(
        name,
        tuple(
            _read_line(line.removesuffix("\r"), number, name, sink)
            for number, line in enumerate(lines, start=1)
        ),
    )


def place(file: str, line: Line, column: int, width: int) -> Origin:
    """Return the place of a word in a line."""
    return Origin(source=TextPlace(file, Span(line.number, column, max(width, 1), line.text)))


def _read_line(text: str, number: int, file: str, sink: Sink) -> Line:
    from lark import Tree

    from ingc.routetest.language.from_tree import LineBuilder

    line = Line(None, None, number, text)
    if not text.strip():
        return line
    try:
        tree = parse("line", text)
    except BadLine as error:
        at = place(file, line, error.column, error.width)
        sink.report(RouteTestSyntax(found=error.found, wanted=error.wanted), at)
        return line
    comment = next((str(item) for item in tree.children if not isinstance(item, Tree)), None)
    statements = [item for item in tree.children if isinstance(item, Tree)]
    return Line(
        LineBuilder().statement(statements[0]) if statements else None,
        comment.strip() if comment else None,
        number,
        text,
    )


def parse(start: str, text: str) -> Parsed:
    """Parse a text. Raises `BadLine`, with the column from 1."""
    from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

    odd = next((at for at, char in enumerate(text) if char != "\t" and not char.isprintable()), -1)
    if odd >= 0:
        raise BadLine(odd + 1, 1, repr(text[odd])[1:-1], "printable characters")
    if len(text) > _LONGEST:
        raise BadLine(_LONGEST, 1, "a line this long", f"at most {_LONGEST} characters")
    try:
        return _parser().parse(text.rstrip(), start=start)
    except UnexpectedToken as error:
        column = -1 if error.token.type == "$END" else error.column
        raise _bad(text, column, error.accepts or error.expected) from error
    except UnexpectedCharacters as error:
        raise _bad(text, error.column, error.allowed or set()) from error
    except UnexpectedEOF as error:
        raise _bad(text, -1, set(error.expected)) from error


def _bad(text: str, column: int, accepted: set[str]) -> BadLine:
    ended = column < 1 or not text[column - 1 :].strip()
    wanted = [words for name, words in _NAMES.items() if name in accepted]
    found = next(iter(text[column - 1 :].split()), "") if column > 0 else ""
    if "BACKEND" in accepted and _SERVICE(found):
        wanted[0] = f"namespace/{found}"
    named = ", ".join(wanted[:_MOST_NAMED]) + (" or the like" if len(wanted) > _MOST_NAMED else "")
    named = _hint(text, column, accepted) or named or "the end of the line"
    if ended:
        return BadLine(len(text.rstrip()) + 1, 1, "the end of the line", named)
    rest = text[column - 1 :]
    skipped = len(rest) - len(rest.lstrip())
    return BadLine(column + skipped, len(found), f'"{found}"', named)


def _hint(text: str, column: int, accepted: set[str]) -> str:
    """Return what was most likely meant, where that is well known."""
    if column < 1:
        return ""
    found = (text[column - 1 :].split() or [""])[0]
    if found in ("=>", "-->", "→", "="):
        return "->"
    if found.upper() in ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        return found.upper()
    if found.startswith('"') and found.count('"') % 2:
        return 'a " at the end of the string'
    if "TARGET" in accepted and _SCHEME(found):
        return "http://shop.example.com/cart, or with https://"
    return ""


@cache
def _parser() -> Lark:
    from lark import Lark

    grammar = (folder("grammar") / "routetest.lark").read_text(encoding="utf-8")
    return Lark(
        grammar,
        parser="lalr",
        start=list(STARTS),
        maybe_placeholders=False,
        propagate_positions=True,
    )
