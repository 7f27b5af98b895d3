"""What a step has to look at though it is not printed: names, and what hosts have together."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from unittest import mock

import ingc
from ingc import ir
from ingc.compiler import print_whole
from ingc.engine.printing import StepPrinter
from ingc.plan.layout import Server
from ingc.plan.parts import HostPart
from ingc.prove import Proofs
from tests.engine.broken import whole_hosts
from tests.objects import Object, annotated, ingress, prefix, rule, service

CERTIFICATE = ir.Https(ir.Certificate("/c", "/k"), redirect=False)
AUTH = {"auth_url": "http://auth.default.svc.cluster.local/", "auth_cache_key": "$remote_user"}


def compiled(*rules: Object) -> ir.Config:
    services = [service(n, {"port": 80}, clusterIP="10.1.0.1") for n in ("a", "b", "auth")]
    result = ingc.compile([*rules, *services], ingc.Options(nginx_version="1.22"))
    assert result.ir is not None
    return result.ir


def host(name: str, to: str = "a", **annotations: str) -> Object:
    given = annotated(**annotations)
    made = ingress(name, rule(name, prefix("/", to)), annotations=given)
    made["metadata"]["name"] = name.replace("*", "any")
    return made


def with_https(config: ir.Config, name: str) -> ir.Config:
    hosts = (
        dataclasses.replace(host, https=CERTIFICATE) if host.name == name else host
        for host in config.hosts
    )
    return dataclasses.replace(config, hosts=tuple(hosts))


def with_terms(config: ir.Config, at_start: ir.AtStart) -> ir.Config:
    settings = dataclasses.replace(config.settings, at_start=at_start)
    return dataclasses.replace(config, settings=settings)


def with_endpoint(config: ir.Config, name: str, address: str) -> ir.Config:
    upstreams = (
        dataclasses.replace(item, endpoints=(ir.Endpoint(address, 80, dns=True),))
        if item.name == name
        else item
        for item in config.upstreams
    )
    return dataclasses.replace(config, upstreams=tuple(upstreams))


def printed(before: ir.Config, after: ir.Config) -> tuple[bool, bool]:
    """Print both; return whether the second one went by a step, and whether it is proved."""
    printing = StepPrinter()
    assert not printing(before)[1]
    whole = print_whole(after, Proofs())
    assert printing(after) == whole
    return printing.went_by_step, not whole[1]


@contextmanager
def broken(breaks: Callable[[Server], Server | None], name: str) -> Iterator[None]:
    """Break each server of a host in the block; ``None``: leave it out."""

    def hosts(given: Iterable[ir.Host], *rest: object) -> list[HostPart]:
        listed = list(given)
        parts = whole_hosts(listed, *rest)  # type: ignore[arg-type]
        return [
            dataclasses.replace(part, servers=tuple(filter(None, map(breaks, part.servers))))
            if each.name == name
            else part
            for each, part in zip(listed, parts, strict=True)
        ]

    with (
        mock.patch("ingc.plan.config.plan_hosts", hosts),
        mock.patch("ingc.engine.step.plan_hosts", hosts),
    ):
        yield


def test_a_wildcard_may_take_the_names_of_a_new_host() -> None:
    others = host("x.test"), host("z.test", server_alias="*.wild.test")
    before, after = compiled(*others), compiled(*others, host("a.wild.test"))
    for name in ("x.test", "z.test"):
        before, after = with_https(before, name), with_https(after, name)
    assert printed(before, after) == (True, True)

    def refuses(server: Server) -> Server | None:
        return None if "no https" in server.title else server

    with broken(refuses, "a.wild.test"):
        assert printed(before, after) == (False, False)


def test_a_new_wildcard_may_take_the_names_of_others() -> None:
    before = with_https(compiled(host("a.wild.test"), host("x.test")), "x.test")
    after = compiled(host("a.wild.test"), host("x.test"), host("*.wild.test"))
    after = with_https(with_https(after, "x.test"), "*.wild.test")
    assert printed(before, after) == (False, True)


def test_answers_are_remembered_for_one_host_alone() -> None:
    before = compiled(host("one.test", **AUTH))
    after = compiled(host("one.test", **AUTH), host("two.test", **AUTH))
    (key,) = {line for line in print_whole(before, None)[0].splitlines() if "cache_key" in line}
    assert printed(before, after)[1]
    keys: list[object] = []

    def remembers(server: Server) -> Server:
        locations = []
        for item in server.locations:
            lines = [
                dataclasses.replace(line, args=keys[0]) if line.name == "proxy_cache_key" else line
                for line in item.directives
            ]
            locations.append(dataclasses.replace(item, directives=tuple(lines)))
        return dataclasses.replace(server, locations=tuple(locations))

    part = whole_parts(before, "one.test")
    keys += [d.args for s in part.servers for i in s.locations for d in i.directives
             if d.name == "proxy_cache_key"]  # fmt: skip
    assert key
    with broken(remembers, "two.test"):
        assert printed(before, after) == (False, False)


def whole_parts(config: ir.Config, name: str) -> HostPart:
    from ingc.plan import plan_parts

    planned = plan_parts(config)
    return next(p for h, p in zip(planned.hosts, planned.parts, strict=True) if h.name == name)


def test_what_nginx_may_resolve_is_none_of_the_texts() -> None:
    config = with_endpoint(compiled(host("a.test"), host("b.test", "b")), "default_a_80", "a.name")
    before = with_terms(config, ir.AtStart(("a.name",)))
    assert printed(before, with_terms(config, ir.AtStart(()))) == (False, False)


def test_rules_let_nginx_resolve_names_for_others() -> None:
    config = compiled(host("a.test"), host("b.test", "b"), host("c.test"))
    other = compiled(host("a.test", "auth"), host("b.test", "b"), host("c.test", "auth"))
    name = "a.default.svc.cluster.local"
    before, after = (
        with_terms(
            with_endpoint(with_endpoint(each, "default_a_80", name), "default_b_80", name),
            ir.AtStart((), "cluster.local"),
        )
        for each in (config, other)
    )
    assert printed(before, after) == (False, False)


def test_hosts_in_another_order_are_no_step() -> None:
    before = compiled(host("a.test"), host("b.test"))
    first, *rest = before.hosts
    after = dataclasses.replace(before, hosts=(first, *reversed(rest)))
    assert printed(before, after) == (False, True)
