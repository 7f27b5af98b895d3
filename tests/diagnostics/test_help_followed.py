"""Advice that names a value is taken: whoever follows it meets no other complaint.

Every finding of the goldens and the marked cases whose help names a value is followed: the value
is put where the finding is, or where the help says, and the input is compiled again.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from ingc import Options
from ingc.compiler import compile_documents
from ingc.diagnostics import Diagnostic, FieldPath, Sink
from ingc.frontend.annotations.registry import DECLARATIONS
from ingc.load import read_text
from ingc.load.document import Document
from tests.golden.case import all_cases as all_goldens
from tests.k8s.marked import all_cases as all_marked
from tests.resolve.pairs import NOW, fill

PREFIX = "nginx.ingress.kubernetes.io/"
_QUOTED = re.compile(r'put it in quotes: "([^"]*)"(?:, or "([^"]*)" where)?')
_WRITE = re.compile(r'(?:^|; )write (?:"([^"]+)"|(/\S+))$')
_PAIR = re.compile(r'(?:^|[ ,])([a-zA-Z-]+): (?:"([^"]*)"|([^\s,"]+))')

Change = dict[FieldPath, str]


@dataclass(frozen=True)
class Input:
    """A text, and the options that it is compiled with."""

    name: str
    text: str
    options: Mapping[str, Any]

    def documents(self) -> list[Document]:
        return list(read_text(self.text, "input.yaml", Sink()))

    def findings(self, documents: list[Document]) -> tuple[Diagnostic, ...]:
        fixed = {k: tuple(v) if isinstance(v, list) else v for k, v in self.options.items()}
        options = Options(**fixed)
        sink = Sink(strict=options.strict)
        return compile_documents(documents, options, sink, on_error="isolate").diagnostics


def _inputs() -> Iterator[Input]:
    for golden in all_goldens():
        text = (golden.folder / "input.yaml").read_text(encoding="utf-8")
        yield Input(golden.name, text, {**golden.about.get("options", {}), "secret_files": True})
    for case in all_marked():
        yield Input(str(case), fill(case.text), {**case.options, "now": NOW})


def _changes(found: Diagnostic) -> Iterator[Change]:
    """Yield what the help says to write, and where."""
    field = found.origin.field
    if "in the input" not in found.help:  # where no example could be
        yield from ({field: example} for example in _examples(found))
    quoted = _QUOTED.fullmatch(found.help)
    if quoted:
        yield from ({field: text} for text in quoted.groups() if text is not None)
    written = _WRITE.search(found.help)
    if written and field[-1:] == ("path",):
        yield {field: written[1] or written[2]}
    for choice in re.split(r",? or ", found.help):
        if "remove" in choice or "such as" in choice or "--accept-ignored" in found.help:
            continue  # not a value alone, or of another annotation than the finding's
        pairs = {key: quote or bare for key, quote, bare in _PAIR.findall(choice)}
        asked = {_place(field, key): value for key, value in pairs.items()}
        if asked and None not in asked:
            yield {place: value for place, value in asked.items() if place is not None}


def _examples(found: Diagnostic) -> tuple[str, ...]:
    return getattr(found.entry, "examples", ())


def _place(field: FieldPath, key: str) -> FieldPath | None:
    """Return where a key of a help stands: an annotation, or a field beside the finding's."""
    if key in DECLARATIONS:
        return ("metadata", "annotations", PREFIX + key)
    if key in ("path", "pathType") and "paths" in field:
        return (*field[: field.index("paths") + 2], key)
    return ("apiVersion",) if key == "apiVersion" else None


def _with(documents: list[Document], found: Diagnostic, change: Change) -> list[Document] | None:
    """Return the objects with a change in the one that a finding is about."""
    ref, changed = found.origin.object, []
    done = False
    for document in documents:
        meta = document.value.get("metadata")
        named = isinstance(meta, Mapping) and ref is not None and meta.get("name") == ref.name
        if not named or document.value.get("kind") != (ref and ref.kind):
            changed.append(document)
            continue
        value: Any = copy.deepcopy(dict(document.value))
        for path, text in change.items():
            inner = value
            for step in path[:-1]:
                inner = inner.setdefault(step, {}) if isinstance(inner, dict) else inner[step]
            inner[path[-1]] = text
        done = True
        changed.append(Document(value))
    return changed if done else None


def _key(found: Diagnostic) -> tuple[object, ...]:
    return found.code, found.object, found.origin.field


INPUTS = list(_inputs())


@pytest.mark.parametrize("given", INPUTS, ids=lambda given: given.name)
def test_who_follows_a_help_meets_no_other_complaint(given: Input) -> None:
    documents = given.documents()
    before = given.findings(documents)
    known = {_key(found) for found in before}
    for found in before:
        for change in _changes(found):
            changed = _with(documents, found, change)
            if changed is None:
                continue
            after = given.findings(changed)
            same = [item.message for item in after if _key(item) == _key(found)]
            assert not same, f"{found.message}: {change}"
            if not _examples(found):
                new = [
                    f"{item.code} {item.message}"
                    for item in after
                    if _key(item) not in known and item.origin.field in change
                ]
                assert not new, f"{found.help}: {change}"


def test_there_is_advice_to_follow() -> None:
    followed = {True: set[str](), False: set[str]()}
    for given in INPUTS:
        for found in given.findings(given.documents()):
            if any(_changes(found)):
                followed[bool(_examples(found))].add(found.code)
    assert followed[True] >= {"ING342", "ING404", "ING405", "ING483", "ING484"}
    assert followed[False] >= {"ING102", "ING204", "ING420"}
    assert len(followed[False]) > 8
