"""A ConfigMap that says what holds anyway changes nothing for any Ingress."""

from __future__ import annotations

import dataclasses

import pytest
import yaml

import ingc
from tests.golden.case import Case, all_cases
from tests.nginx.settings import NAME, config_map

DEFAULTS = {
    "ssl-redirect": "true",
    "use-port-in-redirects": "false",
    "annotations-risk-level": "Critical",
    "service-upstream": "false",
    "load-balance": "round_robin",
}
CASES = [case for case in all_cases() if case.area in ("annotations", "tls", "hosts", "defaults")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_defaults_written_out_change_nothing(case: Case) -> None:
    text = (case.folder / "input.yaml").read_text(encoding="utf-8")
    objects = [item for item in yaml.safe_load_all(text) if isinstance(item, dict)]
    options = dataclasses.replace(case.options, configmap=None)
    plain = ingc.compile(objects, options, on_error="isolate")
    beside = ingc.compile(
        [*objects, config_map("settings", DEFAULTS)],
        dataclasses.replace(options, configmap=NAME),
        on_error="isolate",
    )
    assert beside.config == plain.config
    assert beside.ir == plain.ir
    assert [d.code for d in beside.diagnostics] == [d.code for d in plain.diagnostics]
