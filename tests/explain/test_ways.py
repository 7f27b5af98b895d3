"""By which way a Service is reached, and why by none."""

from __future__ import annotations

import pytest

import ingc
from ingc.explain.compiled.pods import Member
from ingc.explain.story import Story
from ingc.explain.text import story_as_text
from ingc.options import BackendMode
from tests.objects import Object, path, rule
from tests.shop import ingress, service, slice_of
from tests.ways import balanced, node, pod, web

OWN = ingress("shop/web", rule("a.test", path("/", "web")))


def tell(*objects: Object, mode: BackendMode = "auto") -> Story:
    result = ingc.compile([OWN, *objects], ingc.Options(backends=mode))
    assert result.ok, result.diagnostics
    return ingc.story(result, "http://a.test/")


def test_nodes_and_those_that_are_left_out() -> None:
    found = web(node_port=30080, type="NodePort", mode="node-port")
    story = tell(found, node("n1", "192.0.2.1", ready=False), node("n2", "192.0.2.2"), pod("a"))
    assert story.behind.members == (
        Member("", "192.0.2.2:30080", "n2"),
        Member("", "192.0.2.1:30080", "n1", "it is not ready (ContainersNotReady)"),
    )
    assert (
        "  to        192.0.2.2:30080\n"
        "  way       node-port, by the annotation ingc/backends of Service shop/web\n"
        "  nodes     192.0.2.2:30080 on n2\n"
        "            - 192.0.2.1:30080 on n1: it is not ready (ContainersNotReady)\n"
    ) in story_as_text(story, color=False)


def test_pods_and_why_one_gets_nothing() -> None:
    objects = web(clusterIP="10.96.0.1"), pod("a", "10.0.0.1", "fd00::1"), pod("b", "10.0.0.2")
    story = tell(*objects, pod("c", terminating=True), slice_of("web", "10.0.0.9"), mode="pods")
    assert story.behind.members == (
        Member("a", "10.0.0.1:8080", ""),
        Member("b", "10.0.0.2:8080", ""),
        Member("c", "", "", "it is terminating"),
    )
    assert "  way       pods, by --backends\n" in story_as_text(story, color=False)


@pytest.mark.parametrize(
    ("found", "mode", "why"),
    [
        (web(type="LoadBalancer"), "load-balancer", "its load balancer is pending"),
        (web(node_port=30080, type="NodePort"), "node-port", "the input has no Node"),
        (web(), "host-port", "chooses none of the input's Pods"),
        (web(), "external-ips", "it has no externalIPs"),
    ],
)
def test_why_there_is_no_way(found: Object, mode: BackendMode, why: str) -> None:
    text = story_as_text(tell(found, mode=mode), color=False)
    assert "  answer    503\n" in text
    assert why in text
    assert f"  way       {mode}, by --backends\n" in text


def test_nodes_of_which_none_is_used() -> None:
    story = tell(web(node_port=30080, type="NodePort"), node("n1"), mode="node-port")
    text = story_as_text(story, color=False)
    assert "  nodes     - n1: it has no address of type InternalIP\n" in text


def test_a_load_balancer_and_its_port_that_failed() -> None:
    status = balanced("198.51.100.1")
    status["loadBalancer"]["ingress"].append(
        {"ip": "198.51.100.2", "ports": [{"port": 80, "error": "NoRoom"}]}
    )
    story = tell(web(type="LoadBalancer", status=status), mode="load-balancer")
    text = story_as_text(story, color=False)
    assert "to        198.51.100.1:80\n" in text
    assert "- 198.51.100.2:80: it does not serve the port (NoRoom)" in text


@pytest.mark.parametrize("mode", ["endpoints", "cluster-ip"])
def test_other_modes_are_named_where_they_are_asked_for(mode: BackendMode) -> None:
    objects = service("web", clusterIP="10.96.0.1"), slice_of("web", "10.0.0.1")
    assert f"way       {mode}, by --backends\n" in story_as_text(
        tell(*objects, mode=mode), color=False
    )
    assert "  way " not in story_as_text(tell(*objects), color=False)
