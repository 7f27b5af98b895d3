"""What stands behind a Service: Service → EndpointSlice → Pod → Node, as far as the input goes."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.explain.compiled.pods import Member
from ingc.explain.story import Story
from ingc.explain.text import story_as_text
from tests.objects import Object, endpoint, path, rule
from tests.shop import ingress, service, slice_of

OWN = ingress("shop/web", rule("a.test", path("/", "web")))
READY = {"type": "Ready", "status": "True"}
UNREADY = {"type": "Ready", "status": "False", "reason": "ContainersNotReady", "message": "web"}
NODE_GONE = {"type": "Ready", "status": "Unknown", "reason": "NodeStatusUnknown"}


def pod(name: str, address: str = "", *ports: Object, **given: Any) -> Object:
    """A Pod labelled ``app: web`` on node ``n1``; ``given`` is its status."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "shop", "labels": {"app": "web", "x": "y"}},
        "spec": {"nodeName": "n1", "containers": [{"name": "web", "ports": list(ports)}]},
        "status": {
            "phase": "Running",
            "podIP": address or None,
            "conditions": [READY],
            **given,
        },
    }


def web(target: int | str = 8080, **spec: Any) -> Object:
    return service("web", {"port": 80, "targetPort": target}, selector={"app": "web"}, **spec)


def node(condition: Object) -> Object:
    status = {"conditions": [{"type": "DiskPressure", "status": "False"}, condition]}
    return {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}, "status": status}


def of_pod(address: str, name: str, **conditions: bool | None) -> Object:
    return {
        **endpoint(address, **conditions),
        "targetRef": {"kind": "Pod", "name": name, "namespace": "shop"},
        "nodeName": "n1",
    }


def tell(*objects: Object) -> Story:
    result = ingc.compile([OWN, *objects])
    assert result.ok, result.diagnostics
    return ingc.story(result, "http://a.test/")


def test_endpoints_come_with_their_pods_and_the_unready_ones_last() -> None:
    slices = slice_of(
        "web", of_pod("10.0.0.9", "a", ready=False), of_pod("10.0.0.2", "b"), "10.0.0.3"
    )
    story = tell(web(), slices)
    assert story.behind.members == (
        Member("", "10.0.0.3:8080", ""),
        Member("b", "10.0.0.2:8080", "n1"),
        Member("a", "10.0.0.9:8080", "n1", "its EndpointSlice says that it is not ready"),
    )
    text = story_as_text(story, color=False)
    assert "  pods      b at 10.0.0.2:8080 on n1\n            - a at 10.0.0.9:8080 on n1: " in text


def test_the_status_of_the_pod_says_why_it_is_not_ready() -> None:
    slices = slice_of("web", of_pod("10.0.0.9", "a", ready=False), "10.0.0.3")
    story = tell(web(), slices, pod("a", "10.0.0.9", conditions=[UNREADY]))
    assert story.behind.members[1].why_not == "it is not ready (ContainersNotReady: web)"


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({"phase": "Pending", "conditions": []}, "its phase is Pending"),
        ({"phase": "Failed"}, "it has ended (Failed)"),
        ({"conditions": [UNREADY]}, "it is not ready (ContainersNotReady: web)"),
        ({"conditions": [{"type": "Ready"}]}, "it is not ready"),
        ({}, ""),
        ({"conditions": []}, ""),
    ],
)
def test_pods_that_the_selector_chooses_where_there_is_no_slice(
    status: dict[str, Any], why: str
) -> None:
    story = tell(web(clusterIP="10.96.0.1"), pod("a", "10.0.0.1", **status))
    assert story.behind.members == (Member("a", "10.0.0.1:8080", "n1", why),)


def test_a_pod_that_no_slice_lists() -> None:
    story = tell(web(), slice_of("web", of_pod("10.0.0.1", "a")), pod("b", "10.0.0.2"))
    assert story.behind.members[1].why_not == "no EndpointSlice of the input lists it"


def test_a_named_port_that_a_pod_does_not_have() -> None:
    ports = {"name": "web", "containerPort": 8080}, {"containerPort": 9090}
    named = {"name": "http", "containerPort": 8081}
    objects = pod("a", "10.0.0.1", *ports), pod("b", "10.0.0.2", named), pod("c", "10.0.0.3")
    story = tell(web("http", clusterIP="10.96.0.1"), *objects)
    assert story.behind.members == (
        Member("b", "10.0.0.2:8081", "n1"),
        Member("a", "10.0.0.1", "n1", "it has no port named http; it has 8080 (web), 9090"),
        Member("c", "10.0.0.3", "n1", "it has no port named http; it has none"),
    )


def test_what_may_keep_a_chosen_endpoint_from_answering() -> None:
    slices = slice_of("web", of_pod("10.0.0.1", "a"))
    declared = pod("a", "10.0.0.1", {"containerPort": 3000})
    assert tell(web(), slices, declared).behind.members[0].doubt == (
        "its containers declare 3000, not 8080"
    )
    gone = tell(web(), slices, pod("a", "10.0.0.1"), node(NODE_GONE)).behind.members[0]
    assert gone.doubt == "Node n1: it is not ready (NodeStatusUnknown)"
    assert gone.why_not == ""
    assert tell(web(), slices, pod("a", "10.0.0.1"), node(READY)).behind.members[0].doubt == ""


def test_a_selector_that_chooses_no_pod() -> None:
    other = pod("a", "10.0.0.1")
    other["metadata"]["labels"] = {"app": "wed"}
    story = tell(web(clusterIP="10.96.0.1"), other)
    words = "the Service's selector app=web chooses not the one Pod of namespace shop"
    assert story.behind.unselected == words
    assert f"  pods      {words}\n" in story_as_text(story, color=False)
    assert tell(web(clusterIP="10.96.0.1")).behind.unselected == ""


def test_ipv6() -> None:
    slices = slice_of("web", of_pod("fd00::1", "a"))
    story = tell(web(), slices)
    assert story.behind.members == (Member("a", "[fd00::1]:8080", "n1"),)
    assert story.answer.backend is not None
    assert story.answer.backend.endpoints == ("[fd00::1]:8080",)


@pytest.mark.parametrize(
    "wrong",
    [
        {"spec": []},
        {"spec": {"containers": [{"ports": [{"containerPort": "http"}]}], "nodeName": 7}},
        {"status": "Running"},
        {"status": {"conditions": ["Ready"], "podIP": 10}},
        {"metadata": {"name": "UPPER", "namespace": "shop"}},
        {"metadata": {"name": 7}},
        {"metadata": []},
        {"apiVersion": "v2"},
    ],
)
def test_a_pod_that_is_no_pod_keeps_nothing_from_compiling(wrong: dict[str, Any]) -> None:
    broken = {**pod("a", "10.0.0.1"), **wrong}
    result = ingc.compile([OWN, web(clusterIP="10.96.0.1"), broken, {**broken, "x": 1}])
    assert result.ok
    assert not result.diagnostics
    assert ingc.story(result, "http://a.test/").answer.upstream == "shop_web_80"


def test_the_configuration_does_not_depend_on_pods_and_nodes() -> None:
    objects = [OWN, web(clusterIP="10.96.0.1")]
    with_pods = [*objects, pod("a", "10.0.0.1", conditions=[UNREADY]), node(NODE_GONE)]
    assert ingc.compile(with_pods).config == ingc.compile(objects).config
