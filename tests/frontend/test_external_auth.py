"""Whose auth holds for an Ingress: its own, or that of the ConfigMap's keys for all."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.diagnostics import Sink
from ingc.frontend.annotations import read_annotations
from ingc.frontend.annotations.auth_values import CACHE_KEY, SETTABLE_HEADERS
from ingc.frontend.declarations.outside_url import AUTH_URL, REDIRECT_URL
from ingc.frontend.registry import annotations_for
from ingc.frontend.wishes import ExternalAuthWish
from ingc.ir.features.external_auth import Keepalive
from ingc.k8s.store import read_objects
from ingc.load.document import Document
from tests.objects import path, rule
from tests.shop import ingress

PREFIX = "nginx.ingress.kubernetes.io/"
GLOBAL: dict[str, Any] = {
    "global-auth-url": AUTH_URL.read("http://global.test/"),
    "global-auth-method": "POST",
    "global-auth-signin": REDIRECT_URL.read("https://login.test/?rd=/"),
    "global-auth-response-headers": SETTABLE_HEADERS.read("X-User"),
    "global-auth-cache-key": CACHE_KEY.read("$http_cookie"),
    "no-auth-locations": ("/open",),
}


def wish(defaults: dict[str, Any], **asked: str) -> ExternalAuthWish | None:
    annotations = {PREFIX + name.replace("_", "-"): value for name, value in asked.items()}
    written = ingress("web", rule("a.test", path("/", "web")), annotations=annotations)
    store = read_objects([Document(written)], Sink(), namespace="shop")
    web, options = store.ingresses[0], ingc.Options()
    asked = read_annotations(web, Sink(), options, annotations_for(options), defaults)
    return next((item for item in asked.routes if isinstance(item, ExternalAuthWish)), None)


def test_the_global_auth_holds_for_an_ingress_without_annotations() -> None:
    found = wish(GLOBAL)
    assert found is not None
    assert found.url.host == "global.test"
    assert found.method == "POST"
    assert found.response_headers == ("X-User",)
    assert found.exempt == ("/open",)
    assert found.cache is not None
    assert found.cache.times == ()
    assert found.sign_in is not None
    assert found.sign_in.parameter == ""


@pytest.mark.parametrize(("value", "holds"), [("true", True), ("false", False), ("nay", True)])
def test_an_ingress_may_decline_the_global_auth(value: str, holds: bool) -> None:
    assert (wish(GLOBAL, enable_global_auth=value) is not None) == holds


def test_its_own_auth_takes_nothing_of_the_global_one() -> None:
    found = wish(GLOBAL, auth_url="http://own.test/", enable_global_auth="false")
    assert found is not None
    assert found.url.host == "own.test"
    assert (found.method, found.response_headers, found.cache, found.sign_in) == (
        "",
        (),
        None,
        None,
    )
    assert found.exempt == ("/open",)
    assert found.keepalive == Keepalive(0, 1000, 60)


def test_a_wrong_url_of_its_own_is_not_replaced_by_the_global_one() -> None:
    assert wish(GLOBAL, auth_url="http://127.1/") is None
    assert wish(GLOBAL, auth_url="") is None


def test_without_any_url_nothing_is_asked() -> None:
    assert wish({}) is None
    assert wish({}, auth_method="POST", enable_global_auth="true") is None
    assert wish({"global-auth-method": "POST"}, auth_method="POST") is None


@pytest.mark.parametrize(
    ("url", "parameter", "added"),
    [
        ("https://a.test/", "rd", "rd"),
        ("https://a.test/?rd=x", "rd", ""),
        ("https://a.test/?x=1&rd", "rd", ""),
        ("https://a.test/?rd=x", "back", "back"),
        ("https://a.test/?xrd=x", "rd", "rd"),
    ],
)
def test_the_parameter_is_added_where_the_url_has_none(
    url: str, parameter: str, added: str
) -> None:
    found = wish(
        {}, auth_url="http://own.test/", auth_signin=url, auth_signin_redirect_param=parameter
    )
    assert found is not None
    assert found.sign_in is not None
    assert found.sign_in.parameter == added
