"""Every field, with a value of every type that is not its own, and without a value.

The files in ``every_field`` hold one valid object each. The comment at a field says its type, and
what is found where it is null or missing, or empty: ``# string null=ING101 empty=ING201``. After
an ``@`` stands the key above it at which that is found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingc import Options, Result
from ingc.compiler import compile_documents
from ingc.diagnostics import Sink
from ingc.load import read_text
from tests.k8s.marked import differences, findings

FOLDER = Path(__file__).parent / "every_field"
OPTIONS = Options(
    resolver=("10.96.0.10",),
    assume_port={"http": 80},
    tls_files="/tls/{namespace}/{secret}",
    auth_files="/auth/{namespace}/{secret}",
)
NAMING = {
    "secret.yaml": """
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
  annotations:
    nginx.ingress.kubernetes.io/auth-type: basic
    nginx.ingress.kubernetes.io/auth-secret: users
    nginx.ingress.kubernetes.io/auth-secret-type: auth-map
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""
}
"""What stands behind objects that are judged only where another one names them."""
BESIDE = {"ING105", "ING230", "ING310", "ING318", "ING507", "ING509"} | {
    *("ING263", "ING265", "ING268", "ING269", "ING270", "ING274"),
}
"""What the valid objects have, or what follows where a rule's host is not there."""

VALUES = {
    "string": ('"some text"', '"80"'),
    "int": ("7", "-7", "123456789012345678901234567890"),
    "float": ("1.5", "-0.25", "80.5"),
    "bool": ("true", "false"),
    "map": ("{a: b}", "{a: {b: [c]}}"),
    "list": ("[a]", "[[a]]", "[{a: b}]"),
}
EMPTY = {"string": '""', "map": "{}", "list": "[]"}
ALLOWED = {"int-or-string": {"string", "int"}}

_LINE = re.compile(
    r"(?P<indent> *(?:- )?)(?P<key>[\w./-]+:|)(?P<value> ?.*?)  # (?P<kind>[a-z-]+)(?P<rest>.*)$"
)


@dataclass(frozen=True)
class Field:
    """One marked line."""

    file: str
    number: int
    """Its line, from 1."""
    kind: str
    found: dict[str, str]
    """``null`` and ``empty`` → the codes that are found then, with their places."""

    @property
    def key(self) -> str:
        """Its key and a colon; empty for an entry of a list."""
        match = _LINE.match(text_of(self.file)[self.number - 1])
        assert match
        return match["key"]

    def with_value(self, value: str) -> str:
        """Return the file's text with another value at this field."""
        lines = text_of(self.file)
        match = _LINE.match(lines[self.number - 1])
        assert match
        changed = f"{match['indent']}{match['key']} {value}"
        return "\n".join([*lines[: self.number - 1], changed, *lines[self._end() :]])

    def without(self) -> str:
        """Return the object as JSON, without this field."""
        text = "\n".join(text_of(self.file))
        value = yaml.safe_load(text.replace("2024-01-31T12:00:00Z", '"2024-01-31T12:00:00Z"'))
        *above, last = next(p for line, p in places(yaml.compose(text)) if line == self.number)
        inner = value
        for part in above:
            inner = inner[part]
        del inner[last]
        return json.dumps(value)

    def line_of(self, key: str) -> int:
        """Return the line of the nearest key above."""
        lines = text_of(self.file)[: self.number]
        return max(n for n, line in enumerate(lines, 1) if line.strip(" -").startswith(f"{key}:"))

    def expected(self, what: str) -> list[tuple[int, str]]:
        """Return what is found where the field is ``null`` or ``empty``."""
        marks = [mark.partition("@") for mark in self.found.get(what, "").split(",") if mark]
        return [(self.line_of(key) if key else self.number, code) for code, _, key in marks]

    def _end(self) -> int:
        """Return how many lines there are up to the end of this field's value."""
        lines = text_of(self.file)
        inside = len(lines[self.number - 1]) - len(lines[self.number - 1].lstrip(" -"))
        for number in range(self.number, len(lines)):
            if len(lines[number]) - len(lines[number].lstrip()) <= inside - 1:
                return number
            if len(lines[number]) - len(lines[number].lstrip()) == inside:
                return number
        return len(lines)

    def __str__(self) -> str:
        line = text_of(self.file)[self.number - 1].partition("  #")[0]
        return f"{self.file}:{self.number} {line.strip()}"


def text_of(file: str) -> list[str]:
    return (FOLDER / file).read_text(encoding="utf-8").splitlines()


def places(
    node: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[int, tuple[str | int, ...]]]:
    """Yield the line of every key and every entry of a list, with the path of its value."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield key.start_mark.line + 1, (*path, key.value)
            yield from places(value, (*path, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from places(value, (*path, number))


def fields() -> Iterator[Field]:
    for path in sorted(FOLDER.glob("*.yaml")):
        for number, line in enumerate(text_of(path.name), 1):
            match = _LINE.match(line)
            if match:
                found = dict(mark.split("=", 1) for mark in match["rest"].split())
                yield Field(path.name, number, match["kind"], found)


FIELDS = list(fields())


def compiled(text: str, file: str) -> Result:
    sink = Sink()
    text += NAMING.get(file, "")
    return compile_documents(read_text(text, file, sink), OPTIONS, sink, on_error="fail")


def found_in(text: str, file: str) -> list[tuple[int, str]]:
    return [(line, code) for line, code in findings(compiled(text, file)) if code not in BESIDE]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.yaml")), ids=lambda path: path.name)
def test_as_it_is_the_object_is_valid(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not found_in(text, path.name)
    assert compiled(text, path.name).ok


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_a_value_of_another_type_is_found_at_its_line(field: Field) -> None:
    allowed = ALLOWED.get(field.kind, {field.kind})
    for kind, values in VALUES.items():
        for value in values if kind not in allowed else ():
            text = field.with_value(value)
            expected = [(field.number, "ING102")]
            assert not differences(found_in(text, field.file), expected), value
            assert compiled(text, field.file).config is None


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_null_counts_as_missing(field: Field) -> None:
    found = found_in(field.with_value("null"), field.file)
    assert not differences(found, field.expected("null"))


@pytest.mark.parametrize("field", [f for f in FIELDS if f.kind in EMPTY], ids=str)
def test_an_empty_value(field: Field) -> None:
    found = found_in(field.with_value(EMPTY[field.kind]), field.file)
    assert not differences(found, field.expected("empty"))


@pytest.mark.parametrize("field", [f for f in FIELDS if f.key], ids=str)
def test_a_missing_field_is_as_one_that_is_null(field: Field) -> None:
    codes = [code for _, code in field.expected("null")]
    if "ING102" in codes:  # an annotation may be missing, but not be null
        codes = []
    found = [code for _, code in found_in(field.without(), field.file)]
    assert sorted(found) == sorted(codes)
