"""The story: both decisions with the losers' reasons, what decides, what is near."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

import ingc
from ingc.explain import read_question
from ingc.explain.api import teller_of
from ingc.explain.json_form import form, schema, unreadable
from ingc.explain.story import Story
from ingc.explain.text import answer_as_line, story_as_text
from tests.golden.case import Case, all_cases
from tests.objects import backend, path, rule
from tests.shop import ingress, service, slice_of

PREFIX = "nginx.ingress.kubernetes.io/"
SCHEMA = jsonschema.Draft202012Validator(schema())
PROBED = [case for case in all_cases() if case.probes and case.result.ok]


def annotated(name: str, *rules: Any, **annotations: str) -> dict[str, Any]:
    named = {PREFIX + key.replace("_", "-"): value for key, value in annotations.items()}
    return ingress(name, *rules, annotations=named)


def tell(objects: list[Any], url: str, **given: Any) -> Story:
    options = ingc.Options(partial=True)
    result = ingc.compile([*objects, service("web", clusterIP="10.0.0.1")], options)
    assert result.ok, result.diagnostics
    return teller_of(result).tell(read_question(url, **given))


def reasons(story: Story) -> dict[str, str]:
    return {item.ref.path: item.reason for item in story.contenders}


PATHS = rule(
    "a.test",
    *(path(text, "web") for text in ("/", "/a", "/a/b")),
    path("/a/b", "web", "Exact"),
)


def test_losers_of_the_trie_say_why() -> None:
    story = tell([ingress("shop/web", PATHS)], "http://a.test/a/b/c")
    assert reasons(story)["/a"] == reasons(story)["/"] == "shorter prefix"
    exact = tell([ingress("shop/web", PATHS)], "http://a.test/a/b")
    assert [item.reason for item in exact.contenders] == [
        "equals the path",
        "Exact wins",
        "Exact wins",
        "Exact wins",
    ]


def test_rules_of_another_host_lose_as_a_whole() -> None:
    wild = ingress("shop/wild", rule("*.test", path("/", "web"), path("/long/path", "web")))
    bare = ingress("shop/bare", rule(None, path("/long/path", "web")))
    story = tell([ingress("shop/web", PATHS), wild, bare], "http://A.test:80/long/path")
    assert [named.name for named in story.names] == ["a.test", "_", "*.test"]
    others = [item for item in story.contenders if item.host != "a.test"]
    assert {item.host for item in others} == {"*.test", "_"}
    assert all(item.reason.startswith("other host") for item in others)


def test_normalisation_is_told_step_by_step() -> None:
    story = tell([ingress("shop/web", PATHS)], "http://a.test//x/../%61/b?q=1")
    assert [step.result for step in story.steps] == [
        "//x/../%61/b",
        "//x/../a/b",
        "/x/../a/b",
        "/a/b",
    ]
    assert story.answer.uri == "/a/b"


SHOP = ingress("shop/web", rule("a.test", path("/cart", "web", "Exact"), path("/", "web")))
API = rule("a.test", path("/api/v[0-9]", "web", "ImplementationSpecific"))


def test_a_quirk_names_its_cause_and_what_would_happen_without() -> None:
    story = tell([SHOP, annotated("shop/api", API, use_regex="true")], "http://a.test/cart/7")
    assert story.quirk is not None
    assert "use-regex on shop/api" in story.quirk.makes
    assert "would be Exact /cart and miss" in story.quirk.otherwise
    assert "(Prefix /) would take it" in story.quirk.otherwise
    assert "write the path as /cart$" in story.quirk.help
    assert story.quirk.without is not None
    assert story.quirk.without.path == "/"


def test_a_regex_that_was_asked_for_is_no_quirk() -> None:
    regexes = annotated("shop/api", API, use_regex="true")
    assert tell([SHOP, regexes], "http://a.test/api/v1").quirk is None
    assert tell([SHOP, regexes], "http://a.test/cart").quirk is None
    assert tell([SHOP, regexes], "http://a.test/other").quirk is None
    longer = reasons(tell([SHOP, regexes], "http://a.test/cart"))
    assert longer["/"] == "regex tried earlier: longer path"


def test_a_rewrite_is_shown_with_its_captures() -> None:
    rules = rule("r.test", path("/v1(/|$)(.*)", "web", "ImplementationSpecific"))
    story = tell([annotated("shop/r", rules, rewrite_target="/$2")], "http://r.test/v1/items?p=2")
    rewrite = next(item for item in story.applied if item.name == "rewrite")
    assert rewrite.what == '/$2 with $2 = "items" → /items?p=2'


def test_features_have_words() -> None:
    found = annotated(
        "shop/many",
        rule("m.test", path("/", "web")),
        limit_rps="5",
        whitelist_source_range="10.0.0.0/8",
        enable_cors="true",
        proxy_read_timeout="120",
        upstream_vhost="inner.test",
    )
    text = story_as_text(tell([found], "http://m.test/"), color=False)
    for words in ("5 requests a second", "10.0.0.0/8", "cors", "proxy_read_timeout", "Host: inner"):
        assert words in text, text


def test_a_canary_tells_its_odds() -> None:
    rules = rule("c.test", path("/", "web"))
    canary = annotated(
        "shop/canary",
        rule("c.test", path("/", "next")),
        canary="true",
        canary_weight="20",
        canary_by_header="X-Canary",
    )
    objects = [ingress("shop/c", rules), canary, service("next", clusterIP="10.0.0.2")]
    story = tell(objects, "http://c.test/")
    assert [(item.name, odds) for item, odds in story.answer.alternatives] == [
        ("shop_next_80", 0.2)
    ]
    assert any("20% to shop_next_80" in item.what for item in story.applied)
    always = tell(objects, "http://c.test/", headers=[("X-Canary", "always")])
    assert always.answer.upstream == "shop_next_80"


@pytest.mark.parametrize(
    ("page", "way_back"),
    [
        ("https://login.test/start", "https://login.test/start?back=http://c.test/x%26y"),
        ("https://login.test/start?to=$escaped_request_uri", "https://login.test/start?to=/x%26y"),
    ],
)
def test_a_sign_in_page_is_said_to_get_the_url(page: str, way_back: str) -> None:
    asked = annotated(
        "shop/c",
        rule("c.test", path("/", "web")),
        auth_url="http://192.0.2.1/check",
        auth_signin=page,
        auth_signin_redirect_param="back" if "?" not in page else "to",
    )
    told = tell([asked], "http://c.test/x&y")
    said = [item.what for item in told.applied if item.name == "auth"]
    assert f"in place of a 401: 302 to {way_back}" in said
    assert way_back in {item.answer.redirect for item in told.unless or ()}


@pytest.mark.parametrize(
    ("url", "misses"),
    [
        ("http://n.test/login", "with a slash at its end; Prefix would take both"),
        ("http://n.test/staticfiles", "takes whole path elements: /static/…"),
        ("http://n.test/STATIC/x", "in lower case"),
        ("http://n.test/exact/below", "takes nothing below it"),
        ("http://n.test/statik/x", "the path is spelled /static"),
        ("http://www.n.test/static", "the host is n.test, not www.n.test"),
        ("http://m.test/static", "the host is spelled n.test"),
        ("http://a.b.w.test/w", "takes exactly one label more"),
        ("http://w.test/w", "takes one label more, not w.test itself"),
        ("http://n.test/w/x", "the path is on another host, *.w.test"),
        ("http://n.test/deep", "/deep/path begins further below"),
        ("http://n.test/star/x", "* is no wildcard in /star/*; Prefix /star would take it"),
    ],
)
def test_the_nearest_rule_says_what_misses(url: str, misses: str) -> None:
    rules = rule(
        "n.test",
        path("/login/", "web", "Exact"),
        path("/static", "web"),
        path("/exact", "web", "Exact"),
        path("/deep/path", "web"),
        path("/star/*", "web"),
    )
    objects = [ingress("shop/n", rules), ingress("shop/w", rule("*.w.test", path("/w", "web")))]
    story = tell(objects, url)
    assert story.answer.status == 404
    assert story.answer.route is None
    assert misses in " | ".join(near.misses for near in story.near)


@pytest.mark.parametrize(
    ("port", "slices", "words"),
    [
        ("htpp", [], "has no port htpp"),
        (80, [slice_of("pods")], "no usable endpoint"),
    ],
)
def test_a_503_says_what_is_wrong(port: int | str, slices: list[Any], words: str) -> None:
    own = ingress("shop/p", rule("p.test", path("/", backend("pods", port))))
    pods = service("pods", {"port": 80, "name": "http"})
    story = tell([own, pods, *slices], "http://p.test/")
    assert story.answer.status == 503
    assert words in story.findings[0].message
    assert words in story_as_text(story, color=False)


def test_https_that_is_refused_names_what_http_gives() -> None:
    story = tell([ingress("shop/web", PATHS)], "https://a.test/a")
    assert story.over_http is not None
    assert story.over_http.upstream == "shop_web_80"
    assert "for https list the host under spec.tls" in story_as_text(story, color=False)


def test_https_that_is_refused_for_want_of_a_certificate_says_so() -> None:
    own = ingress("shop/web", PATHS, tls=[{"hosts": ["a.test"], "secretName": "gone"}])
    story = tell([own], "https://a.test/a")
    assert story.answer.refused
    text = story_as_text(story, color=False)
    assert "no certificate for a.test: Secret shop/gone is not in the input [ING507]" in text
    assert "spec.tls, or pass" not in text


def test_where_nothing_is_a_step_away_the_rules_that_are_there_are_told() -> None:
    rules = rule("n.test", path("/other", "web"), path("/abc/def", "web", "Exact"))
    objects = [ingress("shop/n", rules), ingress("shop/w", rule("*.w.test", path("/w", "web")))]
    near = tell(objects, "http://n.test/abcxyz").near
    assert [item.misses for item in near] == [
        "Exact /abc/def takes /abc/def",
        "Prefix /other takes /other and what is below it",
    ]
    near = tell(objects, "http://a.b.w.test/nowhere").near
    assert [item.misses for item in near] == [
        "*.w.test takes exactly one label more; nor does it take this path"
    ]


def test_the_lines_are_those_of_the_text() -> None:
    result = ingc.compile([ingress("shop/web", PATHS), service("web", clusterIP="10.0.0.1")])
    story = teller_of(result).tell(read_question("http://a.test/a/b/c"))
    assert story.lines is not None
    assert result.config is not None
    lines = result.config.splitlines()
    assert lines[story.lines.server - 1].strip() == "server {"
    assert lines[story.lines.location - 1].strip() == "location /a/b/ {"


def test_colour_changes_nothing_but_colour() -> None:
    import re

    story = tell([SHOP, annotated("shop/api", API, use_regex="true")], "http://a.test/cart/7")
    colored = story_as_text(story, color=True)
    assert "\x1b[" in colored
    plain = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in plain.splitlines()] == story_as_text(
        story, color=False
    ).splitlines()


@pytest.mark.parametrize("case", PROBED, ids=lambda case: case.name)
def test_every_golden_story_is_told_and_fits_the_schema(case: Case) -> None:
    teller = teller_of(case.result)
    for probe in case.probes:
        url = f"{probe.url.scheme}://{probe.url.authority}{probe.url.target}"
        question = read_question(url, method=probe.method, headers=probe.headers)
        for story in (teller.tell(question), teller.short(question)):
            SCHEMA.validate(form(story))
            assert story_as_text(story, color=False).isprintable() is False  # it has line breaks
            assert "\n" not in answer_as_line(story.answer)


def test_what_is_no_request_fits_the_schema_too() -> None:
    import json

    SCHEMA.validate(json.loads(unreadable("\udcff", "not a URL")))


def test_a_service_that_may_be_elsewhere_is_a_name_to_resolve() -> None:
    story = tell([ingress("shop/m", rule("m.test", path("/", "gone")))], "http://m.test/")
    (dns,) = (item for item in story.applied if item.name == "dns")
    assert "gone.shop.svc.cluster.local when it starts" in dns.what
    assert "no address of Service shop/gone" in dns.what


def test_the_certificate_is_that_of_the_tls_name() -> None:
    own = ingress("shop/t", rule("t.test", path("/", "web")), tls=[{"secretName": "pair"}])
    options = ingc.Options(tls_files="/tls/{namespace}/{secret}")
    result = ingc.compile([own, service("web", clusterIP="10.0.0.1")], options)
    story = teller_of(result).tell(read_question("https://t.test/"))
    (shown,) = (item for item in story.applied if item.name == "certificate")
    assert shown.what == "for t.test: /tls/shop/pair.crt"


def test_tls_that_is_passed_on_goes_to_its_service() -> None:
    db = annotated("shop/db", rule("db.test", path("/", "web")), ssl_passthrough="true")
    own = ingress("shop/own", rule("own.test", path("/", "web")))
    options = ingc.Options(enable_ssl_passthrough=True)
    result = ingc.compile([db, own, service("web", clusterIP="10.0.0.1")], options)
    teller = teller_of(result)
    for asked in (
        read_question("https://DB.test/x"),
        read_question("https://own.test/", sni="db.test"),
        read_question("https://db.test/%zz"),
    ):
        story = teller.tell(asked)
        assert not story.answer.refused
        assert story.answer.unopened is not None
        assert story.answer.unopened.service == "shop/web"
        assert [item.name for item in story.names if item.wins] == ["db.test"]
        text = story_as_text(story, color=False)
        assert "answer    TLS is passed on unopened: shop_web_80 = shop/web:80" in text
        assert "10.0.0.1:80" in text
        assert "refused" not in text
        made = form(story)
        SCHEMA.validate(made)
        assert (made["upstream"], made["status"]) == ("shop_web_80", None)
        assert "unopened to shop/web:80" in made["request"]["note"]
    line = answer_as_line(teller.short(read_question("https://db.test/")).answer)
    assert "TLS goes unopened to shop_web_80" in line
    assert teller.tell(read_question("https://db.test/", sni="own.test")).answer.refused
