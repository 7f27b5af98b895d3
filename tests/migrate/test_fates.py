"""Each Ingress is counted once, and as what it is."""

from __future__ import annotations

import dataclasses

import pytest

from ingc.compiler import compile_documents
from ingc.diagnostics import Diagnostic, Origin, Severity, Sink
from ingc.diagnostics.catalogue.internal import HostNotProved
from ingc.load import Document
from ingc.migrate import Fate, assemble, prepare
from ingc.migrate.weighing import Topic, Weight
from ingc.options import Options
from tests.migrate.reports import fate_of, report, report_of, shop, web
from tests.objects import Object, exact, ingress, prefix, rule, specific

CASES: list[tuple[dict[str, str], Fate]] = [
    ({}, Fate.SAME),
    ({"proxy_read_timeout": "30"}, Fate.SAME),
    ({"rewrite_target": "/new"}, Fate.SAME),
    # Without effect, here or in both.
    ({"enable_opentelemetry": "true"}, Fate.DECISION),
    ({"no_such_name": "x"}, Fate.DECISION),
    ({"proxy_read_timeout": "30s"}, Fate.DECISION),
    ({"session_cookie_hash": "sha1"}, Fate.DECISION),
    ({"cors_allow_origin": "https://a.test"}, Fate.DECISION),
    # Otherwise than there.
    ({"load_balance": "ewma"}, Fate.DIFFERS),
    ({"custom_http_errors": "404"}, Fate.DECISION),
    # Not at all.
    ({"configuration_snippet": "deny all;"}, Fate.REFUSED),
    ({"enable_modsecurity": "true"}, Fate.REFUSED),
    ({"allowlist_source_range": "10.0.0.0/33"}, Fate.REFUSED),
    ({"auth_type": "basic", "auth_secret": "other/users"}, Fate.REFUSED),
]


@pytest.mark.parametrize(("annotations", "fate"), CASES, ids=str)
def test_annotations_decide(annotations: dict[str, str], fate: Fate) -> None:
    found = report([shop(**annotations), web()])
    assert fate_of(found) is fate
    assert found.count(fate) == len(found.ingresses) == 1


@pytest.mark.parametrize(
    ("annotations", "topic"),
    [
        ({"no-such-name": "x"}, Topic.IDLE),
        ({"session-cookie-hash": "sha1"}, Topic.IDLE),
        ({"enable-opentelemetry": "true"}, Topic.MODULES),
        ({"modsecurity-snippet": "SecRule X"}, Topic.MODULES),
        ({"auth-snippet": "return 403;"}, Topic.SNIPPETS),
        ({"load-balance": "ewma"}, Topic.BEHAVIOUR),
        ({"allowlist-source-range": "x"}, Topic.REFUSED),
    ],
)
def test_findings_stand_under_their_topics(annotations: dict[str, str], topic: Topic) -> None:
    found = report([shop(**annotations), web()])
    assert {item.topic for item in found.concerns} == {topic}


def test_a_departure_of_its_own_makes_an_ingress_different() -> None:
    # Below /a there is no path for what asks for nothing, where the annotation held there too.
    found = report([shop(prefix("/a", "web"), whitelist_source_range="10.0.0.0/8"), web()])
    assert fate_of(found) is Fate.DIFFERS
    (group,) = [item for item in found.departures if not item.general]
    assert group.kind == "where annotations hold"
    assert (group.showings[0].theirs[:3], group.showings[0].ours) == ("403", "404")
    assert group.showings[0].request.url.startswith("http://a.test/")


def test_what_concerns_everybody_makes_no_ingress_different() -> None:
    found = report([shop(), web()])
    assert any(item.general for item in found.departures)
    assert found.count(Fate.SAME) == 1
    assert found.unchanged


def test_an_ingress_that_is_refused_keeps_no_other_from_being_looked_at() -> None:
    good = shop(name="shop/good")
    good["spec"]["rules"][0]["host"] = "b.test"
    found = report([shop(server_snippet="return 403;"), good, web()])
    assert (fate_of(found), fate_of(found, "shop/good")) == (Fate.REFUSED, Fate.SAME)
    assert found.refused
    assert not found.unchanged


def test_quirks_are_kept_and_named() -> None:
    paths = (exact("/one", "web"), specific("/two(.*)", "web"))
    found = report([shop(*paths, use_regex="true"), web()])
    kept = {item.title: item.topic for item in found.concerns if item.weight is Weight.KEPT}
    assert "Paths are caseless regexes by use-regex, anchored at their start alone" in kept
    assert "Paths that no rule takes answer 404" in kept
    assert set(kept.values()) == {Topic.REGEX, Topic.ANSWERS}
    assert fate_of(found) is Fate.SAME


def test_regex_mode_that_spreads_to_another_ingress_is_named_there() -> None:
    other = shop(exact("/other", "web"), name="shop/other")
    found = report([shop(specific("/x/(.*)", "web"), use_regex="true"), other, web()])
    spread = [item for item in found.concerns if item.code == "ING415"]
    assert [at.spot.object for item in spread for at in item.spots] == ["shop/other"]
    assert any("shop/other too" in at.message for item in found.concerns for at in item.spots)


def test_path_types_that_leave_their_meaning_open_are_named() -> None:
    found = report([shop(specific("/app", "web")), web()])
    assert "ImplementationSpecific paths are taken as Prefix" in {
        item.title for item in found.concerns
    }


