"""The four forms of one report, and that nothing of the input is markup in any."""

from __future__ import annotations

import json
import os
import re
import shutil
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from ingc.migrate import Migration
from ingc.migrate.markdown import code, plain
from ingc.migrate.rendering import render
from tests.cli.run import inside
from tests.migrate.reports import config_map, controller, report, shop, web
from tests.objects import exact, ingress, prefix, rule

ROOT = Path(__file__).parents[2]
EXPECTED = Path(__file__).parent / "expected"
UPDATE = os.environ.get("INGC_UPDATE_DOCS") == "1"
FORMS = {"text": "txt", "json": "json", "markdown": "md", "html": "html"}


@pytest.mark.parametrize("form", FORMS)
def test_the_report_on_the_example_is_the_expected_one(form: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "cluster.yaml", tmp_path)
    done = inside("migrate", "cluster.yaml", "-o", form, cwd=tmp_path)
    assert (done.code, done.err) == (4, "")
    expected = EXPECTED / f"cluster.{FORMS[form]}"
    if UPDATE:
        expected.write_text(done.out, encoding="utf-8")
    assert done.out == expected.read_text(encoding="utf-8"), (
        "INGC_UPDATE_DOCS=1 pytest tests/migrate"
    )


EVIL = (
    '<script>alert(1)</script><img src=x onerror=alert(1)>"\' onload="x" &amp; `code` ``` '
    "[link](javascript:alert(1)) ![i](http://evil.test/i.png) | a | **b** @team https://evil.test "
    "{{ 7*7 }} {% raw %} </code></pre></td> \x1b[31m\u202e\x9b ::error::x ##[group]y"
)


@cache
def _hostile() -> Migration:
    """Return a report with a hostile text in each place that can hold one."""
    odd = shop(
        exact("/<b>`x`|*y*", "web"),
        server_snippet=f"{EVIL}\nadd_header A b;",
        **{EVIL: EVIL, "proxy-read-timeout": EVIL, "auth-url": EVIL, "custom-headers": EVIL},
    )
    other = ingress("other", rule("b.test", prefix("/", "web")), namespace="shop")
    other["metadata"]["annotations"] = {"kubernetes.io/ingress.class": EVIL}
    invalid = ingress(EVIL, rule(EVIL, prefix(EVIL, EVIL)), namespace=EVIL)
    flags = [f"--configmap={EVIL}", f"--{EVIL}={EVIL}", "--election-id", EVIL]
    settings = config_map("ingress-nginx/ingress-nginx-controller", use_gzip=EVIL, **{EVIL: EVIL})
    named = controller(*flags, name=f"ingress-nginx/{EVIL}")
    return report([named, odd, other, invalid, settings, web()], http_port=8080)


@cache
def _plain_settings() -> Migration:
    name = "ingress-nginx/ingress-nginx-controller"
    settings = config_map(name, use_gzip=EVIL, **{"server-snippet": EVIL, EVIL: EVIL})
    return report([settings, shop(), web()])


REPORTS = [_hostile, _plain_settings]


class _Tags(HTMLParser):
    """Collects the tags and attributes of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(tag, name) for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


OURS = {
    *(
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "main",
        "section",
    ),
    *(
        "div",
        "span",
        "ul",
        "li",
        "b",
        "nav",
        "a",
        "h1",
        "h2",
    ),
    *(
        "h3",
        "h4",
        "p",
        "article",
        "dl",
        "dt",
        "dd",
        "table",
        "thead",
    ),
    *(
        "tbody",
        "tr",
        "th",
        "td",
        "code",
        "pre",
        "details",
        "summary",
    ),
}


@pytest.mark.parametrize("make", REPORTS)
def test_no_text_of_the_input_is_markup_in_html(make: object) -> None:
    found = make()  # type: ignore[operator]
    page = _Tags()
    page.feed(render(found, "html"))
    assert page.tags <= OURS
    assert {name for _, name in page.attributes} <= {
        *("lang", "charset", "name", "content", "http-equiv", "class", "aria-label", "id", "style"),
        *("aria-hidden", "href", "scope", "data-label"),
    }
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text


@pytest.mark.parametrize("make", REPORTS)
def test_no_text_of_the_input_is_markup_in_markdown(make: object) -> None:
    text = render(make(), "markdown")  # type: ignore[operator]
    # What code spans hold is no markup; they end where they should.
    bare = re.sub(r"(?<![\\`])(`+)(?!`).*?(?<!`)\1(?!`)", "", text)
    bare = re.sub(r"^    .*$", "", bare, flags=re.MULTILINE)
    for wrong in ("<", r"(?<!\\)\]\(", r"!\[", r"\*\*b\*\*", "@team", "https://evil"):
        assert not re.search(wrong, bare), wrong
    rows = [line for line in bare.splitlines() if line.startswith("| ")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} <= {3, 4, 5, 6, 7}


@pytest.mark.parametrize("make", REPORTS)
@pytest.mark.parametrize("form", FORMS)
def test_no_text_of_the_input_moves_a_terminal(form: str, make: object) -> None:
    text = render(make(), form)  # type: ignore[operator]
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "##[" not in text
    assert not re.search(r"^\s*::", text, re.MULTILINE)


def test_json_reads_back() -> None:
    found = _hostile()
    made = json.loads(render(found, "json"))
    assert made["version"] == 1
    assert made["summary"]["ingresses"] == len(made["ingresses"])
    assert sum(made["summary"].values()) == 2 * len(made["ingresses"])


def test_the_html_needs_nothing_from_elsewhere() -> None:
    text = render(report([shop(), web()]), "html")
    assert not re.search(r"<(script|link|iframe|img|object|base)\b|@import|url\(", text)
    assert "default-src 'none'" in text
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_text_fits_a_terminal() -> None:
    text = render(report([controller("--election-id=x"), shop(server_snippet="deny all;")]), "text")
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a`b``c", "```a`b``c```"),
        ("`a`", "`` `a` ``"),
        ("a|b", r"`a\|b`"),
        ("", ""),
        ("a\nb", r"`a\nb`"),
    ],
)
def test_code_is_between_more_ticks_than_it_holds(text: str, written: str) -> None:
    assert code(text) == written


def test_plain_text_is_no_markup() -> None:
    assert plain("- [a](b) <i> *c* @d http://e www.f") == (
        r"\- \[a\](b) &lt;i&gt; \*c\* &#64;d http&#58;//e www&#46;f"
    )
