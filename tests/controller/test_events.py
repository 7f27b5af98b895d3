"""`ingc.controller.events`: one Event of each cause, counted, renewed, and not too many."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

import ingc
from ingc.controller.api import ApiError
from ingc.controller.events import EventCause, EventWriter, by_name, causes_of, taken
from tests.controller.fake_api import Clock, FakeApi, Leader
from tests.objects import path, rule
from tests.shop import ingress, service

EVENTS = "/apis/events.k8s.io/v1/namespaces/shop/events"
WEB = {"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "namespace": "shop", "name": "web"}


def _cause(note: str = "ING1 no", **given: Any) -> EventCause:
    return EventCause({**WEB, "uid": "u1"}, "Warning", "Broken", note, **given)


def _writer(api: FakeApi, clock: Clock | None = None, leader: Leader | None = None) -> EventWriter:
    return EventWriter(api, leader or Leader(), "pod-1", per_second=1e9, clock=clock or Clock())


def _write(writer: EventWriter, *causes: EventCause) -> bool:
    return asyncio.run(writer.write(by_name(causes)))


def _only(api: FakeApi) -> dict[str, Any]:
    (event,) = api.objects.values()
    return event


def test_an_event_has_what_the_api_demands() -> None:
    api = FakeApi()
    assert _write(_writer(api), _cause())
    event = _only(api)
    assert datetime.fromisoformat(event["eventTime"]).tzinfo == UTC
    assert {key: event[key] for key in ("type", "reason", "note", "action", "regarding")} == {
        "type": "Warning",
        "reason": "Broken",
        "note": "ING1 no",
        "action": "Compile",
        "regarding": {**WEB, "uid": "u1"},
    }
    assert (event["reportingController"], event["reportingInstance"]) == ("ingc", "pod-1")
    assert event["metadata"]["namespace"] == "shop"
    assert "series" not in event


def test_one_that_lasts_is_written_again_before_the_server_drops_it() -> None:
    api, clock = FakeApi(), Clock()
    writer = _writer(api, clock)
    _write(writer, _cause())
    for _ in range(3):
        clock.now += 599
        _write(writer, _cause())
    assert len(api.writes) == 1
    clock.now += 10
    _write(writer, _cause())
    assert _only(api)["series"]["count"] == 2
    clock.now += 1800
    _write(writer, _cause())
    assert _only(api)["series"]["count"] == 3


def test_one_that_the_server_has_dropped_is_created_again() -> None:
    api, clock = FakeApi(), Clock()
    writer = _writer(api, clock)
    _write(writer, _cause())
    api.objects.clear()
    clock.now += 1800
    assert _write(writer, _cause())
    assert "series" not in _only(api)


def test_one_that_comes_and_goes_is_counted_and_written_once_a_minute() -> None:
    api, clock = FakeApi(), Clock()
    writer = _writer(api, clock)
    _write(writer, _cause())
    for _ in range(20):
        clock.now += 2
        _write(writer)
        clock.now += 1
        _write(writer, _cause())
    assert len(api.writes) == 2
    assert _only(api)["series"]["count"] == 21
    clock.now += 60
    _write(writer, _cause())
    assert len(api.writes) == 2
    assert _only(api)["series"]["count"] == 21


def test_what_is_not_yet_written_of_one_that_comes_and_goes_is_written_later() -> None:
    api, clock = FakeApi(), Clock()
    writer = _writer(api, clock)
    _write(writer, _cause())
    _write(writer)
    _write(writer, _cause())
    assert len(api.writes) == 1
    clock.now += 60
    _write(writer, _cause())
    assert _only(api)["series"]["count"] == 2


def test_another_replica_goes_on_with_the_same_event() -> None:
    api, clock = FakeApi(), Clock()
    first, second = _writer(api, clock), _writer(api, clock)
    _write(first, _cause())
    clock.now += 1800
    _write(first, _cause())
    assert _write(second, _cause())
    assert _only(api)["series"]["count"] == 2
    clock.now += 1800
    _write(second, _cause())
    assert _only(api)["series"]["count"] == 3
    assert _only(api)["reportingInstance"] == "pod-1"


def test_another_object_of_the_same_name_has_its_own() -> None:
    api = FakeApi()
    later = EventCause({**WEB, "uid": "u2"}, "Warning", "Broken", "ING1 no")
    _write(_writer(api), _cause(), later, _cause("ING1 else"))
    assert len(api.objects) == 3


@pytest.mark.parametrize("name", ["a" * 253, "a" * 199 + "." + "b" * 53, "web"])
def test_the_name_of_an_event_is_one_of_a_subdomain(name: str) -> None:
    made = EventCause({**WEB, "name": name}, "Normal", "Taken", "yes").name
    assert len(made) <= 253
    assert all(label and label[0] != "-" and label[-1] != "-" for label in made.split("."))


def test_an_object_that_changes_its_mind_all_the_time_has_few_events() -> None:
    api, clock = FakeApi(), Clock()
    writer = _writer(api, clock)
    for number in range(100):
        clock.now += 1
        _write(writer, _cause(f"ING1 {number}"))
    assert len(api.objects) == 24
    clock.now += 300
    _write(writer, _cause("ING1 last"))
    assert len(api.objects) == 25
    other = EventCause({**WEB, "name": "other"}, "Warning", "Broken", "ING1 no")
    _write(writer, other)
    assert len(api.objects) == 26


def test_one_taken_is_reported_once() -> None:
    objects = [ingress("web", rule("a.test", path("/", "web")), rule(None, path("/", "web")))]
    objects[0]["metadata"]["uid"] = "u1"
    (report,) = ingc.compile([*objects, service("web", clusterIP="10.0.0.1")]).ingresses
    api, clock = FakeApi(), Clock()
    writer = _writer(api, clock)
    for _ in range(3):
        clock.now += 1800
        _write(writer, taken(report))
    event = _only(api)
    assert len(api.writes) == 1
    assert (event["type"], event["reason"]) == ("Normal", "Taken")
    assert event["note"] == "nginx serves 2 routes of a.test, every other host"
    assert event["regarding"]["uid"] == "u1"


def _events_of(services: int) -> tuple[ingc.ObjectEvents, ...]:
    rules = [rule("a.test", *(path(f"/{n}", f"none{n}") for n in range(services)))]
    return ingc.compile([ingress("web", *rules), service("web", clusterIP="10.0.0.1")]).events


def test_of_many_causes_of_an_object_the_last_counts_the_rest() -> None:
    causes = causes_of(_events_of(30))
    assert len(causes) == 8
    assert all(cause.note.startswith("ING311 ") for cause in causes[:7])
    assert causes[7].reason == "MoreFindings"
    assert causes[7].note == "23 more findings: ING311 (23)"
    assert {cause.reason for cause in causes_of(_events_of(8))} == {"ServiceNotInInput"}
    assert len(causes_of(_events_of(8))) == 8


def test_a_kind_without_a_uid_in_the_result_is_looked_up() -> None:
    reference = {"apiVersion": "v1", "kind": "Secret", "namespace": "shop", "name": "tls"}
    secret = {"metadata": {"name": "tls", "uid": "u7"}}
    api = FakeApi(("/api/v1/namespaces/shop/secrets", secret))
    _write(_writer(api), EventCause(reference, "Warning", "Broken", "ING1 no"))
    (event,) = (value for name, value in api.objects.items() if name.startswith(EVENTS))
    assert event["regarding"]["uid"] == "u7"


def test_one_of_a_cluster_wide_object_lies_in_default() -> None:
    reference = {"apiVersion": "networking.k8s.io/v1", "kind": "IngressClass", "name": "nginx"}
    api = FakeApi()
    _write(_writer(api), EventCause(reference, "Warning", "Broken", "ING1 no"))
    (name,) = api.objects
    assert name.startswith("/apis/events.k8s.io/v1/namespaces/default/events/nginx.")


@pytest.mark.parametrize(
    ("status", "again"), [(500, True), (429, True), (403, False), (422, False)]
)
def test_what_is_refused_is_tried_again_where_that_helps(status: int, again: bool) -> None:
    api = FakeApi()

    def refuse(method: str, path: str) -> None:
        if "web." in path or method == "POST":
            raise ApiError(status, "no")

    api.before = refuse
    writer = _writer(api)
    for _ in range(100):
        assert _write(writer, _cause()) is not again
    assert len(api.writes) == (100 if again else 1)
    api.before = lambda *_: None
    _write(writer, _cause())
    assert len(api.objects) == again


def test_nothing_is_written_once_the_lease_is_lost() -> None:
    api, leader = FakeApi(), Leader()
    leader.confirmations = 1
    causes = [
        EventCause({**WEB, "name": f"w{n}"}, "Warning", "Broken", "ING1 no") for n in range(40)
    ]
    assert not _write(_writer(api, leader=leader), *causes)
    assert len(api.objects) == 16
