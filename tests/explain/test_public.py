"""``ingc.explain`` and ``ingc.story``, as a program uses them."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest

import ingc
from ingc.explain import api
from tests.objects import path, rule
from tests.shop import ingress, service

WEB = [ingress("shop/web", rule("a.test", path("/", "web"))), service("web", clusterIP="10.0.0.1")]


def test_a_result_is_explained() -> None:
    result = ingc.compile(WEB)
    answer = ingc.explain(result, "http://a.test/x", method="POST", headers=[("X-A", "b")])
    assert answer.upstream == "shop_web_80"
    assert answer.route is not None
    assert answer.route.ingress == "shop/web"
    told = ingc.story(result, "http://a.test/x")
    assert told.contenders[0].wins
    assert told.answer.upstream == answer.upstream


def test_an_nginx_conf_is_explained(tmp_path: Path) -> None:
    file = tmp_path / "nginx.conf"
    file.write_text("events {} http { server { location / { return 204; } } }", encoding="utf-8")
    conf = ingc.read_conf(file)
    assert ingc.explain(conf, "http://any.test/").status == 204
    assert ingc.story(conf, "http://any.test/").answer.status == 204


def test_what_can_not_be_asked() -> None:
    with pytest.raises(ingc.BadQuestion):
        ingc.explain(ingc.compile(WEB), "a.test")
    with pytest.raises(LookupError):
        ingc.explain(ingc.Result(False, None, (), (), None), "http://a.test/")


def test_a_result_that_is_gone_is_forgotten() -> None:
    before = len(api._ASKERS)
    result = ingc.compile(WEB)
    ingc.explain(result, "http://a.test/")
    assert len(api._ASKERS) == before + 1
    del result
    gc.collect()
    assert len(api._ASKERS) == before
