"""`ingc.Result.ingresses`: taken, passed over or broken, ready for status and Events."""

from __future__ import annotations

import copy
import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest

import ingc
from tests.objects import Object, path, rule
from tests.shop import ingress, service

SERVICE = service("web", clusterIP="10.96.0.1")
PREFIX = "nginx.ingress.kubernetes.io/"


def _web(name: str = "web", host: str = "a.test", **more: Any) -> Object:
    return ingress(name, rule(host, path("/", "web"), path("/cart", "web")), **more)


def _one(*objects: Object, **options: Any) -> ingc.IngressReport:
    (report,) = ingc.compile([*objects, SERVICE], ingc.Options(**options)).ingresses
    return report


def test_one_that_is_taken() -> None:
    web = _web()
    web["metadata"]["uid"] = "1-2-3"
    result = ingc.compile([web, SERVICE])
    (report,) = result.ingresses
    assert (report.state, report.why) == ("taken", "")
    assert (report.kind, report.namespace, report.name) == ("Ingress", "shop", "web")
    assert report.hosts == ("a.test",)
    assert report.routes == result.routes
    assert [row.path for row in report.routes] == ["/cart", "/"]
    assert report.diagnostics == report.events == ()
    assert report.reference == {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "namespace": "shop",
        "name": "web",
        "uid": "1-2-3",
    }


def test_each_has_its_own_in_the_order_of_the_input() -> None:
    second = ingress("b", rule("b.test", path("/", "web")), rule(None, path("/x", "web")))
    result = ingc.compile([_web("z"), second, _web("c", "b.test"), SERVICE])
    assert [report.name for report in result.ingresses] == ["z", "b", "c"]
    z, b, c = result.ingresses
    assert b.hosts == ("b.test", "")
    assert {row.ingress for row in z.routes} == {"shop/z"}
    assert {(row.host, row.path) for row in b.routes} == {("b.test", "/"), (None, "/x")}
    assert [(row.path, bool(row.dead)) for row in c.routes] == [("/cart", False), ("/", True)]
    assert sum(len(report.routes) for report in result.ingresses) == len(result.routes)


def test_without_a_uid_a_reference_has_none() -> None:
    assert "uid" not in _one(_web()).reference


@pytest.mark.parametrize(
    ("more", "options", "why"),
    [
        ({"class_name": "other"}, {}, "its class is other"),
        ({}, {"ingress_class": ("nginx",)}, "it has no class"),
        ({}, {"watch_namespace": "elsewhere"}, "left out by --watch-namespace"),
    ],
)
def test_one_that_is_passed_over_says_why(more: Any, options: Any, why: str) -> None:
    report = _one(_web(**more), **options)
    assert (report.state, report.why) == ("passed over", why)
    assert (report.hosts, report.routes) == (("a.test",), ())


def test_one_that_is_broken_loses_its_routes_alone() -> None:
    bad = _web("bad", "Bad.test")
    for on_error in ("fail", "isolate"):
        good, broken = ingc.compile([_web(), bad, SERVICE], on_error=on_error).ingresses
        assert good.state == "taken"
        assert broken.state == "broken"
        (found,) = broken.diagnostics
        assert found.code == "ING201"
        assert broken.why == found.message


def test_an_annotation_that_can_not_be_read_breaks_it() -> None:
    report = _one(_web(annotations={f"{PREFIX}whitelist-source-range": "soon"}))
    assert report.state == "broken"
    assert "soon" in report.why


def test_a_warning_leaves_it_taken_and_becomes_an_event() -> None:
    web = ingress("web", rule("a.test", path("/", "wbe")))
    report = _one(web)
    assert report.state == "taken"
    (event,) = report.events
    (found,) = report.diagnostics
    assert event.type == "Warning"
    assert event.reason == type(found.entry).__name__
    assert event.message.startswith(f"{found.code} spec.rules[0].http.paths[0].backend")
    assert found.help in event.message


def test_a_note_is_no_event() -> None:
    old = copy.deepcopy(_web())
    old["apiVersion"] = "networking.k8s.io/v1beta1"
    for way in old["spec"]["rules"][0]["http"]["paths"]:
        way["backend"] = {"serviceName": "web", "servicePort": 80}
    report = _one(old)
    assert [item.severity for item in report.diagnostics] == [ingc.Severity.NOTE]
    assert report.events == ()
    assert report.api_version == report.reference["apiVersion"] == "networking.k8s.io/v1beta1"


def test_an_event_is_as_long_as_the_api_server_takes() -> None:
    report = _one(ingress("web", rule("a.test", path("/a/../" + "ü" * 900, "web"))))
    (found,), (event,) = report.diagnostics, report.events
    assert len(found.message.encode()) > 1024
    assert 1020 < len(event.message.encode()) <= 1024
    assert event.message.endswith("ü…")


def test_it_is_worked_out_when_it_is_needed_and_once() -> None:
    result = ingc.compile([_web(), SERVICE])
    assert "ingresses" not in vars(result)
    assert result.ingresses is result.ingresses
    assert dataclasses.replace(result, store=None).ingresses == ()


def _events(*objects: Object, **options: Any) -> dict[str, list[str]]:
    """Return the reasons of the Events, by the object's reference as text."""
    found = ingc.compile(objects, ingc.Options(**options), on_error="isolate").events
    return {
        " ".join(item.reference.values()): [event.reason for event in item.events] for item in found
    }


def test_events_are_those_of_the_reports_and_of_what_is_used() -> None:
    web, bad = _web(), service("web", clusterIP="10.96.0.1")
    web["metadata"]["uid"] = "u1"
    bad["metadata"] |= {"uid": "u2", "annotations": {f"{PREFIX}rewrite-target": "/"}}
    bad["spec"]["ports"] = [{"port": "http"}]
    found = _events(web, bad)
    assert found["v1 Service shop web u2"] == ["FieldWrongType"]
    missing = _events(ingress("web", rule("a.test", path("/", "wbe"))), SERVICE)
    assert missing == {"networking.k8s.io/v1 Ingress shop web": ["ServiceNotInInput"]}


def test_of_one_that_is_passed_over_nothing_is_reported() -> None:
    other = ingress("web", rule("a.test", path("/", "wbe")), rule("B.test"), class_name="other")
    assert ingc.compile([other, SERVICE]).errors
    assert _events(other, SERVICE) == {}


def test_notes_and_what_is_of_no_object_are_no_events() -> None:
    result = ingc.compile([ingress("web", rule("a.test", path("/", "wbe")))])
    assert {item.object for item in result.diagnostics} == {None}
    assert result.events == ()
    assert dataclasses.replace(result, store=None).events == ()


def test_an_event_is_an_object_of_the_api() -> None:
    event = ingc.IngressEvent("Warning", "HostInvalid", "ING201 no")
    reference = {"apiVersion": "v1", "kind": "Service", "namespace": "shop", "name": "w" * 250}
    made = ingc.event_object(reference, event, controller="example.com/mine", instance="pod-1")
    assert datetime.fromisoformat(made.pop("eventTime")).tzinfo == UTC
    assert made == {
        "apiVersion": "events.k8s.io/v1",
        "kind": "Event",
        "metadata": {"namespace": "shop", "generateName": f"{'w' * 200}-"},
        "type": "Warning",
        "reason": "HostInvalid",
        "note": "ING201 no",
        "action": "Compile",
        "regarding": reference,
        "reportingController": "example.com/mine",
        "reportingInstance": "pod-1",
    }
    del reference["namespace"]
    named = ingc.event_object(reference, event, controller="a", instance="b", name="one")
    assert named["metadata"] == {"namespace": "default", "name": "one"}
