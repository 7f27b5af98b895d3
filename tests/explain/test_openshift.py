"""What is explained, compared and tested of OpenShift Routes, in the words that people read."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
import yaml

import ingc
from ingc.diagnostics import Sink
from ingc.diff.compiled import compare
from ingc.diff.difference import Comparison
from ingc.explain import read_question
from ingc.explain.api import teller_of
from ingc.explain.json_form import form, schema
from ingc.explain.text import story_as_text
from ingc.routetest import StaticReplier, read_file, read_tests, run_tests
from tests.cells.source import TREE
from tests.objects import Object

EXAMPLE = (TREE / "examples" / "openshift.yaml").read_text(encoding="utf-8")
SCHEMA = jsonschema.Draft202012Validator(schema())
OPTIONS = ingc.Options(secret_files=True)


def compiled(objects: list[Object]) -> ingc.Result:
    result = ingc.compile(objects, OPTIONS)
    assert result.ok, result.errors
    return result


def example() -> list[Object]:
    """Return the objects of the page's example, each a copy."""
    return copy.deepcopy(list(yaml.safe_load(EXAMPLE)["items"]))


def told(url: str, objects: list[Object] | None = None) -> str:
    story = teller_of(compiled(objects or example())).tell(read_question(url))
    SCHEMA.validate(form(story))
    return story_as_text(story, color=False)


@pytest.mark.parametrize(
    ("url", "lines"),
    [
        (
            "https://app.example.com/",
            ["= bank/app:80", "Route/bank/app spec: Prefix /", "certs/route_bank_app."],
        ),
        ("http://app.example.com/a/", ["302 to https://app.example.com/a/"]),
        (
            "http://app.example.com/api",
            ["answer    503", "https only: the Route allows no plain http, so 503"],
        ),
        (
            "https://app.example.com/api/a?b",
            [
                "weights: bank/api:80 66.7%, bank/api-next:80 33.3%",
                'rewrite: /$1 with $1 = "a"',
                "sends     GET /a?b HTTP/1.1",
                "nginx: proxy_read_timeout 2m",
            ],
        ),
        (
            "https://app.example.com/ledger",
            ["protocol: HTTPS", "backend tls: verified as ledger.bank.svc"],
        ),
        (
            "https://vault.example.com/",
            ["TLS is passed on unopened", "Route/bank/vault is a passthrough Route"],
        ),
        ("http://vault.example.com/", ["answer    503", "the Route allows no plain http"]),
        ("https://app.example.com/status", ["= ops/status:80", "Route/ops/status spec"]),
        ("https://nobody.example.com/", ["TLS is refused"]),
    ],
)
def test_a_request_is_explained(url: str, lines: list[str]) -> None:
    text = told(url)
    for line in lines:
        assert line in text


def test_a_path_that_misses_has_the_nearest_route() -> None:
    objects = [item for item in example() if item["metadata"]["name"] != "app"]
    text = told("http://app.example.com/apis", objects)
    assert "answer    503" in text
    assert "no rule of app.example.com takes this path" in text
    assert "Route/bank/api" in text


def changed(name: str, **spec: Any) -> Comparison:
    """Return what a change of a Route's fields does."""
    objects = example()
    route = next(item for item in objects if item["metadata"]["name"] == name)
    route["spec"].update(spec)
    old, new = compiled(example()).ir, compiled(objects).ir
    assert old is not None
    assert new is not None
    return compare(old, new)


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("api", {"path": "/apis"}),
        ("api", {"alternateBackends": [{"kind": "Service", "name": "api-next", "weight": 11}]}),
        ("api", {"alternateBackends": []}),
        ("api", {"tls": {"termination": "edge", "insecureEdgeTerminationPolicy": "Allow"}}),
        ("ledger", {"tls": {"termination": "edge"}}),
        ("status", {"host": "other.example.com"}),
        ("vault", {"to": {"kind": "Service", "name": "app"}, "port": {"targetPort": 8080}}),
    ],
)
def test_a_change_is_told(name: str, spec: dict[str, Any]) -> None:
    assert changed(name, **spec).differences


def test_a_change_of_words_is_none() -> None:
    assert not changed("api", wildcardPolicy="None").differences


TESTS = """
https://app.example.com/ -> bank/app and ingress Route/bank/app
https://app.example.com/api -> any of bank/api or bank/api-next
https://app.example.com/api/x -> not bank/app
https://app.example.com/status -> ops/status:80 and ingress Route/ops/status
https://vault.example.com/ -> unopened bank/vault
http://app.example.com/ -> 302 https://app.example.com/
http://app.example.com/api -> 503
https://nobody.example.com/ -> refused
"""


def test_routes_are_tested_as_ingresses_are() -> None:
    sink = Sink()
    tests = read_tests(read_file(TESTS, "routes.ingc", sink), sink)
    assert not sink.diagnostics(), [item.message for item in sink.diagnostics()]
    outcomes, hit = run_tests(tests, StaticReplier(compiled(example())))
    assert [item for item in outcomes if not item.passed] == []
    assert {ref.ingress for ref in hit} >= {"Route/bank/app", "Route/ops/status"}
