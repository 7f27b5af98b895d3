"""Which rules a canary Ingress belongs to."""

from __future__ import annotations

import dataclasses

import pytest

import ingc
from ingc.ir import Proxy, Route
from ingc.ir.features.canary import Canary
from ingc.ir.features.load_balance import HashBy, LeastTime, ServiceAddress
from tests.nginx.pods import noted
from tests.objects import Object, exact, ingress, prefix, rule, service, specific

WEB = ingress("web", rule("a.test", prefix("/app", "web"), exact("/app", "web")))


def canary(*rules: Object, name: str = "next", namespace: str = "default", **more: str) -> Object:
    annotations = noted(canary="true", **{"canary_weight": "10", **more})
    return ingress(name, *rules, annotations=annotations, namespace=namespace)


def result_of(*objects: Object, **options: str) -> ingc.Result:
    return ingc.compile(objects, dataclasses.replace(ingc.Options(), **options))


def split(result: ingc.Result) -> list[tuple[str, str]]:
    """Return path and pathType of the routes that have a canary."""
    assert result.ir is not None
    routes = [route for host in result.ir.hosts for route in host.routes]
    return sorted((r.path, r.path_type) for r in routes if r.feature(Canary))


def refused(result: ingc.Result) -> list[str]:
    """Return why canaries are not used."""
    return [d.label for d in result.diagnostics if d.code == "ING476"]


def test_host_path_and_path_type_have_to_be_equal() -> None:
    assert split(result_of(WEB, canary(rule("a.test", prefix("/app", "next"))))) == [
        ("/app", "Prefix")
    ]
    assert split(result_of(WEB, canary(rule("a.test", specific("/app", "next"))))) == [
        ("/app", "Prefix")
    ]
    assert split(result_of(WEB, canary(rule("a.test", exact("/app", "next"))))) == [
        ("/app", "Exact")
    ]


@pytest.mark.parametrize(
    "other",
    [
        rule("b.test", prefix("/app", "next")),
        rule("a.test", prefix("/app/", "next")),
        rule("a.test", exact("/", "next")),
        rule(None, prefix("/other", "next")),
    ],
)
def test_a_canary_alone_makes_no_route(other: Object) -> None:
    result = result_of(WEB, canary(other))
    assert not split(result)
    assert refused(result) == ["no other Ingress has this host, path and pathType"]
    assert result.ir == result_of(WEB).ir


def test_a_canary_of_another_namespace_takes_nothing() -> None:
    result = result_of(WEB, canary(rule("a.test", prefix("/app", "next")), namespace="evil"))
    assert not split(result)
    assert refused(result) == ["the rule belongs to another namespace, default"]


def test_the_first_canary_counts() -> None:
    one = canary(rule("a.test", prefix("/app", "one")), name="one")
    two = canary(rule("a.test", prefix("/app", "two")), name="two")
    result = result_of(WEB, two, one)
    assert result.ir is not None
    assert [u.name for u in result.ir.upstreams] == ["default_one_80", "default_web_80"]
    assert refused(result) == ["default/one is the canary of this rule already"]


def fixes(result: ingc.Result) -> list[str]:
    return [d.help for d in result.diagnostics if d.code == "ING476"]


def upstreams(result: ingc.Result) -> dict[str, str]:
    """Return the canaries' upstreams, by the path of their route."""
    assert result.ir is not None
    routes = [route for host in result.ir.hosts for route in host.routes]
    return {r.path: found.upstream for r in routes if (found := r.feature(Canary))}


def aged(name: str, year: int, to: str = "", path: str = "/app", **more: str) -> Object:
    found = canary(rule("a.test", prefix(path, to or name)), name=name, **more)
    found["metadata"]["creationTimestamp"] = f"{year}-01-01T00:00:00Z"
    return found


def test_the_older_canary_counts_whatever_decides() -> None:
    old = aged("z", 2020, canary_by_cookie="c")
    young = aged("a", 2021, canary_by_header="X", canary_weight="100")
    result = result_of(WEB, young, old)
    assert upstreams(result) == {"/app": "default_z_80"}
    assert refused(result) == ["default/z is the canary of this rule already, as it is older"]
    assert fixes(result) == ["remove one of the two; in ingress-nginx the older one counts too"]


