"""Print on stderr what was found: errors last, then one line that counts."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from ingc.cli.exits import ERRORS, INTERNAL, OK
from ingc.diagnostics import Diagnostic, Severity
from ingc.diagnostics.render.text import render_text, summary

if TYPE_CHECKING:
    from ingc.compiler import Result

Detail = Literal["all", "count", "codes"]
"""How much is printed: each finding; the errors, and how many others; how many of each code."""

_WORST_LAST = (Severity.NOTE, Severity.WARNING, Severity.ERROR)

Key = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Printing:
    """How findings are printed."""

    detail: Detail = "all"
    errors_alone: bool = False
    """Nothing is printed of what is no error."""
    known: frozenset[Key] | None = None
    """What was printed before and is only counted now; ``None``: nothing was printed before."""
    most: int | None = None
    """So many at most are printed in full."""
    remark: str = ""
    """What the closing line has beside the numbers."""


def printing(given: Mapping[str, Any], usual: Detail = "all") -> Printing:
    """Return what ``--quiet`` and ``--summary`` request; without both, what is ``usual`` here.

    Both together print how often the code of each error was found.
    """
    quiet = bool(given.get("quiet"))
    whole: Detail = "all" if quiet else usual
    return Printing("codes" if given.get("summary") else whole, errors_alone=quiet)


def print_diagnostics(found: Sequence[Diagnostic], how: Printing | None = None) -> None:
    """Print findings to stderr, as text."""
    how = how or Printing()
    if how.errors_alone:
        found = [item for item in found if item.severity is Severity.ERROR]
    if not found and not how.known:
        return
    body = _by_code(found) if how.detail == "codes" else _in_full(found, how)
    if body:
        click.echo(body, err=True)
    click.echo(_closing(found, how), err=True)


def key_of(diagnostic: Diagnostic) -> Key:
    """Return what a finding is known by when its file is read anew and its line has moved."""
    return (
        diagnostic.code,
        diagnostic.severity,
        diagnostic.file,
        diagnostic.object,
        diagnostic.field,
        diagnostic.message,
    )


def exit_code(result: Result) -> int:
    """Return the exit code for a result."""
    codes = {diagnostic.code for diagnostic in result.errors}
    if any(code.startswith("ING9") for code in codes):
        return INTERNAL
    return ERRORS if codes else OK


def _worst_last(found: Sequence[Diagnostic]) -> list[Diagnostic]:
    return sorted(found, key=lambda item: _WORST_LAST.index(item.severity))


def _in_full(found: Sequence[Diagnostic], how: Printing) -> str:
    printed = _worst_last(found)
    if how.detail == "count":
        printed = [item for item in printed if item.severity is Severity.ERROR]
    if how.known is not None:
        printed = [item for item in printed if key_of(item) not in how.known]
    return render_text(printed, color=sys.stderr.isatty(), most=how.most)


def _program() -> str:
    """Return what was typed for ingc: ``ingc``, or ``kubectl ingc``."""
    context = click.get_current_context(silent=True)
    return (context and context.find_root().info_name) or "ingc"


def _by_code(found: Sequence[Diagnostic]) -> str:
    """Return a line for each code: how often, severity and code, name."""
    counts = Counter((item.severity, item.code, item.entry.name) for item in _worst_last(found))
    width = len(str(max(counts.values(), default=0)))
    heads = {kind: f"{kind[0].value}[{kind[1]}]" for kind in counts}
    widest = max(map(len, heads.values()), default=0)
    lines = [f"{n:>{width}}  {heads[kind]:{widest}}  {kind[2]}" for kind, n in counts.items()]
    return "".join(f"{line}\n" for line in lines)


def _closing(found: Sequence[Diagnostic], how: Printing) -> str:
    counted = summary(found)
    if how.known is not None:
        new = sum(key_of(item) not in how.known for item in found)
        if len(found) > new:
            counted += f", {new or 'none'} of them new"
    elif how.detail == "count" and any(item.severity is not Severity.ERROR for item in found):
        counted += f"; {_program()} check prints each"
    return counted + how.remark
