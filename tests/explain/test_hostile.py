"""Whatever is asked, there is an answer that can be printed, and never a traceback."""

from __future__ import annotations

import json

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import ingc
from ingc.explain import BadQuestion, conf_of, read_question
from ingc.explain.api import teller_of
from ingc.explain.json_form import schema, story_as_json
from ingc.explain.text import answer_as_line, story_as_text
from tests.objects import path, rule
from tests.shop import ingress, service

PREFIX = "nginx.ingress.kubernetes.io/"
RULES = [
    ingress("shop/web", rule("a.test", path("/x", "web"), path("/é", "web", "Exact"))),
    ingress(
        "shop/regex",
        rule("r.test", path("/v(\\d+)/(.*)", "web", "ImplementationSpecific"), path("/x/", "web")),
        annotations={PREFIX + "rewrite-target": "/$2?v=$1"},
    ),
    ingress("shop/any", rule("*.w.test", path("/", "web"))),
    service("web", clusterIP="10.0.0.1"),
]
RESULT = ingc.compile(RULES)
assert RESULT.config is not None
assert RESULT.ir is not None
TELLERS = (teller_of(RESULT), teller_of(conf_of(RESULT.config, RESULT.ir.settings.target)))
SCHEMA = jsonschema.Draft202012Validator(schema())

SIGNS = (
    *("/", "//", "..", ".", "%2e", "%", "%00", "%zz", "x", "X", "v1", "é", "?", "#", "&", " "),
    *("\t", "\x00", "\x7f", "\udcff", "$1", "\\", "@", ":", "[::1]", "a.test", "r.test", "日"),
)
PIECES = st.sampled_from(SIGNS)
URLS = st.builds(
    lambda scheme, host, rest: f"{scheme}://{host}{''.join(rest)}",
    st.sampled_from(["http", "https", "HTTP"]),
    st.sampled_from(["a.test", "r.test", "A.TEST.:80", "q.w.test", "none", "a..b", "[::1]:1", ""]),
    st.lists(PIECES, max_size=12),
)


def tell_all(url: str, **given: str) -> None:
    try:
        question = read_question(url, **given)
    except BadQuestion as error:
        assert str(error).isprintable()
        return
    for teller in TELLERS:
        for story in (teller.tell(question), teller.short(question)):
            text = story_as_json(story)
            text.encode()
            SCHEMA.validate(json.loads(text))
            shown = story_as_text(story, color=False)
            assert all(line.isprintable() for line in shown.splitlines())
            assert answer_as_line(story.answer).isprintable()


@settings(max_examples=150, deadline=None)
@given(st.one_of(URLS, st.text(max_size=60)))
def test_any_url(url: str) -> None:
    tell_all(url)


@pytest.mark.parametrize("sni", ["a.test", "", "\udcff", "x" * 10_000, "a b"])
def test_any_tls_name(sni: str) -> None:
    tell_all("https://a.test/x", sni=sni)


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "OPTIONS", "_", "get", "", "A" * 9000])
def test_any_method(method: str) -> None:
    tell_all("http://a.test/x", method=method)


def test_a_very_long_url() -> None:
    tell_all("http://a.test/" + "x" * 1_000_000)
    tell_all("http://" + "x" * 1_000_000 + "/")
