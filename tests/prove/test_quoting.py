"""With the one place that quotes broken, the proof objects, and nothing is handed out."""

from __future__ import annotations

import pytest

import ingc
from ingc.plan import layout as layout_module
from ingc.syntax.token import Unprintable, quote
from tests.objects import path, rule
from tests.prove.compiling import compiled
from tests.shop import ingress

HOSTILE = (
    "/a; return 200 pwned; #",
    "/x { }",
    "/x { } location /y",
    "/a\nreturn 200 pwned;\n#",
    "/a }",
    "/a {",
    "/a #",
    "/a b",
    "/a'b c'",
    "/a;",
    "/ ",
)
"""Paths that the API server accepts, and that would be syntax in nginx without quotes."""


@pytest.fixture
def no_quoting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Break the one place that quotes."""
    monkeypatch.setattr(layout_module, "quote", lambda text: text)


@pytest.mark.parametrize("text", HOSTILE)
def test_quoted_a_hostile_path_is_one_token(text: str) -> None:
    result = compiled(text)
    assert result.ok
    assert not result.errors


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.usefixtures("no_quoting")
def test_with_broken_quoting_nothing_is_handed_out(text: str) -> None:
    result = compiled(text)
    assert not result.ok
    assert result.config is None
    assert result.files == ()
    assert [d.code for d in result.errors] == ["ING901"]


@pytest.mark.usefixtures("no_quoting")
def test_with_broken_quoting_not_even_the_constants_pass() -> None:
    """An empty argument, the log format: our own values need their quotes as well."""
    assert not compiled("/").ok


@pytest.mark.parametrize("text", HOSTILE)
def test_broken_for_names_of_locations_alone_the_proof_still_objects(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout_module, "quote", lambda t: t if text in t else quote(t))
    result = compiled(text)
    assert not result.ok
    assert [d.code for d in result.errors] == ["ING901"]


@pytest.mark.parametrize(
    "text",
    [
        "/a pwned",  # another argument: still a valid text
        "/a; return 200 pwned; #",  # no valid text at all
        "/pwned { } }",
    ],
)
@pytest.mark.parametrize("host", ["a.test", ""])
def test_isolated_the_host_that_is_not_proved_answers_503(
    text: str, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layout_module, "quote", lambda t: t if "pwned" in t else quote(t))
    asked = ingress("web", rule(host, path(text, "web"), path("/b", "web")))
    other = ingress("other", rule("b.test", path("/", "web")))
    result = ingc.compile([asked, other], ingc.Options(resolve_at_start=("*",)), on_error="isolate")
    assert result.ok
    assert [d.code for d in result.errors] == ["ING902"]
    assert f'"{host}"' in result.errors[0].message
    assert "pwned" not in (result.config or "pwned")
    assert result.match(host or "any.test", "/b").status == 503
    assert result.match("b.test", "/").upstream == "shop_web_80"


def test_a_value_that_cannot_be_printed_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(text: str) -> str:
        if "too-much" in text:
            raise Unprintable("no token can hold it")
        return quote(text)

    monkeypatch.setattr(layout_module, "quote", refuse)
    result = compiled("/too-much", "/b")
    (error,) = result.errors
    assert (error.code, error.field) == ("ING603", "spec.rules[0].http.paths[0]")
    assert result.config is None
    isolated = compiled("/too-much", "/b", on_error="isolate")
    assert [d.code for d in isolated.errors] == ["ING902", "ING603"]
    assert isolated.match("b.test", "/").upstream == "shop_web_80"
