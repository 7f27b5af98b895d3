"""A block read line by line, each shape of a line by crossplane once.

A configuration is mostly the same lines with other names and addresses in them. crossplane reads
such a line once; where its shape came up before, only parts that cannot matter to it differ. Why
that gives what crossplane gives for the whole block:

- Between two tokens crossplane's lexer remembers nothing but whether a directive's name comes next,
  and it does after ``;``, ``{``, ``}`` and a comment. A line is *closed* if the lexer makes whole
  tokens of it that end so, and begins anew on the next line. A block of closed lines is read as the
  sequence of their tokens. Any other block is left to crossplane whole.
- The lexer tells apart white space, line ends, backslashes, quotes, braces, ``;``, ``#`` and ``$``.
  So a run of letters, digits, ``_``, ``.``, ``/`` and ``-`` in an argument may be exchanged for
  another, and every token stays what it was, with the other run in it.
- The parser looks at names, at the signs that end directives, and for the parentheses of an
  ``if``, in which no run is.
- Never exchanged: the first word of a line, which is a directive's name or the key of a map; the
  value of a flag, which crossplane checks; anything in a line with a backslash, a control or a sign
  beyond ASCII.
- Whether a directive may stand where it does, with so many arguments, crossplane's ``analyze`` says
  by the name, the sign that ends it, the context and the number of arguments: once for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ingc.model.tree import Statement
from ingc.prove.parsing import analyzer, flags, parse_line
from ingc.syntax.token import unescape

Context = tuple[str, ...]
"""The names of the blocks around a directive, as crossplane counts them."""

_REMEMBERED = 1 << 12
_MAY_HAVE_RUNS = re.compile(r"( *[!-\[\]-~]+ )([ -\[\]-~]*)").fullmatch
"""A first word and the rest of a line, with no backslash and nothing beyond ASCII."""
_RUN = re.compile(r"([A-Za-z0-9_./-]+)")
_MARK = re.compile(r"r([0-9]+)-")
"""Stands for a run; no argument of a shape holds letters or digits beside these."""
_BETWEEN = "\0"
"""Between the arguments of a shape, which hold no controls."""


@dataclass(slots=True)
class _Line:
    """A line that crossplane has read, or one of its shape."""

    ends: str
    """``;``, ``{``, ``}``, or nothing: a comment or an empty line."""
    name: str = ""
    args: tuple[str, ...] = ()
    form: str = ""
    """The arguments of a shape, with ``%s`` for each run."""
    right: set[Context] = field(default_factory=set)
    """Where `analyze` found the directive right."""


_Read = tuple[_Line, tuple[str, ...]]
"""A line, and its own arguments."""

_lines: dict[str, _Read] = {}
"""By their text: most lines are the same in many blocks."""
_shapes: dict[tuple[str, ...], _Line | None] = {}
"""By the first word and what stands between the runs; ``None``: each line has to be read."""


def read_lines(text: str) -> Statement | None:
    """Return the one statement of an ``http`` block that a text is, its first line being line 2.

    ``None``: crossplane has to read it whole, and to report what is wrong with it.
    """
    if not text.endswith("\n"):
        return None
    context: Context = ("http",)
    items: list[Statement] = []
    above: list[tuple[str, tuple[str, ...], int, list[Statement], Context]] = []
    for number, written in enumerate(text[:-1].split("\n"), 2):
        found = _read(written)
        if found is None:
            return None
        line, args = found
        if line.ends == "":
            continue
        if line.ends == "}":
            if not above:
                return None
            name, args, opened, outer, context = above.pop()
            outer.append(Statement(name, args, opened, tuple(items)))
            items = outer
            continue
        if context not in line.right and not _is_right(line, args, context):
            return None
        if line.ends == "{":
            above.append((line.name, args, number, items, context))
            context = _inside(line.name, context)
            items = []
        else:
            items.append(Statement(line.name, args, number))
    return items[0] if len(items) == 1 and not above else None


def _read(written: str) -> _Read | None:
    found = _lines.get(written)
    if found is not None:
        return found
    found = _of_shape(written)
    if found is None:
        line = _line(written)
        if line is None:
            return None
        found = line, line.args
    _forget(_lines)
    _lines[written] = found
    return found


def _of_shape(written: str) -> _Read | None:
    halves = _MAY_HAVE_RUNS(written)
    if halves is None:
        return None
    first, rest = halves.groups()
    pieces = _RUN.split(rest)
    key = (first, *pieces[::2])
    try:
        shape = _shapes[key]
    except KeyError:
        shape = _shape(first, pieces)
        _forget(_shapes)
        _shapes[key] = shape
    if shape is None:
        return None
    runs = tuple(pieces[1::2])
    return shape, tuple((shape.form % runs).split(_BETWEEN)) if shape.form else ()


def _forget(known: dict[Any, Any]) -> None:
    if len(known) >= _REMEMBERED:
        known.clear()


def _line(written: str) -> _Line | None:
    found = parse_line(written)
    if found is None:
        return None
    statement, ends = found
    if statement is None:
        return _Line(ends)
    return _Line(ends, unescape(statement["directive"]), tuple(map(unescape, statement["args"])))


def _shape(first: str, pieces: list[str]) -> _Line | None:
    """Read a line with a mark for each run; ``None``: its runs may not be exchanged."""
    runs = range(len(pieces) // 2)
    marked = [f"r{index}-" for index in runs]
    found = parse_line(first + "".join(map("".join, zip(pieces[::2], [*marked, ""], strict=True))))
    if found is None or not marked:
        return None
    statement, ends = found
    if statement is None:
        return _Line(ends)  # a comment
    name, args = statement["directive"], statement["args"]
    if name in flags() or _MARK.findall("".join(args)) != list(map(str, runs)):
        return None
    form = _MARK.sub("%s", _BETWEEN.join(args).replace("%", "%%"))
    return _Line(ends, name, form=form)


def _is_right(line: _Line, args: tuple[str, ...], context: Context) -> bool:
    from crossplane.errors import NgxParserDirectiveError

    statement: Mapping[str, Any] = {"directive": line.name, "line": 0, "args": list(args)}
    try:
        analyzer()("", statement, line.ends, context, strict=True)
    except NgxParserDirectiveError:
        return False
    line.right.add(context)
    return True


def _inside(name: str, context: Context) -> Context:
    from crossplane.analyzer import enter_block_ctx

    inner: Context = enter_block_ctx({"directive": name}, context)
    return inner
