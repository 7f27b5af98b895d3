"""Plans, frames and texts that are broken: what is made by shapes is proved, or nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

import ingc
from ingc import ir
from ingc.alike import printing, shapes_of
from ingc.alike.template import Template, template_of
from ingc.plan import config as planning
from ingc.plan.layout import Layout, Literal, directive
from ingc.plan.parts import HostPart
from tests.alike.copies import alike, whole
from tests.objects import annotated, ingress, prefix, rule, service, tls

OPTIONS = ingc.Options(default_ssl_certificate="/c,/k", nginx_version="1.22")


def compiled(*more: Any) -> ir.Config:
    """Return six hosts that are alike with http alone, six with https, and others."""
    objects = [
        *(ingress(f"p{n}", rule(f"p{n}.test", prefix("/", f"s{n}"), prefix("/a", f"s{n}")))
          for n in range(6)),
        *(ingress(f"q{n}", rule(f"q{n}.test", prefix("/", f"s{n}")), tls=[tls(f"q{n}.test")])
          for n in range(6)),
        *(service(f"s{n}", {"port": 80}, clusterIP=f"10.1.0.{n + 1}") for n in range(6)),
        *more,
    ]  # fmt: skip
    result = ingc.compile(objects, OPTIONS)
    assert result.ok, result.errors
    assert result.ir is not None
    return result.ir


def test_two_shapes_are_found() -> None:
    config = compiled()
    assert sorted(map(len, shapes_of(config, 3).alike)) == [6, 6]
    assert alike(config) == whole(config)


Broken = Callable[[ir.Host, HostPart], HostPart]


def broken_by(how: Broken) -> Any:
    """Plan hosts otherwise than they should be, in both ways."""
    plan_hosts = planning.plan_hosts

    def broken(hosts: Any, *rest: Any) -> list[HostPart]:
        parts = plan_hosts(hosts, *rest)
        return [how(host, part) for host, part in zip(hosts, parts, strict=True)]

    return mock.patch.multiple("ingc.alike.printing", plan_hosts=broken), mock.patch.multiple(
        "ingc.plan.config", plan_hosts=broken
    )


def with_servers(part: HostPart, *more: Any, locations: Any = None) -> HostPart:
    """Return a part whose servers have more directives, or other locations."""
    servers = tuple(
        dataclasses.replace(
            server,
            directives=(*server.directives, *more),
            locations=server.locations if locations is None else locations(server.locations),
        )
        for server in part.servers
    )
    return dataclasses.replace(part, servers=servers)


def by_length(host: ir.Host, part: HostPart) -> HostPart:
    return with_servers(part, directive("keepalive_requests", len(host.name) + 900))


def by_letter(host: ir.Host, part: HostPart) -> HostPart:
    return with_servers(part, directive("set", "x", host.name[0]))


def by_word(host: ir.Host, part: HostPart) -> HostPart:
    return with_servers(part, directive("set", "x", host.name.replace(".", "_")))


def by_upstreams(host: ir.Host, part: HostPart) -> HostPart:
    used = part.upstreams if "longer" in host.name else frozenset[str]()
    return dataclasses.replace(part, upstreams=used)


def by_demands(host: ir.Host, part: HostPart) -> HostPart:
    demands = dataclasses.replace(part.demands, sets=frozenset({host.name}))
    return dataclasses.replace(part, demands=demands)


BY_NAME: dict[str, Broken] = {
    "its length": by_length,
    "its first letter": by_letter,
    "a word of it": by_word,
    "the upstreams": by_upstreams,
    "what it needs": by_demands,
}


@pytest.mark.parametrize("what", BY_NAME)
def test_no_shape_is_made_of_what_depends_on_a_name(what: str) -> None:
    config = compiled()
    first, second = broken_by(BY_NAME[what])
    with first, second:
        made = printing.print_shapes(config, shapes_of(config, 3))
    assert made.shapes == ()


def less(_: ir.Host, part: HostPart) -> HostPart:
    return with_servers(part, locations=lambda given: given[1:])


def answering(_: ir.Host, part: HostPart) -> HostPart:
    answer = (directive("return", 404),)
    return with_servers(
        part,
        locations=lambda given: tuple(
            dataclasses.replace(item, directives=answer) for item in given
        ),
    )


def with_a_name(_: ir.Host, part: HostPart) -> HostPart:
    return with_servers(part, directive("server_name", Literal("x.test")))


WRONG: dict[str, Broken] = {
    "a location less": less,
    "a status": answering,
    "another name": with_a_name,
}


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_plan_is_not_proved(what: str) -> None:
    config = compiled()
    first, second = broken_by(WRONG[what])
    with first, second:
        assert alike(config) is None


def test_a_text_with_other_names_in_it_is_not_proved() -> None:
    config = compiled()
    right = Template.filled

    def filled(self: Template, names: Any) -> str:
        return right(self, names).replace("p3.test", "p4.test")

    with mock.patch.object(Template, "filled", filled):
        assert alike(config) is None


def test_a_server_of_many_hosts_has_all_of_a_shape() -> None:
    config = compiled()
    plan_frame = planning.plan_frame

    def broken(*given: Any) -> Layout:
        frame = plan_frame(*given)
        servers = tuple(
            dataclasses.replace(
                server,
                directives=tuple(
                    d for d in server.directives if d.args[:1] != (Literal("q3.test"),)
                ),
            )
            for server in frame.servers
        )
        assert servers != frame.servers
        return dataclasses.replace(frame, servers=servers)

    with mock.patch("ingc.alike.printing.plan_frame", broken):
        assert alike(config) is None


def test_a_server_of_many_hosts_has_none_of_another_shape() -> None:
    config = compiled()
    plan_frame = planning.plan_frame

    def broken(*given: Any) -> Layout:
        frame = plan_frame(*given)
        more = directive("server_name", Literal("p3.test"))
        servers = tuple(
            dataclasses.replace(server, directives=(*server.directives, more))
            if Literal("q3.test") in [d.args[0] for d in server.directives]
            else server
            for server in frame.servers
        )
        return dataclasses.replace(frame, servers=servers)

    with mock.patch("ingc.alike.printing.plan_frame", broken):
        assert alike(config) is None


@pytest.mark.parametrize("table", ["names_fit", "variables_fit"])
def test_tables_are_checked_for_all_names(table: str) -> None:
    config = compiled()
    with mock.patch(f"ingc.alike.proof.{table}", return_value=False):
        assert alike(config) is None


def test_names_are_all_in_the_table() -> None:
    config = compiled()
    with mock.patch("ingc.alike.proof.names_fit", return_value=True) as asked:
        assert alike(config) is not None
    names = set(asked.call_args.args[1])
    assert names == {"_", *(f"{kind}{n}.test" for kind in "pq" for n in range(6))}


def test_upstreams_have_names_of_their_own() -> None:
    config = compiled()
    first, *rest = config.upstreams
    twin = dataclasses.replace(first, name=rest[0].name.upper())
    hosts = tuple(
        dataclasses.replace(
            host,
            routes=tuple(
                dataclasses.replace(route, action=ir.Proxy(twin.name))
                if route.action == ir.Proxy(first.name)
                else route
                for route in host.routes
            ),
        )
        for host in config.hosts
    )
    upstreams = (twin, *rest)
    assert alike(dataclasses.replace(config, hosts=hosts, upstreams=upstreams)) is None


@pytest.mark.parametrize(
    "more",
    [
        [ingress("w", rule("*.test", prefix("/", "s1")))],
        [
            ingress(
                "w",
                rule("w.example", prefix("/", "s1")),
                annotations=annotated(server_alias="~^p"),
            )
        ],
    ],
)  # fmt: skip
def test_a_host_that_another_may_take_is_like_no_other(more: list[Any]) -> None:
    config = compiled(*more)
    assert not any(
        item.host.name.startswith("p") for some in shapes_of(config, 3).alike for item in some
    )
    assert alike(config) in (None, whole(config))


def test_a_host_like_no_other_stands_beside_them() -> None:
    config = compiled(
        ingress("r", rule("r.test", prefix("/", "s1")), annotations=annotated(rewrite_target="/x"))
    )
    assert alike(config) == whole(config) is not None


@pytest.mark.parametrize(
    ("text", "takes"),
    [
        ("set $x @;\n", True),
        ("# @\n", True),
        ("proxy_pass http://@;\n", True),
        ("set $x_@ 1;\n", False),
        ("set $x ${y_@};\n", False),
        ("add_header X @;\n", False),
        ("proxy_redirect @;\n", False),
        ("@ on;\n", False),
        ("set $x " + "a" * 3_700 + "@;\n", False),
    ],
)
def test_a_name_stands_where_it_means_nothing_else(text: str, takes: bool) -> None:
    assert template_of(f"    {text}", ["@"]).takes_any_name() is takes


def test_a_template_ends_where_its_text_does() -> None:
    template = template_of("a @ 100% b # c", ["@", "#"])
    text = template.filled(["one", "two"])
    assert text == "a one 100% b two c"
    assert template.ends(f"x{text}y", 1, ["one", "two"]) == 1 + len(text)
    for names in (["two", "one"], ["on", "two"], ["one", "tw"], ["onee", "two"]):
        assert template.ends(text, 0, names) == -1
    assert template.ends(text[:-1], 0, ["one", "two"]) == -1
