"""A value that has to be a string is shown as it is written, not as YAML reads it."""

from __future__ import annotations

import pytest

from ingc.compiler import compile_documents
from ingc.diagnostics import Sink
from ingc.load import read_text
from ingc.options import Options

INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/proxy-buffering: {}
spec:
  defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}
---
apiVersion: v1
kind: Service
metadata: {{name: web}}
spec: {{clusterIP: 10.0.0.1, ports: [{{port: 80}}]}}
"""


def found(text: str, file: str = "x.yaml") -> list[tuple[str, str]]:
    sink = Sink()
    result = compile_documents(read_text(text, file, sink), Options(), sink, on_error="fail")
    return [(d.code, d.help) for d in result.diagnostics]


@pytest.mark.parametrize("written", ["true", "0o17", "1_000", "1e3", "1.50", "-7"])
def test_it_is_quoted_as_it_is_written(written: str) -> None:
    assert found(INGRESS.format(written)) == [("ING102", f'put it in quotes: "{written}"')]


@pytest.mark.parametrize(("written", "meant"), [("off", "false"), ("Yes", "true"), ("n", "false")])
def test_a_word_may_be_meant_as_text_or_as_a_bool(written: str, meant: str) -> None:
    (fix,) = (said for _, said in found(INGRESS.format(written)))
    assert fix == f'put it in quotes: "{written}", or "{meant}" where true or false is expected'


@pytest.mark.parametrize("written", ["!!bool true", "&a true"])
def test_what_stands_before_it_is_no_part_of_it(written: str) -> None:
    assert found(INGRESS.format(written)) == [("ING102", 'put it in quotes: "true"')]


def test_the_advice_is_followed_without_the_next_complaint() -> None:
    assert found(INGRESS.format('"off"')) == []


def test_the_value_of_a_secret_is_not_shown() -> None:
    text = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/auth-type: basic
    nginx.ingress.kubernetes.io/auth-secret: users
spec:
  defaultBackend: {service: {name: web, port: {number: 80}}}
---
apiVersion: v1
kind: Secret
metadata: {name: users}
stringData: {auth: 12345678}
"""
    assert ("ING102", "put it in quotes") in found(text)
