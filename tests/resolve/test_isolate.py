"""``isolate``: a bad object loses its own routes, which answer 503, and nothing else changes."""

from __future__ import annotations

import copy
from typing import Any

import pytest

import ingc
from ingc.ir import Config, Host
from tests.objects import Object, backend, path, rule
from tests.shop import endpoints_of, ingress, secret, service, slice_of

GOOD = ingress("good", rule("a.test", path("/good", "good")), rule("good.test", path("/", "good")))
BAD = ingress(
    "bad",
    rule("a.test", path("/bad", "good"), path("no-slash", "good")),
    rule("bad.test", path("/", "good")),
)
SERVICES = [service("good", clusterIP="10.96.0.1")]


def isolated(*objects: Object, **options: Any) -> ingc.Result:
    given: dict[str, Any] = {"access_log": "off", **options}
    return ingc.compile([*objects, *SERVICES], ingc.Options(**given), on_error="isolate")


def hosts(config: Config | None) -> dict[str, Host]:
    assert config is not None
    return {host.name: host for host in config.hosts}


def test_by_default_one_error_stops_all() -> None:
    result = ingc.compile([GOOD, BAD, *SERVICES])
    assert not result.ok
    assert result.config is None
    assert result.files == ()
    assert result.errors


def test_the_routes_of_a_bad_ingress_answer_503() -> None:
    result = isolated(GOOD, BAD)
    assert result.ok
    assert [d.code for d in result.errors] == ["ING204"]
    for host, target in (("a.test", "/bad"), ("a.test", "/bad/x"), ("bad.test", "/")):
        match = result.match(host, target)
        assert (match.status, match.upstream) == (503, None)
    assert result.match("a.test", "/good").upstream == "shop_good_80"
    assert result.match("good.test", "/").upstream == "shop_good_80"
    assert result.match("a.test", "/neither").status == 404


def test_the_hosts_of_others_do_not_change() -> None:
    alone, beside = hosts(isolated(GOOD).ir), hosts(isolated(GOOD, BAD).ir)
    assert beside["good.test"] == alone["good.test"]
    assert beside[""] == alone[""]
    # on the shared host the good route is the same, and the bad one is added
    assert set(alone["a.test"].routes) < set(beside["a.test"].routes)


def test_a_bad_older_ingress_keeps_its_place_in_a_conflict() -> None:
    """Its path is not handed to another: what was meant for the one must not reach the other."""
    older = copy.deepcopy(BAD)
    older["metadata"]["creationTimestamp"] = "2024-01-01T00:00:00Z"
    taker = ingress("taker", rule("a.test", path("/bad", "good")))
    assert isolated(GOOD, older, taker).match("a.test", "/bad").status == 503


def test_a_rule_whose_host_cannot_be_read_takes_no_other_host() -> None:
    for host in ("Not.a.host", 7, ["a.test"], {"a": 1}):
        bad = ingress("bad", rule("x.test", path("/", "good")), default="good")
        bad["spec"]["rules"][0]["host"] = host
        fallback = ingress("fallback", default="good")
        result = isolated(bad, fallback)
        assert result.errors
        assert hosts(result.ir)[""] == hosts(isolated(fallback).ir)[""]


def test_a_default_backend_that_cannot_be_read_answers_503() -> None:
    bad = ingress("bad", rule("a.test", path("/x", "good")))
    values: list[Any] = [7, "good", [], {}]
    for value in values:
        bad["spec"]["defaultBackend"] = value
        result = isolated(bad, default_backend_service="shop/good")
        assert result.match("a.test", "/elsewhere").status == 503
        assert result.match("other.test", "/").upstream == "shop_good_80"


