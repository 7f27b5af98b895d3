"""Scalars mean what they mean to Kubernetes.

The expected values were taken from sigs.k8s.io/yaml, the reader of kubectl and the API server.
"""

from __future__ import annotations

from typing import Any

import pytest

from ingc.load.scalars import TYPED_STARTS, key_text, resolve
from tests.load.reading import reading, value_of

VALUES: list[tuple[str, Any]] = [
    *((word, True) for word in ("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE")),
    *((word, False) for word in ("n", "N", "no", "No", "NO", "false", "False", "FALSE")),
    *((word, True) for word in ("on", "On", "ON")),
    *((word, False) for word in ("off", "Off", "OFF")),
    *((word, None) for word in ("", "~", "null", "Null", "NULL")),
    *((word, word) for word in ("yES", "tRUE", "nULL", "oN", "=", "+", "+.nan", "nan", "Infinity")),
    ("0", 0),
    ("-0", 0),
    ("+5", 5),
    ("8080", 8080),
    ("1_000", 1000),
    ("1__0_", 10),
    ("+_1", 1),
    ("017", 15),
    ("0o17", 15),
    ("0O17", 15),
    ("0_17", 15),
    ("08", 8),
    ("0x1F", 31),
    ("-0x1f", -31),
    ("0X1F", 31),
    ("0b11", 3),
    ("-0B11", -3),
    ("9223372036854775808", 9223372036854775808),
    ("18446744073709551615", 18446744073709551615),
    ("18446744073709551616", 1.8446744073709552e19),
    ("0x1ffffffffffffffff", "0x1ffffffffffffffff"),
    ("1.5", 1.5),
    ("1.0", 1),
    ("5.", 5),
    (".5", 0.5),
    (".5_0", 0.5),
    ("._5", "._5"),
    ("09.5", 9.5),
    ("1e3", 1000),
    ("1E-2", 0.01),
    ("1.5e300", 1.5e300),
    ("1e999", "1e999"),
    (".9e999", ".9e999"),
    ("-.e3", "-.e3"),
    ("0x", "0x"),
    ("0b2", "0b2"),
    ("0x1p-2", "0x1p-2"),
    ("12:30:45", "12:30:45"),
    ("190:20", "190:20"),
    ("2001-01-01", "2001-01-01"),
    ("2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"),
    ("1.2.3.4", "1.2.3.4"),
    ("10.0.0.0/8", "10.0.0.0/8"),
    ("8m", "8m"),
    ("١٢", "١٢"),
    ("'8080'", "8080"),
    ('"yes"', "yes"),
    ("! 12", "12"),
    ("!!str 12", "12"),
    ("!!int '12'", 12),
    ("!!float 3", 3),
    ("!!float '1.5'", 1.5),
    ("!!bool yes", True),
    ("!!null ''", None),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_value_means_what_it_means_to_kubernetes(text: str, value: Any) -> None:
    found = value_of(f"a: {text}\n")["a"]
    assert found == value
    assert type(found) is type(value)


KEYS = [
    ("1", "1"),
    ("0x1F", "31"),
    ("on", "true"),
    ("y", "true"),
    ("'on'", "on"),
    ("n", "false"),
    ("1.5", "1.5"),
    ("1.0", "1"),
    ("1e30", "1e+30"),
    ("123456789.0", "1.2345679e+08"),
    ("0.0001", "0.0001"),
    ("0.00001", "1e-05"),
    (".inf", ".inf"),
    ("-.inf", "-.inf"),
    (".nan", ".nan"),
    ("2001-01-01", "2001-01-01"),
    ("!!str 12", "12"),
    ("'<<'", "<<"),
    ("''", ""),
]


@pytest.mark.parametrize(("text", "key"), KEYS)
def test_a_key_becomes_the_string_that_kubernetes_makes_of_it(text: str, key: str) -> None:
    assert list(value_of(f"{text} : value\n")) == [key]


def test_a_quoted_word_as_a_key_does_not_change_the_plain_word_later() -> None:
    document = value_of("'on': {on: 1}\n'null': {'1': 2, 1.0e1: 3}\n")
    assert document == {"on": {"true": 1}, "null": {"1": 2, "10": 3}}
    assert value_of("a: {! on : 1}\nb: {on: 2}\n") == {"a": {"on": 1}, "b": {"true": 2}}


def test_every_word_and_number_begins_with_a_character_of_the_table() -> None:
    typed = [text for text, value in VALUES if isinstance(value, int | float | None)]
    plain = [text for text in typed if text[:1] not in ("!", "'", '"')]
    assert {text[:1] for text in plain} <= TYPED_STARTS
    assert key_text(resolve("on")) == "true"


@pytest.mark.parametrize("text", [".inf", "-.Inf", "+.INF", ".nan", ".NaN"])
def test_a_number_that_json_has_not_is_refused(text: str) -> None:
    assert reading(f"a: 1\nb: {text}\n").findings == [("ING016", 2, 4, text)]
