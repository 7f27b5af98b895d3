"""Cases in YAML files whose findings are marked at the line where they belong.

    # options: {strict: true}       before the first case: for every case of the file
    # == a path that is relative    begins a case, which is compiled alone
    # options: {namespace: shop}    fields of `ingc.Options`
    # also: ING107                  findings that have no place
    spec:
      path: foo  # <- ING204        a finding with this code, on this line
      path: /x   # <~ ING210        the second place that a finding with this code speaks of

What is not marked must not be reported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ingc import Options, Result
from ingc.compiler import compile_documents
from ingc.diagnostics import Sink
from ingc.load import read_text
from ingc.options import OnError

TESTS = Path(__file__).parents[1]
FOLDERS = ("frontend/marked", "k8s/bad_fields", "merge/marked", "resolve/marked")
"""Where there are such files, below ``tests``."""

Finding = tuple[int, str]
"""Line and code."""

_CASE = re.compile(r"# == (.+)")
_SETTING = re.compile(r"# (options|also): (.+)")
_MARK = re.compile(r"# <([-~]) (ING\d{3}(?: ING\d{3})*)$")


@dataclass(frozen=True, kw_only=True)
class Case:
    """One text to compile, and what has to be found in it."""

    file: str
    name: str
    text: str = field(repr=False)
    """Begins with empty lines, so that its line numbers are those of the file."""
    found: list[Finding]
    related: list[Finding]
    also: list[str]
    """Codes of findings without a place."""
    options: dict[str, Any]

    def compile(
        self,
        on_error: OnError = "fail",
        fill: Callable[[str], str] = lambda text: text,
        **fixed: Any,
    ) -> Result:
        """Compile the text; ``fill`` may put something in the place of its placeholders."""
        options = Options(**{**self.options, **fixed})
        sink = Sink(strict=options.strict)
        documents = read_text(fill(self.text), self.file, sink)
        return compile_documents(documents, options, sink, on_error=on_error)

    def __str__(self) -> str:
        return f"{self.file.removesuffix('.yaml')}: {self.name}"


def cases(folder: str) -> list[Case]:
    """Return the cases of all files in a folder below ``tests``."""
    return [case for path in sorted((TESTS / folder).glob("*.yaml")) for case in _read(path)]


def all_cases() -> list[Case]:
    """Return the cases of all folders."""
    return [case for folder in FOLDERS for case in cases(folder)]


def findings(result: Result) -> list[Finding]:
    """Return line and code of the findings that have a place."""
    spans = ((d.span, d.code) for d in result.diagnostics)
    return sorted((span.line, code) for span, code in spans if span)


def related(result: Result) -> list[Finding]:
    """Return line and code of the second places that findings speak of."""
    pairs = ((also.origin.span, d.code) for d in result.diagnostics for also in d.also)
    return sorted({(span.line, code) for span, code in pairs if span})


def differences(found: list[Finding], marked: list[Finding]) -> list[str]:
    """Say which findings are too many and which are missing."""
    many, few = Counter(found), Counter(marked)
    return [f"line {line}: {code} was not marked" for line, code in sorted(many - few)] + [
        f"line {line}: {code} was not found" for line, code in sorted(few - many)
    ]


def placeless(result: Result) -> list[str]:
    """Return the codes of the findings that have no place."""
    return sorted(d.code for d in result.diagnostics if d.span is None)


def _read(path: Path) -> Iterator[Case]:
    lines = path.read_text(encoding="utf-8").splitlines()
    starts = [number for number, line in enumerate(lines) if _CASE.match(line)]
    defaults = _settings(lines[: starts[0]])
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        title = _CASE.match(lines[start])
        own = _settings(lines[start:end])
        marks = list(_marks(lines, start, end))
        yield Case(
            file=path.name,
            name=title[1] if title else "",
            text="\n" * start + "\n".join(lines[start:end]) + "\n",
            found=sorted((line, code) for sign, line, code in marks if sign == "-"),
            related=sorted({(line, code) for sign, line, code in marks if sign == "~"}),
            also=sorted(str(own.get("also", defaults.get("also", ""))).split()),
            options={**defaults.get("options", {}), **own.get("options", {})},
        )


def _settings(lines: list[str]) -> dict[str, Any]:
    found = (_SETTING.fullmatch(line) for line in lines)
    return {match[1]: yaml.safe_load(match[2]) for match in found if match}


def _marks(lines: list[str], start: int, end: int) -> Iterator[tuple[str, int, str]]:
    for number in range(start, end):
        for match in _MARK.finditer(lines[number]):
            for code in match[2].split():
                yield match[1], number + 1, code