BROKEN: list[tuple[list[Object], str]] = [
    ([service("bad", {"port": 0})], "ING318"),
    ([service("bad", clusterIP="nowhere")], "ING318"),
    ([service("bad", {"port": 80}, {"port": 70000})], "ING318"),
    ([service("bad"), slice_of("bad", "10.0.0.1", "no-address")], "ING314"),
    ([service("bad"), slice_of("bad", "10.0.0.1", port=0)], "ING314"),
    ([service("bad"), endpoints_of("bad", "10.0.0.1", "no-address")], "ING314"),
]


@pytest.mark.parametrize(("objects", "code"), BROKEN)
def test_a_bad_service_or_slice_costs_the_routes_that_use_it(
    objects: list[Object], code: str
) -> None:
    both = ingress("both", rule("a.test", path("/bad", "bad"), path("/good", "good")))
    result = isolated(both, *objects)
    assert result.ok
    assert result.errors
    assert code in {d.code for d in result.diagnostics}
    assert result.match("a.test", "/bad").status == 503
    assert result.match("a.test", "/good").upstream == "shop_good_80"


def test_an_unresolved_port_name_costs_its_own_path_alone() -> None:
    both = ingress(
        "both", rule("a.test", path("/named", backend("absent", "http")), path("/good", "good"))
    )
    result = isolated(both, partial=True)
    assert [d.code for d in result.errors] == ["ING312"]
    assert result.match("a.test", "/named").status == 503
    assert result.match("a.test", "/good").upstream == "shop_good_80"


def test_the_later_of_two_different_objects_is_dropped() -> None:
    first = ingress("twice", rule("a.test", path("/first", "good")))
    second = ingress("twice", rule("a.test", path("/second", "good")))
    result = isolated(first, second)
    assert [d.code for d in result.errors] == ["ING104"]
    assert result.match("a.test", "/first").upstream == "shop_good_80"
    assert result.match("a.test", "/second").status == 404


def test_a_bad_secret_costs_https_of_its_hosts_and_no_more() -> None:
    tls = [{"hosts": ["tls.test"], "secretName": "bad"}]
    asked = ingress("tls", rule("tls.test", path("/", "good")), tls=tls)
    result = isolated(asked, GOOD, secret("bad", b"no", b"no"))
    assert result.ok
    assert [d.code for d in result.errors] == ["ING503"]
    refused = result.match("tls.test", "/", scheme="https")
    assert (refused.status, refused.upstream) == (None, None)
    redirected = result.match("tls.test", "/")  # nothing that was meant for TLS goes in clear
    assert redirected.status == 308
    assert result.match("good.test", "/").upstream == "shop_good_80"


def test_the_certificate_of_a_bad_ingress_still_serves_the_others() -> None:
    tls = [{"hosts": ["a.test"], "secretName": "a"}]
    bad = ingress("bad", rule("a.test", path("no-slash", "good")), tls=tls)
    result = isolated(GOOD, bad, tls_files="/tls/{namespace}/{secret}")
    assert result.match("a.test", "/good", scheme="https").upstream == "shop_good_80"
    assert result.match("a.test", "/good").status == 308
    assert "ssl_certificate /tls/shop/a.crt;" in (result.config or "")


def test_a_tls_entry_with_an_error_is_not_used() -> None:
    tls = [{"hosts": ["a.test", "*"], "secretName": "a"}]
    bad = ingress("bad", rule("a.test", path("/", "good")), tls=tls)
    result = isolated(bad, tls_files="/tls/{namespace}/{secret}")
    assert "ssl_certificate " not in (result.config or "ssl_certificate ")
    assert result.match("a.test", "/").status == 308
    (missing,) = [d for d in result.diagnostics if d.code == "ING507"]
    assert "has errors" in missing.message


def test_strict_warnings_cost_nothing_that_works() -> None:
    asked = ingress("web", rule("a.test", path("/", "good"), path("/x", "empty")))
    result = isolated(asked, service("empty"), slice_of("empty"), strict=True)
    assert [d.code for d in result.errors] == ["ING314"]
    assert result.match("a.test", "/").upstream == "shop_good_80"
    assert result.match("a.test", "/x").status == 503
