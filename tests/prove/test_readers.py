"""Each reader fails: a wrong value of any field that it reads is reported with the field's name."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from ingc import ir
from ingc.ir.features.card import Kind
from ingc.ir.features.table import FEATURES
from ingc.plan import plan
from ingc.prove import prove
from ingc.prove.read_back import READERS
from ingc.syntax.text import Text
from tests.cells.inputs import EXAMPLES, Feature, config_with, text_of

UNREAD = {
    ("Affinity", "secure"): "a cookie of a host with http and https has the flag on https alone",
    ("Affinity", "conditional"): "without a SameSite there is no condition",
}
"""Fields that no reader reads, or not in this example, and why."""


def _other(value: object) -> object:
    match value:
        case bool():
            return not value
        case int():
            return value + 7
        case None:
            return 7
        case str():
            return {"": "Lax", "/": "/other"}.get(value, value + "x")
        case Text():
            return Text((*value.parts, "x"))
        case ir.Certificate():
            return ir.Certificate(value.certificate + "x", value.key)
        case tuple() if value and isinstance(value[0], tuple):
            return (*value[:-1], (value[-1][0], _other(value[-1][1])))
        case tuple():
            return (*value, "x")
    raise AssertionError(value)


def _fields() -> Iterator[tuple[Kind, str]]:
    for kind in FEATURES:
        example = EXAMPLES[kind]
        read = kind in READERS or kind.__name__ in ("Tuning", "ServerTuning")
        for field in dataclasses.fields(example) if read else ():  # type: ignore[arg-type]
            if (kind.__name__, field.name) not in UNREAD:
                yield kind, field.name


@pytest.mark.parametrize(
    ("kind", "field"), [*_fields()], ids=lambda part: getattr(part, "__name__", part)
)
def test_a_wrong_value_is_reported_with_its_field(kind: Kind, field: str) -> None:
    example = EXAMPLES[kind]
    wrong: Feature = dataclasses.replace(example, **{field: _other(getattr(example, field))})  # type: ignore[type-var]
    there, wanted = config_with(kind, example), config_with(kind, wrong)
    found = prove(text_of(there), plan(there), wanted)
    assert found
    shown = found[0].why
    if kind.__name__ in ("Tuning", "ServerTuning"):
        assert "proxy_read_timeout" in shown or "ssl_ciphers" in shown
    else:
        assert f"{kind.__name__}.{field}" in shown


def test_the_certificate_for_the_backend_is_read() -> None:
    kind = next(item for item in FEATURES if item.__name__ == "BackendTls")
    example = EXAMPLES[kind]
    wrong = dataclasses.replace(example, certificate=ir.Certificate("c", "other"))  # type: ignore[call-arg, type-var]
    there, wanted = config_with(kind, example), config_with(kind, wrong)
    assert "BackendTls.certificate" in prove(text_of(there), plan(there), wanted)[0].why


@pytest.mark.parametrize(
    "endpoints",
    [
        (),
        (ir.Endpoint("10.0.0.1", 80),),
        (ir.Endpoint("10.0.0.1", 80), ir.Endpoint("10.0.0.2", 81)),
        (ir.Endpoint("10.0.0.1", 80), ir.Endpoint("10.0.0.3", 80)),
        (ir.Endpoint("10.0.0.1", 80), ir.Endpoint("10.0.0.2", 80), ir.Endpoint("10.0.0.3", 80)),
    ],
)
def test_the_endpoints_of_an_upstream_are_read(endpoints: tuple[ir.Endpoint, ...]) -> None:
    kind = next(item for item in FEATURES if item.__name__ == "Tuning")
    plain = config_with(kind, None)
    right = (ir.Endpoint("10.0.0.1", 80), ir.Endpoint("10.0.0.2", 80))

    def with_endpoints(given: tuple[ir.Endpoint, ...]) -> ir.Config:
        made = tuple(dataclasses.replace(item, endpoints=given) for item in plain.upstreams)
        return dataclasses.replace(plain, upstreams=made)

    there = with_endpoints(right)
    assert not prove(text_of(there), plan(there), there)
    found = prove(text_of(there), plan(there), with_endpoints(endpoints))
    assert "the endpoints" in found[0].why