def test_hosts_that_namespaces_share_are_a_decision() -> None:
    def of(namespace: str, created: str, path: str) -> dict[str, object]:
        tls = [{"hosts": ["a.test"], "secretName": "a"}]
        rules = (rule("a.test", prefix(path, "web")),)
        return ingress("web", *rules, tls=tls, namespace=namespace, created=created)

    found = report(
        [
            of("old", "2023-01-01T00:00:00Z", "/"),
            of("young", "2024-01-01T00:00:00Z", "/x"),
            web("old"),
            web("young"),
        ]
    )
    (item,) = [item for item in found.concerns if item.topic is Topic.SHARED]
    assert (item.code, item.weight) == ("ING241", Weight.DECISION)
    assert [at.spot.object for at in item.spots] == ["young/web"]
    assert fate_of(found, "young/web") is Fate.DECISION
    assert fate_of(found, "old/web") is Fate.SAME


def test_a_host_of_another_namespace_is_named_where_nothing_changes() -> None:
    guest = shop(prefix("/x", "web"), name="young/web")
    guest["metadata"]["creationTimestamp"] = "2024-01-01T00:00:00Z"
    host = shop(name="old/web")
    host["metadata"]["creationTimestamp"] = "2023-01-01T00:00:00Z"
    found = report([host, guest, web("old"), web("young")])
    (item,) = [item for item in found.concerns if item.topic is Topic.SHARED]
    assert (item.weight, item.spots[0].spot.object) == (Weight.KEPT, "young/web")
    assert item.spots[0].message == "a.test: of namespace old"
    assert found.count(Fate.SAME) == 2


def test_a_secret_of_another_namespace_is_a_topic_of_its_own() -> None:
    found = report([shop(**{"auth-type": "basic", "auth-secret": "other/users"}), web()])
    (item,) = [item for item in found.concerns if item.weight is Weight.REFUSED]
    assert item.topic is Topic.ELSEWHERE
    assert "allow-cross-namespace-resources" in item.change


def test_objects_that_are_not_valid_are_counted_and_the_rest_is_reported() -> None:
    text = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: Not_A_Name, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {rules: [{host: a.test}]}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {rules: [{host: b.test}]}
---
- [
"""
    found = report_of(text)
    assert [(item.name, item.fate, item.spot.line) for item in found.ingresses] == [
        ("shop/Not_A_Name", Fate.UNREADABLE, 2),
        ("shop/web", Fate.SAME, 7),
        ("shop/web", Fate.UNREADABLE, 12),
    ]
    assert {gap.spot.line for gap in found.gaps} == {4, 15, 18}


def test_equal_copies_are_one_ingress() -> None:
    found = report([shop(), shop(), web()])
    assert [item.fate for item in found.ingresses] == [Fate.SAME]


def test_ingresses_of_other_controllers_are_left_out_and_counted() -> None:
    other = ingress("other", rule("b.test", prefix("/", "web")), class_name="traefik")
    found = report([shop(), other, web()])
    assert [item.name for item in found.ingresses] == ["shop/web"]
    assert found.passed_over == ("traefik (1)",)


def test_an_ingress_that_is_not_valid_and_of_another_controller_is_not_counted() -> None:
    def of(name: str, host: str, class_name: str) -> Object:
        return ingress(name, rule(host, prefix("/", "web")), class_name=class_name)

    other = [of("other", host, "traefik") for host in ("b.test", "c.test")]
    ours = [of("ours", host, "nginx") for host in ("d.test", "e.test")]
    found = report([shop(), *other, *ours, web()])
    assert [(item.name, item.fate) for item in found.ingresses if item.name != "shop/web"] == [
        ("default/ours", Fate.SAME),
        ("default/ours", Fate.UNREADABLE),
    ]


def test_namespaces_are_counted_those_with_most_to_do_first() -> None:
    bad = shop(name="late/web", server_snippet="return 403;")
    bad["spec"]["rules"][0]["host"] = "b.test"
    found = report([shop(), bad, web(), web("late")])
    assert [(item.namespace, item.same, item.decision) for item in found.namespaces] == [
        ("late", 0, 1),
        ("shop", 1, 0),
    ]


def test_an_input_without_any_ingress_is_a_report_too() -> None:
    found = report([web()])
    assert not found.ingresses
    assert found.command.startswith("ingc compile all.yaml")


def test_what_could_not_be_proved_does_not_count_as_the_same() -> None:
    other = shop(name="shop/other")
    other["spec"]["rules"][0]["host"] = "b.test"
    documents = [Document(item) for item in (shop(), other, web())]
    prepared = prepare(documents, Options())
    result = compile_documents(prepared.documents, Options(), Sink(), on_error="isolate")
    entry = HostNotProved(host="b.test", line=1, why="x", text="y")
    unproved = (*result.diagnostics, Diagnostic(entry, Origin(), Severity.ERROR))
    found = assemble(prepared, dataclasses.replace(result, diagnostics=unproved), ("-",))
    assert (fate_of(found), fate_of(found, "shop/other")) == (Fate.SAME, Fate.REFUSED)
    nothing = dataclasses.replace(result, ok=False, config=None)
    assert assemble(prepared, nothing, ("-",)).count(Fate.REFUSED) == 2