def test_of_canaries_of_one_age_the_first_by_name_counts() -> None:
    result = result_of(WEB, aged("b", 2020), aged("a", 2020))
    assert upstreams(result) == {"/app": "default_a_80"}
    (why,), (fix,) = refused(result), fixes(result)
    assert why == "default/a is the canary of this rule already, as it comes first by name"
    assert fix == "remove one of the two; ingress-nginx takes the last"


def test_a_rule_twice_in_a_canary_counts_once() -> None:
    result = result_of(WEB, canary(rule("a.test", prefix("/app", "next"), prefix("/app", "other"))))
    assert upstreams(result) == {"/app": "default_next_80"}
    assert refused(result) == ["it has this rule already"]


@pytest.mark.parametrize("idle", [{"canary_weight": ""}, {"canary_weight": "0"}])
def test_a_first_canary_that_takes_nothing_leaves_nothing_to_the_second(
    idle: dict[str, str],
) -> None:
    """As in ingress-nginx, which looks at no second one."""
    result = result_of(WEB, aged("a", 2020, **idle), aged("b", 2021))
    assert "default_b_80" not in upstreams(result).values()
    assert refused(result)[-1] == "default/a is the canary of this rule already, as it is older"
    assert result.match("a.test", "/app").upstream == "default_web_80"


def test_a_first_canary_with_errors_leaves_nothing_to_the_second() -> None:
    known = [
        service(name, 80, clusterIP=f"10.0.0.{n}") for n, name in enumerate(("web", "a", "b"), 1)
    ]
    wrong = aged("a", 2020, canary_by_header="X", canary_by_header_pattern="(")
    result = ingc.compile([WEB, wrong, aged("b", 2021), *known], on_error="isolate")
    match = result.match("a.test", "/app")
    assert (match.upstream, match.alternatives) == ("default_web_80", ())
    assert not upstreams(result)
    assert refused(result) == ["default/a is the canary of this rule already, as it is older"]
    alone = ingc.compile([WEB, aged("b", 2021), *known], on_error="isolate")
    assert upstreams(alone) == {"/app": "default_b_80"}


@pytest.mark.parametrize(
    ("primary", "own", "why", "fix"),
    [
        (
            rule("b.test", exact("/x", "web")),
            rule("b.test", prefix("/x", "next")),
            "the rule with this path has pathType Exact",
            "write pathType: Exact",
        ),
        (
            rule("b.test", specific("/x", "web")),
            rule("b.test", exact("/x", "next")),
            "the rule with this path has pathType Prefix",
            "write pathType: Prefix",
        ),
        (
            rule(None, prefix("/x", "web")),
            rule("b.test", prefix("/x", "next")),
            "the rule with this path names no host, and the canary does",
            "leave the host out, or give the rule that is meant a host too",
        ),
        (
            rule("b.test", prefix("/x", "web")),
            rule(None, prefix("/x", "next")),
            "it names no host, and the rule with this path does",
            "name the host: b.test",
        ),
    ],
)
def test_a_canary_that_just_misses_its_rule_reads_what_to_write(
    primary: Object, own: Object, why: str, fix: str
) -> None:
    result = result_of(WEB, ingress("other", primary), canary(own))
    assert (refused(result), fixes(result)) == ([why], [fix])
    (also,) = next(d.also for d in result.diagnostics if d.code == "ING476")
    assert also.origin.object is not None
    assert also.origin.object.name == "other"
    assert not split(result)


def test_a_canary_of_a_rule_without_a_host() -> None:
    everywhere = ingress("all", rule(None, prefix("/x", "web")))
    result = result_of(WEB, everywhere, canary(rule(None, prefix("/x", "next"))))
    assert not refused(result)
    assert result.match("z.test", "/x").alternatives == (("default_next_80", 0.1),)


def otherwise(result: ingc.Result) -> list[str]:
    """Return why canaries get other requests than in ingress-nginx."""
    return [d.label for d in result.diagnostics if d.code == "ING494"]


BOTH = ingress("web", rule("a.test", prefix("/app", "web"), prefix("/b", "web")))


def test_canaries_of_two_paths_of_a_service_are_reported() -> None:
    result = result_of(BOTH, aged("one", 2020), aged("two", 2021, path="/b"))
    assert upstreams(result) == {"/app": "default_one_80", "/b": "default_two_80"}
    assert otherwise(result) == ["there default/one is the canary of default/web, on all its paths"]
    result = result_of(BOTH, aged("one", 2020), aged("two", 2020, path="/b"))
    assert otherwise(result) == ["there default/two is the canary of default/web, on all its paths"]
    idle = aged("one", 2020, canary_weight="")
    assert otherwise(result_of(BOTH, idle, aged("two", 2021, path="/b")))


