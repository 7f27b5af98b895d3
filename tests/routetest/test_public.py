"""``ingc.check_routes`` and ``ingc.compare``, as a program uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

import ingc
from tests.objects import path, rule
from tests.shop import ingress, service

WEB = [ingress("shop/web", rule("a.test", path("/", "web"))), service("web", clusterIP="10.0.0.1")]
MORE = [*WEB, ingress("shop/more", rule("a.test", path("/x", "more")))]
NOTHING = ingc.Result(False, None, (), (), None)


def test_routes_are_checked() -> None:
    result = ingc.compile(WEB)
    report = ingc.check_routes("host a.test\n/ -> shop/web:80\n/x -> 404\n", result)
    assert (report.passed, len(report.failed), report.ok) == (1, 1, False)
    assert report.coverage is not None
    assert report.coverage.percent == 100


def test_tests_with_errors_are_refused() -> None:
    with pytest.raises(ingc.BadTests) as caught:
        ingc.check_routes("host a.test\n/ => shop/web\n", ingc.compile(WEB), file="t.ingc")
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.file) == ("ING701", "t.ingc")
    with pytest.raises(LookupError):
        ingc.check_routes("", NOTHING)


def test_results_are_compared(tmp_path: Path) -> None:
    old, new = ingc.compile(WEB), ingc.compile(MORE)
    assert ingc.compare(old, old).same
    (difference,) = ingc.compare(old, new).differences
    assert (difference.kind, difference.path) == ("added", "/x")
    file = tmp_path / "nginx.conf"
    file.write_text(old.config or "", encoding="utf-8")
    conf = ingc.read_conf(file)
    assert ingc.compare(conf, old).same
    assert not ingc.compare(new, conf).same
    with pytest.raises(LookupError):
        ingc.compare(old, NOTHING)


def test_a_fragment_is_compared_with_an_nginx_conf(tmp_path: Path) -> None:
    fragment = ingc.compile(WEB, ingc.Options(fragment=True))
    file = tmp_path / "nginx.conf"
    file.write_text(f"events {{}}\nhttp {{\n{fragment.config}\n}}\n", encoding="utf-8")
    assert ingc.compare(ingc.read_conf(file), fragment).same
