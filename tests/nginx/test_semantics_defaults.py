"""Default backends, never ahead of a rule that matches, and the choice of Ingresses by class."""

from __future__ import annotations

from ingc.nginx import Nginx
from tests.nginx.test_semantics_hosts import NEW, OLD, check
from tests.objects import ingress, ingress_class, prefix, rule


def test_default_backend_of_an_ingress_with_rules(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("web", rule("a.test", prefix("/foo", "foo")), default="mine"),
            ingress("other", rule("b.test", prefix("/foo", "bar"))),
        ],
        {
            "a.test/foo": "foo",
            "a.test/x": "mine",
            "a.test/": "mine",
            "a.test/foobar": "mine",
            "b.test/x": "404",
            "c.test/x": "404",
        },
    )


def test_default_backend_of_an_ingress_without_rules(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("catch", default="all"),
            ingress("web", rule("a.test", prefix("/foo", "foo"))),
        ],
        {"c.test/x": "all", "c.test/": "all", "a.test/foo": "foo", "a.test/x": "404"},
    )


def test_default_backend_is_never_ahead_of_a_rule_without_a_host(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("catch", default="all", created=OLD),
            ingress("any", rule(None, prefix("/foo", "any")), created=NEW),
        ],
        {"c.test/foo": "any", "c.test/x": "all"},
    )


def test_default_backend_beside_rules_without_a_host(nginx: Nginx) -> None:
    both = ingress("any", rule(None, prefix("/foo", "any")), default="mine")
    check(nginx, [both], {"c.test/foo": "any", "c.test/x": "mine"})


def test_of_several_default_backends_the_first_counts(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("none", rule("a.test", prefix("/foo", "foo")), created=OLD),
            ingress("late", rule("a.test"), default="late"),
            ingress("first", rule("a.test"), default="first", created=NEW),
        ],
        {"a.test/x": "first"},
    )


def test_default_backend_of_a_wildcard_host(nginx: Nginx) -> None:
    check(
        nginx,
        [ingress("web", rule("*.a.test", prefix("/foo", "foo")), default="mine")],
        {"x.a.test/foo": "foo", "x.a.test/x": "mine", "x.y.a.test/x": "404", "a.test/": "404"},
    )


def test_the_global_default_backend(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress("web", rule("a.test", prefix("/foo", "foo"))),
            ingress("own", rule("b.test", prefix("/foo", "foo")), default="mine"),
        ],
        {
            "a.test/foo": "foo",
            "a.test/x": "everything",
            "b.test/x": "mine",
            "c.test/x": "everything",
        },
        default_backend_service="default/everything:80",
    )


def test_by_default_nginx_and_no_class(nginx: Nginx) -> None:
    old = {"kubernetes.io/ingress.class": "nginx"}
    other = {"kubernetes.io/ingress.class": "traefik"}
    check(
        nginx,
        [
            ingress("none", rule("none.test", prefix("/", "none"))),
            ingress("ours", rule("ours.test", prefix("/", "ours")), class_name="nginx"),
            ingress("theirs", rule("theirs.test", prefix("/", "theirs")), class_name="traefik"),
            ingress("old", rule("old.test", prefix("/", "old")), annotations=old),
            ingress("away", rule("away.test", prefix("/", "away")), annotations=other),
        ],
        {
            "none.test": "none",
            "ours.test": "ours",
            "theirs.test": "404",
            "old.test": "old",
            "away.test": "404",
        },
    )


def test_the_controller_of_the_class_decides(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress_class("internal", "k8s.io/ingress-nginx"),
            ingress_class("nginx", "traefik.io/ingress-controller"),
            ingress("in", rule("in.test", prefix("/", "in")), class_name="internal"),
            ingress("out", rule("out.test", prefix("/", "out")), class_name="nginx"),
        ],
        {"in.test": "in", "out.test": "404"},
    )


def test_the_class_marked_as_default(nginx: Nginx) -> None:
    check(
        nginx,
        [
            ingress_class("other", "example.com/other", default=True),
            ingress("none", rule("none.test", prefix("/", "none"))),
        ],
        {"none.test": "404"},
    )


def test_classes_that_are_asked_for(nginx: Nginx) -> None:
    objects = [
        ingress("none", rule("none.test", prefix("/", "none"))),
        ingress("mine", rule("mine.test", prefix("/", "mine")), class_name="mine"),
        ingress("ours", rule("ours.test", prefix("/", "ours")), class_name="nginx"),
    ]
    mine = {"none.test": "404", "mine.test": "mine", "ours.test": "404"}
    check(nginx, objects, mine, ingress_class=("mine",))
    check(
        nginx,
        objects,
        {**mine, "none.test": "none"},
        ingress_class=("mine",),
        watch_ingress_without_class=True,
    )
    every = {"none.test": "none", "mine.test": "mine", "ours.test": "ours"}
    check(nginx, objects, every, ingress_class=("*",), watch_ingress_without_class=True)