def test_canaries_with_one_service_and_other_values_are_reported() -> None:
    again = aged("two", 2021, "one", "/b")
    assert not otherwise(result_of(BOTH, aged("one", 2020), again))
    again = aged("two", 2021, "one", "/b", canary_weight="20")
    assert otherwise(result_of(BOTH, aged("one", 2020), again)) == [
        "there the values of default/one count, which has the same Service"
    ]


def test_a_canary_whose_service_has_a_rule_is_reported() -> None:
    preview = ingress("preview", rule("next.test", prefix("/", "next")))
    result = result_of(WEB, preview, canary(rule("a.test", prefix("/app", "next"))))
    assert otherwise(result) == [
        "its Service serves next.test/ of default/preview too, and there one of the two "
        "is not served"
    ]
    assert result.match("a.test", "/app/x").alternatives == (("default_next_80", 0.1),)
    assert result.match("next.test", "/").upstream == "default_next_80"


def test_a_canary_that_misses_one_rule_is_reported_for_the_others() -> None:
    result = result_of(WEB, canary(rule("a.test", prefix("/app", "next"), prefix("/lost", "next"))))
    assert otherwise(result) == [
        "it gets nothing there, as another of its rules belongs to no rule"
    ]
    apart = canary(rule("a.test", prefix("/app", "next"), prefix("/lost", "lost")))
    assert not otherwise(result_of(WEB, apart))
    elsewhere = rule("lost.test", prefix("/", "next"))
    found = canary(rule("a.test", prefix("/app", "next")), elsewhere)
    assert not otherwise(result_of(WEB, found)), "there a host without rules loses nothing"
    assert not otherwise(result_of(WEB, canary(rule("a.test", prefix("/app", "next")))))


def test_a_primary_without_endpoints_is_503_with_a_canary_too() -> None:
    objects = [WEB, service("web", 81), canary(rule("a.test", prefix("/app", "next")))]
    match = result_of(*objects).match("a.test", "/app/x")
    assert (match.status, match.upstream, match.alternatives) == (503, None, ())


def test_a_canary_keeps_out_of_the_primarys_tls() -> None:
    asked = canary(rule("a.test", prefix("/app", "next")))
    asked["spec"]["tls"] = [{"hosts": ["a.test"], "secretName": "x"}]
    assert result_of(WEB, asked).match("a.test", "/app/x").redirect is None


def test_a_protection_of_a_canary_is_told_once_and_no_error() -> None:
    more = {"auth_type": "basic", "auth_secret": "x", "configuration_snippet": "deny all;"}
    result = result_of(WEB, canary(rule("a.test", prefix("/app", "next")), **more))
    assert result.ok
    assert [d.code for d in result.diagnostics if d.code != "ING320"] == ["ING477", "ING478"]


def test_a_service_keeps_what_its_first_ingress_says() -> None:
    """By the age of the Ingresses, whichever way they name the port."""
    named = ingress(
        "named",
        rule("a.test", prefix("/n", "web", "http")),
        annotations=noted(load_balance="round_robin", upstream_hash_by="$uri"),
        created="2020-01-01T00:00:00Z",
    )
    numbered = ingress(
        "a",
        rule("a.test", prefix("/a", "web", 80)),
        annotations=noted(load_balance="ewma", service_upstream="false"),
        created="2021-01-01T00:00:00Z",
    )
    result = result_of(numbered, named, service("web", ("http", 80)))
    assert result.ir is not None
    (upstream,) = result.ir.upstreams
    kinds = {type(item) for item in upstream.features}
    assert kinds == {HashBy}
    assert not kinds & {LeastTime, ServiceAddress}
    (conflict,) = [d for d in result.diagnostics if d.code == "ING412"]
    assert "default/named" in conflict.message
    assert len(conflict.also) == 1


def test_a_route_names_both_of_its_upstreams() -> None:
    result = result_of(WEB, canary(rule("a.test", prefix("/app", "next"))))
    assert result.ir is not None
    routes: list[Route] = [r for host in result.ir.hosts for r in host.routes]
    (found,) = [r for r in routes if r.feature(Canary)]
    assert isinstance(found.action, Proxy)
    assert found.upstreams == ("default_web_80", "default_next_80")
