"""What is printed and proved by what differs is what is printed and proved as a whole."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Callable

import pytest

import ingc
from ingc import ir
from ingc.compiler import print_whole
from ingc.engine.printing import StepPrinter
from ingc.engine.step import Stepping
from ingc.ir.features.aliases import Alias
from ingc.plan.layout import Group, Layout, Map, UpstreamBlock, plain
from ingc.prove import Proofs
from tests.engine.broken import Broken, broken_frames
from tests.engine.configs import ConfigSequence
from tests.objects import Object, annotated, ingress, prefix, rule, service, tls
from tests.strategies import deep

SEEDS, STEPS = 1_000, 6


def seeds(part: int, of: int) -> range:
    count = (SEEDS if deep() else SEEDS // 20) // of
    return range(part * count, (part + 1) * count)


@pytest.mark.parametrize("part", range(5))
def test_steps_give_what_a_whole_run_gives(part: int) -> None:
    kept = 0
    for seed in seeds(part, 5):
        sequence, printing = ConfigSequence(seed), StepPrinter()
        config = sequence.config
        for step in range(STEPS):
            assert printing(config) == print_whole(config, Proofs()), (seed, step)
            kept += printing.went_by_step
            config = sequence.change()
    assert kept


@pytest.mark.parametrize("part", range(5))
def test_what_a_broken_plan_does_is_seen_as_in_a_whole_run(part: int) -> None:
    tried = 0
    for seed in seeds(part, 5):
        sequence, printing = ConfigSequence(seed), StepPrinter()
        before = {host.name: host for host in sequence.config.hosts}
        config = sequence.config
        if printing(config)[1]:
            continue
        for _ in range(1 + seed % 2):
            config = sequence.change()
        changed = [host.name for host in config.hosts if before.get(host.name) != host]
        if not any(changed):
            continue
        chosen = random.Random(seed)  # noqa: S311
        name = chosen.choice([name for name in changed if name])
        broken = Broken(seed, name, list(config.hosts))
        with broken.planning():
            expected = print_whole(config, Proofs())
            broken.called = False
            found = printing(config)
        if broken.called:
            tried += 1
            assert found == expected, seed
    assert tried


OPTIONS = ingc.Options(default_ssl_certificate="/c,/k", nginx_version="1.22")
LONG = "z-host-with-a-name-that-is-longer-than-others-are-and-fits-no-bucket.of-the-usual-size.test"
"""So long that nginx needs larger buckets for it."""


def objects() -> list[Object]:
    """Return Ingresses of hosts that need all that hosts share, and of some that do not."""
    return [
        ingress("plain", rule("plain.test", prefix("/", "a"))),
        ingress(
            "limited",
            rule("limited.test", prefix("/", "a")),
            annotations=annotated(limit_rps="5", limit_allowlist="10.0.0.0/8"),
        ),
        ingress(
            "sticky",
            rule("sticky.test", prefix("/", "b")),
            annotations=annotated(affinity="cookie"),
        ),
        ingress("one", rule("one.test", prefix("/", "a")), tls=[tls("one.test")]),
        ingress("two", rule("two.test", prefix("/", "a")), tls=[tls("two.test")]),
        ingress("long", rule(LONG, prefix("/", "a"))),
        ingress("lone", rule("lone.test", prefix("/", "d"))),
        ingress(
            "php",
            rule("php.test", prefix("/", "a")),
            annotations=annotated(backend_protocol="FCGI"),
        ),
        ingress("touched", rule("touched.test", prefix("/", "c"))),
        *(service(name, {"port": 80}, clusterIP=f"10.1.0.{ord(name)}") for name in "abcd"),
    ]


def compiled(*changed: Object) -> ir.Config:
    """Return the IR of the objects, some of them changed; without a ``spec``: gone."""
    by = {(item["kind"], item["metadata"]["name"]): item for item in (*objects(), *changed)}
    result = ingc.compile([item for item in by.values() if "spec" in item], OPTIONS)
    assert result.ok
    assert result.ir is not None
    return result.ir


def limited(name: str) -> Object:
    """Return an Ingress of a host that needs maps and a zone of its own."""
    given = annotated(limit_rps="7", limit_allowlist="10.7.0.0/16")
    return ingress(name, rule(f"{name}.test", prefix("/", "c")), annotations=given)


def gone(name: str) -> Object:
    return {"kind": "Ingress", "metadata": {"name": name}}


def printed(changed: ir.Config) -> tuple[StepPrinter, tuple[str, object]]:
    """Print the objects as they are, then as they are changed."""
    printing = StepPrinter()
    assert not printing(compiled())[1]
    return printing, printing(changed)


CHANGES: dict[str, list[Object]] = {
    "a path": [ingress("plain", rule("plain.test", prefix("/", "a"), prefix("/b", "b")))],
    "an annotation that asks for maps": [limited("touched")],
    "a host more": [ingress("new", rule("new.test", prefix("/", "c")))],
    "a host more, with maps": [limited("new")],
    "a host less": [gone("two")],
    "a host less, with maps": [gone("limited")],
    "an endpoint": [service("a", {"port": 80}, clusterIP="10.9.9.9")],
    "an endpoint of an upstream with sessions": [service("b", {"port": 80}, clusterIP="10.9.9.9")],
    "an upstream that nobody used as it is": [
        ingress("touched", rule("touched.test", prefix("/", "b")))
    ],
    "a redirect": [ingress("plain", rule("plain.test", prefix("/", "a")), tls=[tls("plain.test")])],
    "no redirect": [ingress("two", rule("two.test", prefix("/", "a")))],
    "requests of no host": [ingress("any", default="c")],
    "a shorter name": [gone("long")],
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_goes_by_a_step(name: str) -> None:
    config = compiled(*CHANGES[name])
    printing, found = printed(config)
    assert found == print_whole(config, Proofs())
    assert printing.went_by_step


def http(name: str, first: str) -> Callable[[Layout], Layout]:
    """Leave a directive of ``http`` out."""

    def broken(layout: Layout) -> Layout:
        groups = tuple(
            Group(
                group.title,
                tuple(
                    item
                    for item in group.directives
                    if item.name != name or first not in map(plain, item.args)
                ),
            )
            for group in layout.http
        )
        assert groups != layout.http
        return dataclasses.replace(layout, http=groups)

    return broken


def without_sizes(layout: Layout) -> Layout:
    """Leave out what makes room for long names."""
    groups = tuple(
        group for group in layout.http if not group.directives[0].name.startswith("server_names")
    )
    assert groups != layout.http
    return dataclasses.replace(layout, http=groups)


def another_map(kind: str, stem: str) -> Callable[[Layout], Layout]:
    """Let a map of a host that was there before have other values."""

    def broken(layout: Layout) -> Layout:
        maps = list(layout.maps)
        at = next(
            n for n, m in enumerate(maps) if m.name == kind and m.variable.name.startswith(stem)
        )
        item = maps[at]
        entries = tuple((key, "x" if kind == "map" else 1) for key, _ in item.entries)
        maps[at] = Map(item.source, item.variable, entries, item.name, item.flags)
        return dataclasses.replace(layout, maps=tuple(maps))

    return broken


def no_map(stem: str) -> Callable[[Layout], Layout]:
    def broken(layout: Layout) -> Layout:
        maps = tuple(item for item in layout.maps if not item.variable.name.startswith(stem))
        assert maps != layout.maps
        return dataclasses.replace(layout, maps=maps)

    return broken


def another_block(layout: Layout) -> Layout:
    """Let an upstream with sessions hash by something else."""
    first, *rest = layout.upstreams
    lines = tuple(item for item in first.directives if item.name != "hash")
    assert lines != first.directives
    return dataclasses.replace(layout, upstreams=(UpstreamBlock(first.name, lines), *rest))


def redirected_names(*names: str) -> Callable[[Layout], Layout]:
    """Let the server that redirects have just these names."""

    def broken(layout: Layout) -> Layout:
        servers = list(layout.servers)
        last = servers[-1]
        rest = [item for item in last.directives if item.name != "server_name"]
        named = [dataclasses.replace(rest[0], name="server_name", args=(name,)) for name in names]
        servers[-1] = dataclasses.replace(last, directives=(rest[0], *named, *rest[1:]))
        assert servers[-1] != last
        return dataclasses.replace(layout, servers=tuple(servers))

    return broken


BROKEN: dict[str, tuple[str, Callable[[Layout], Layout]]] = {
    "what others inherit": ("a host more", http("fastcgi_param", "REQUEST_METHOD")),
    "the zone of another": (
        "a host more, with maps",
        http("limit_req_zone", "rate=5r/s"),
    ),
    "a map of another": ("a host more", another_map("map", "ingc_limit_key")),
    "a map that a map of another looks at": ("a host more", another_map("geo", "ingc_limited")),
    "no map of the redirects": ("a host more", no_map("ingc_redirect_uri")),
    "sessions of another": ("a host more", another_block),
    "a redirect less": ("a host more", redirected_names("one.test")),
    "the redirect of nobody": ("a host less", redirected_names("one.test", "two.test")),
    "no room for a name of another": ("a host more", without_sizes),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_reaches_others_is_seen(name: str) -> None:
    change, breaks = BROKEN[name]
    printing = StepPrinter()
    assert not printing(compiled())[1]
    config = compiled(*CHANGES[change])
    with broken_frames(breaks):
        expected = print_whole(config, Proofs())
        assert expected[1]
        assert printing(config) == expected


def test_a_block_that_is_still_used_may_not_go(monkeypatch: pytest.MonkeyPatch) -> None:
    printing = StepPrinter()
    printing(compiled())
    monkeypatch.setattr(Stepping, "_plain", lambda *_: (set(), {"default_d_80"}))
    config = compiled(*CHANGES["a host more"])
    assert printing(config) == print_whole(config, Proofs())


def test_a_name_that_two_hosts_have_goes_by_no_step() -> None:
    config = compiled()
    taken = compiled(ingress("new", rule("new.test", prefix("/", "c"))))
    alias = next(host for host in taken.hosts if host.name == "new.test")
    named = dataclasses.replace(alias, features=(Alias(("plain.test",), 0),))
    hosts = tuple(named if host is alias else host for host in taken.hosts)
    broken = dataclasses.replace(taken, hosts=hosts)
    printing = StepPrinter()
    printing(config)
    assert printing(broken) == print_whole(broken, Proofs())
    assert not printing.went_by_step
