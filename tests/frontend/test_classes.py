"""Which Ingresses are taken: field, annotation, IngressClass objects, options."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

import ingc
from tests.objects import Object, ingress_class, path, rule
from tests.shop import ingress, service

ANNOTATION = "kubernetes.io/ingress.class"
OURS, THEIRS = "k8s.io/ingress-nginx", "example.com/other"


def asking(field: str, annotation: str | None = None) -> Object:
    annotations = {} if annotation is None else {ANNOTATION: annotation}
    paths = rule("a.test", path("/", "web"))
    return ingress("web", paths, class_name=field, annotations=annotations)


def is_taken(asked: Object, *classes: Object, **options: Any) -> bool:
    result = ingc.compile([asked, *classes], ingc.Options(**options))
    codes = {d.code for d in result.diagnostics}
    assert result.ok
    taken = bool(result.routes)
    assert ("ING130" in codes) == ("ING131" in codes) == (not taken)
    return taken


WITHOUT_OBJECTS = [
    # field, annotation, options, taken
    ("", None, {}, True),
    ("nginx", None, {}, True),
    ("other", None, {}, False),
    ("NGINX".lower(), None, {}, True),
    ("", "nginx", {}, True),
    ("", "other", {}, False),
    ("", "Nginx", {}, False),
    ("", "", {}, False),  # present, but empty: as in ingress-nginx it does not match
    ("nginx", "nginx", {}, True),
    ("", None, {"ingress_class": ("nginx",)}, False),
    ("nginx", None, {"ingress_class": ("nginx",)}, True),
    ("nginx", None, {"ingress_class": ("other",)}, False),
    ("other", None, {"ingress_class": ("other",)}, True),
    ("", "other", {"ingress_class": ("other",)}, True),
    ("other", None, {"ingress_class": ("nginx", "other")}, True),
    ("nginx", None, {"ingress_class": ("nginx", "other")}, True),
    ("", None, {"ingress_class": ("other",), "watch_ingress_without_class": True}, True),
    ("nginx", None, {"ingress_class": ("other",), "watch_ingress_without_class": True}, False),
    ("", "nginx", {"ingress_class": ("other",), "watch_ingress_without_class": True}, False),
    ("", None, {"ingress_class": ("*",)}, True),
    ("other", None, {"ingress_class": ("*",)}, True),
    ("", "", {"ingress_class": ("*",)}, True),
    ("", "whatever it says", {"ingress_class": ("*",)}, True),
    ("", None, {"watch_ingress_without_class": True}, True),
    ("other", None, {"watch_ingress_without_class": True}, False),
]


@pytest.mark.parametrize(("field", "annotation", "options", "taken"), WITHOUT_OBJECTS)
def test_without_class_objects_the_name_decides(
    field: str, annotation: str | None, options: dict[str, Any], taken: bool
) -> None:
    assert is_taken(asking(field, annotation), **options) == taken


WITH_OBJECT = [
    # field, annotation, class object, options, taken
    ("nginx", None, ("nginx", OURS), {}, True),
    ("nginx", None, ("nginx", THEIRS), {}, False),
    ("public", None, ("public", OURS), {}, True),
    ("public", None, ("public", THEIRS), {}, False),
    ("", "public", ("public", OURS), {}, False),
    # an annotation is a name alone
    ("", "nginx", ("nginx", THEIRS), {}, True),
    ("", "mine", ("mine", THEIRS), {"ingress_class": ("mine",)}, True),
    ("", "public", ("public", THEIRS), {}, False),
    ("nginx", "nginx", ("nginx", THEIRS), {}, False),
    ("public", None, ("public", THEIRS), {"controller_class": THEIRS}, True),
    ("nginx", None, ("nginx", OURS), {"controller_class": THEIRS}, False),
    ("public", None, ("public", OURS), {"ingress_class": ("public",)}, True),
    ("public", None, ("public", OURS), {"ingress_class": ("nginx",)}, True),
    ("public", None, ("public", THEIRS), {"ingress_class": ("public",)}, False),
    ("public", None, ("public", THEIRS), {"ingress_class": ("*",)}, True),
    # the object of another class says nothing about this one
    ("nginx", None, ("public", OURS), {}, True),
    ("other", None, ("public", OURS), {}, False),
    ("", None, ("public", OURS), {}, False),
    ("", None, ("public", THEIRS), {"watch_ingress_without_class": True}, True),
    # by name, or by its controller: both are ours
    (
        "public",
        None,
        ("public", THEIRS),
        {"ingress_class": ("public",), "ingress_class_by_name": True},
        True,
    ),
    (
        "public",
        None,
        ("public", OURS),
        {"ingress_class": ("nginx",), "ingress_class_by_name": True},
        True,
    ),
    (
        "public",
        None,
        ("public", THEIRS),
        {"ingress_class": ("nginx",), "ingress_class_by_name": True},
        False,
    ),
    # --ingress-class is about the annotation where the object tells the controller
    (
        "public",
        None,
        ("public", THEIRS),
        {"ingress_class": ("nginx",), "controller_class": THEIRS},
        True,
    ),
]


@pytest.mark.parametrize(("field", "annotation", "known", "options", "taken"), WITH_OBJECT)
def test_a_class_object_decides_by_its_controller(
    field: str,
    annotation: str | None,
    known: tuple[str, str],
    options: dict[str, Any],
    taken: bool,
) -> None:
    assert is_taken(asking(field, annotation), ingress_class(*known), **options) == taken


WITH_DEFAULT = [
    # controller of the default class, field, annotation, options, taken
    (OURS, "", None, {}, True),
    (THEIRS, "", None, {}, False),
    (THEIRS, "nginx", None, {}, True),
    (THEIRS, "", "nginx", {}, True),
    (OURS, "", "other", {}, False),
    (OURS, "", None, {"ingress_class": ("marked",)}, True),
    (OURS, "", None, {"ingress_class": ("nginx",)}, True),
    (THEIRS, "", None, {"watch_ingress_without_class": True}, False),
]


@pytest.mark.parametrize(("controller", "field", "annotation", "options", "taken"), WITH_DEFAULT)
def test_the_default_class_is_that_of_ingresses_without_one(
    controller: str, field: str, annotation: str | None, options: dict[str, Any], taken: bool
) -> None:
    marked = ingress_class("marked", controller, default=True)
    assert is_taken(asking(field, annotation), marked, **options) == taken


def test_of_two_default_classes_the_first_by_name_counts() -> None:
    classes = [
        ingress_class("a", THEIRS, default=True),
        ingress_class("b", OURS, default=True),
    ]
    assert not is_taken(asking(""), *classes)
    assert not is_taken(asking(""), *reversed(classes))


def test_a_class_without_a_controller_is_judged_by_name() -> None:
    bare = ingress_class("nginx", "")
    result = ingc.compile([asking("nginx"), bare])
    assert result.ok
    assert result.routes
    assert "ING132" in {d.code for d in result.diagnostics}


def test_a_marker_other_than_true_marks_nothing() -> None:
    marked = ingress_class("marked", OURS, default=True)
    assert is_taken(asking(""), marked)
    marked["metadata"]["annotations"]["ingressclass.kubernetes.io/is-default-class"] = "false"
    assert not is_taken(asking(""), marked)


def test_what_is_passed_over_is_reported_once_with_all_classes() -> None:
    asked = [
        ingress("a", rule("a.test", path("/", "web"))),
        ingress("b", rule("b.test", path("/", "web")), class_name="traefik"),
        ingress("c", rule("c.test", path("/", "web")), class_name="traefik"),
        ingress("d", rule("d.test", path("/", "web")), annotations={ANNOTATION: "haproxy"}),
    ]
    result = ingc.compile(asked)
    (note,) = [d for d in result.diagnostics if d.code == "ING130"]
    assert "haproxy (1), traefik (2)" in note.message
    assert {row.host for row in result.routes} == {"a.test"}


def test_nothing_selected_answers_404_and_lists_the_classes() -> None:
    result = ingc.compile([asking("traefik")])
    (note,) = [d for d in result.diagnostics if d.code == "ING131"]
    assert "traefik (1)" in note.message
    assert result.ok
    assert result.match("a.test", "/").status == 404


def test_findings_in_ingresses_that_are_passed_over_still_count() -> None:
    other = asking("traefik")
    other["spec"]["rules"][0]["host"] = "Not.a.host"
    result = ingc.compile([other])
    assert [d.code for d in result.errors] == ["ING201"]


def test_a_class_by_name_needs_no_controller_of_ours() -> None:
    classes = [ingress_class("edge", THEIRS)]
    asked = asking("edge")
    assert not is_taken(asked, *classes, ingress_class=("edge",))
    assert is_taken(asked, *classes, ingress_class=("edge",), ingress_class_by_name=True)
    assert not is_taken(asked, *classes, ingress_class=("other",), ingress_class_by_name=True)


@pytest.mark.parametrize(
    ("options", "hosts"),
    [
        ({}, {"a.test", "b.test"}),
        ({"watch_namespace": "default"}, set()),
        ({"watch_namespace": "shop"}, {"a.test", "b.test"}),
        ({"disable_catch_all": True}, {"a.test"}),
    ],
)
def test_options_that_leave_ingresses_out(options: dict[str, Any], hosts: set[str]) -> None:
    web = {"service": {"name": "web", "port": {"number": 80}}}
    plain = ingress("plain", rule("a.test", path("/", "web")))
    catching = ingress("catching", rule("b.test", path("/", "web")), default=web)
    result = ingc.compile([plain, catching], ingc.Options(**options))
    assert {row.host for row in result.routes if row.host} == hosts
    left_out = [item for item in result.diagnostics if item.code == "ING133"]
    assert bool(left_out) == (len(hosts) < 2)


def test_external_names_can_be_kept_out() -> None:
    objects = [
        ingress("web", rule("a.test", path("/", "web"))),
        service("web", type="ExternalName", externalName="web.example.org"),
    ]
    accepted = ingc.Options(resolve_at_start=("web.example.org",))
    options = dataclasses.replace(accepted, disable_svc_external_name=True)
    assert ingc.compile(objects, accepted).routes[0].answer is None
    kept_out = ingc.compile(objects, options)
    assert kept_out.routes[0].answer == 503
    assert "ING316" in {item.code for item in kept_out.diagnostics}


@pytest.mark.parametrize(
    ("objects", "options", "fix"),
    [
        ([], {}, "add Ingress objects to the input"),
        ([asking("traefik")], {}, "pass --ingress-class"),
        ([asking("nginx")], {"watch_namespace": "other"}, "leave out --watch-namespace"),
    ],
)
def test_what_to_do_about_nothing_selected(
    objects: list[Object], options: dict[str, Any], fix: str
) -> None:
    result = ingc.compile(objects, ingc.Options(**options))
    (note,) = [d for d in result.diagnostics if d.code == "ING131"]
    assert note.help.startswith(fix)


SELECTED = [
    # selector, labels of the namespace, taken
    ("env=prod", {"env": "prod"}, True),
    ("env==prod", {"env": "prod"}, True),
    ("env = prod", {"env": "test"}, False),
    ("env=prod", {}, False),
    ("env=", {"env": ""}, True),
    ("env=", {}, False),
    ("env!=prod", {"env": "prod"}, False),
    ("env!=prod", {"env": "test"}, True),
    ("env!=prod", {}, True),
    ("env in (prod,test)", {"env": "test"}, True),
    ("env in(prod)", {"env": "test"}, False),
    ("env notin (prod, test)", {"env": "test"}, False),
    ("env notin (prod, test)", {}, True),
    ("env", {"env": ""}, True),
    ("env", {}, False),
    ("!env", {"env": "prod"}, False),
    ("! env", {}, True),
    ("env=prod,!old", {"env": "prod"}, True),
    ("env=prod , !old", {"env": "prod", "old": "1"}, False),
    ("example.com/env=prod", {"example.com/env": "prod"}, True),
    ("in,notin in (in)", {"in": "", "notin": "in"}, True),
    ("kubernetes.io/metadata.name=shop,env", {"env": ""}, True),
    ("kubernetes.io/metadata.name=other", {"kubernetes.io/metadata.name": "other"}, False),
]


def namespace(labels: object) -> Object:
    metadata = {"name": "shop", "labels": labels}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


@pytest.mark.parametrize(("selector", "labels", "taken"), SELECTED)
def test_a_selector_takes_the_ingresses_of_some_namespaces(
    selector: str, labels: dict[str, str], taken: bool
) -> None:
    options = ingc.Options(watch_namespace_selector=selector)
    result = ingc.compile([asking("nginx"), namespace(labels)], options)
    codes = {d.code for d in result.diagnostics}
    assert bool(result.routes) == taken
    assert ("ING133" in codes) == (not taken)
    assert "ING144" not in codes


@pytest.mark.parametrize("selector", ["!closed", "closed!=yes", "env=prod", "kubernetes.io/a"])
def test_namespaces_with_unknown_labels_are_left_out(selector: str) -> None:
    options = ingc.Options(watch_namespace_selector=selector)
    broken = namespace({"closed": 1})
    for objects in ([asking("nginx"), asking("nginx")], [asking("nginx"), broken]):
        result = ingc.compile(objects, options, on_error="isolate")
        assert not result.routes
        (told,) = [d for d in result.diagnostics if d.code == "ING144"]
        assert "shop" in told.message


def test_the_name_of_a_namespace_needs_no_object() -> None:
    options = ingc.Options(watch_namespace_selector="kubernetes.io/metadata.name in (shop,blog)")
    result = ingc.compile([asking("nginx")], options)
    assert result.routes


def test_what_is_passed_over_is_named_with_whose_it_is() -> None:
    result = ingc.compile([asking("public"), ingress_class("public", THEIRS)], ingc.Options())
    (note,) = (d for d in result.diagnostics if d.code == "ING130")
    assert note.message == f"passed over Ingresses of other classes (1): public of {THEIRS} (1)"
