"""Each field that a reader reads: a wrong value is reported with the field's name."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest

import ingc
from ingc import compiler, ir
from ingc.emit import render
from ingc.ir.features.card import Kind, Proved
from ingc.ir.features.errors import StandIn
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.table import FEATURES
from ingc.model.tree import Statement, read_statements
from ingc.plan import Layout, plan
from ingc.plan.layout import Directive, Literal
from ingc.prove import Proofs
from ingc.prove.parsing import RefusedText, parse
from ingc.prove.routing import RoutingProof
from ingc.prove.structure import Reading
from ingc.target import Version
from tests.nginx.certificates import certificate
from tests.objects import path, rule
from tests.prove.readable import EXAMPLES, Example, Feature, config_with
from tests.shop import ingress, secret, service

READ = [kind for kind in FEATURES if isinstance(kind.card.proved, Proved)]
"""Every feature that is proved; the others have been acted on before the text is made."""


def statements(text: str) -> tuple[Statement, ...]:
    parsed = parse(text)
    assert not isinstance(parsed, RefusedText), parsed
    return read_statements(parsed)


def proved(text: str, config: ir.Config) -> list[str]:
    """Return what the proof of routing says of a text."""
    reading = Reading(statements(text), (), ())
    return [str(item) for item in RoutingProof(config, reading, Proofs()).differences()]


def names(found: list[str], feature: str, field: str) -> bool:
    """Return whether a finding names a feature, and its field if there is one."""
    what = rf"\b{feature}(?: \w+)?" + (rf"\.{field}\b" if field else r"(?:\.[\w-]+)?")
    return any(re.search(what + " should be ", item) for item in found)


def printed(config: ir.Config) -> str:
    return render(plan(config))


def cases() -> Iterator[tuple[Example, str, Version]]:
    for example in EXAMPLES:
        for version in example.versions:
            for field in example.others or ("",):
                yield example, field, version


def name_of(value: object) -> str:
    if isinstance(value, Example):
        return "-".join((value.kind.__name__, *(str(item) for item in value.beside[:1])))
    return ".".join(map(str, value)) if isinstance(value, tuple) else str(value)


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_what_is_printed_is_what_is_read(example: Example) -> None:
    for version in example.versions:
        config = config_with(example, example.feature, version)
        assert proved(printed(config), config) == []


@pytest.mark.parametrize(("example", "field", "version"), list(cases()), ids=name_of)
def test_another_value_is_reported_with_its_field(
    example: Example, field: str, version: Version
) -> None:
    other: Feature | None = None
    if field:
        other = dataclasses.replace(example.feature, **{field: example.others[field]})
    name = example.kind.__name__
    one, another = (config_with(example, item, version) for item in (example.feature, other))
    if example.kind is not StandIn:  # it is the upstream of its route, which has one here
        assert proved(printed(another), another) == []
    found = proved(printed(one), another)
    assert names(found, name, field), found
    # And the other way round: the value in the text, where it stands there.
    if printed(another) != printed(one):
        found = proved(printed(another), one)
        assert names(found, name, "") or names(found, example.instead or name, ""), found


@pytest.mark.parametrize("example", EXAMPLES, ids=name_of)
def test_a_feature_that_is_missing_or_that_nobody_asks_for_is_reported(example: Example) -> None:
    for version in example.versions:
        having = config_with(example, example.feature, version)
        without = config_with(example, None, version)
        if isinstance(example.feature, Passthrough):
            host = dataclasses.replace(without.hosts[1], https=None)
            without = dataclasses.replace(without, hosts=(without.hosts[0], host))
        name = example.kind.__name__
        for text, asked, of in ((having, without, example.instead), (without, having, "")):
            found = proved(printed(text), asked)
            assert names(found, of or name, ""), (text, found)


@pytest.mark.parametrize("kind", READ, ids=lambda kind: kind.__name__)
def test_no_field_of_a_proved_feature_is_left_out(kind: Kind) -> None:
    examples = [item for item in EXAMPLES if item.kind is kind]
    assert examples
    assert {field for item in examples for field in item.others} == {
        field.name for field in dataclasses.fields(kind)
    }


def test_a_wildcard_stands_before_the_regexes_of_others() -> None:
    """Both are regexes for nginx, which takes the first that fits."""
    alias = next(item for item in EXAMPLES if item.neighbour is not None)
    config = config_with(alias, alias.feature, (1, 26, 0))
    unnamed, *hosts = config.hosts
    wildcard = ir.Host("*.w.test", hosts[0].routes, unnamed.default)
    config = dataclasses.replace(config, hosts=(unnamed, wildcard, *hosts))
    layout = plan(config)
    assert proved(render(layout), config) == []
    first = next(item for item in layout.servers if item.title == wildcard.name)
    others = tuple(item for item in layout.servers if item is not first)
    later = dataclasses.replace(layout, servers=(*others, first))
    found = proved(render(later), config)
    assert names(found, "Alias", "place"), found


def test_the_proof_reports_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a compile: the host, the route, the field and the line; isolated, that host alone."""
    timeout = {"nginx.ingress.kubernetes.io/proxy-read-timeout": "7"}
    objects = [
        ingress("web", rule("a.test", path("/", "web")), annotations=timeout),
        ingress("other", rule("b.test", path("/", "web"))),
        service("web", clusterIP="10.96.0.1"),
    ]

    def broken(config: ir.Config) -> Layout:
        layout = plan(config)
        servers = tuple(
            dataclasses.replace(
                server,
                locations=tuple(
                    dataclasses.replace(
                        item,
                        directives=tuple(d for d in item.directives if "timeout" not in d.name),
                    )
                    for item in server.locations
                ),
            )
            for server in layout.servers
        )
        return dataclasses.replace(layout, servers=servers)

    monkeypatch.setattr(compiler, "plan", broken)
    result = ingc.compile(objects)
    assert [d.code for d in result.errors] == ["ING901"]
    message = result.errors[0].message
    for word in ("a.test", "spec.rules[0].http.paths[0]", "Tuning", "proxy_read_timeout 7s"):
        assert word in message
    assert result.errors[0].label
    isolated = ingc.compile(objects, on_error="isolate")
    assert [d.code for d in isolated.errors] == ["ING902"]
    assert isolated.match("a.test", "/").status == 503
    assert isolated.match("b.test", "/").upstream == "shop_web_80"


PREFIX = "nginx.ingress.kubernetes.io/"


@pytest.mark.parametrize("version", ["1.26", "1.31"])
def test_where_chance_decides_a_rewritten_path_has_every_side(version: str) -> None:
    """A rewrite keeps the upstream in a variable, here one that a canary's weight decides on."""
    sticky = {f"{PREFIX}affinity": "cookie", f"{PREFIX}rewrite-target": "/x"}
    sticky[f"{PREFIX}ssl-redirect"] = "false"
    weight = {f"{PREFIX}canary": "true", f"{PREFIX}canary-weight": "30"}
    secured = [{"hosts": ["a.test"], "secretName": "cert"}]
    objects = [
        ingress("web", rule("a.test", path("/", "web")), annotations=sticky, tls=secured),
        ingress("beta", rule("a.test", path("/", "beta")), annotations=weight),
        secret("cert", *certificate("a.test")),
        *(service(name, clusterIP="10.96.0.1") for name in ("web", "beta")),
    ]
    result = ingc.compile(objects, ingc.Options(nginx_version=version))
    assert not result.errors
    match = result.match("a.test", "/", scheme="https")
    assert (match.upstream, *match.alternatives) == ("shop_web_80", ("shop_beta_80", 0.3))


HOSTS = ("a.test", "b.test", "c.test")


@pytest.mark.parametrize("version", ["1.26", "1.31"])
@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize(("annotation", "value"), [("affinity", "cookie"), ("limit-rps", "3")])
def test_a_host_like_another_one_has_blocks_and_zones_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
    version: str,
    host: str,
    annotation: str,
    value: str,
) -> None:
    """Hosts that differ in names alone are proved once, with all that they refer to."""
    asked = {PREFIX + annotation: value}
    objects = [
        *(ingress(f"web-{h[0]}", rule(h, path("/", h[0])), annotations=asked) for h in HOSTS),
        *(service(h[0], clusterIP="10.96.0.1") for h in HOSTS),
    ]

    def broken(config: ir.Config) -> Layout:
        layout = plan(config)
        mine = f"shop_{host[0]}_80.sticky_"
        blocks = tuple(
            dataclasses.replace(item, directives=tuple(map(change, item.directives)))
            if item.name.startswith(mine)
            else item
            for item in layout.upstreams
        )
        groups = tuple(
            dataclasses.replace(group, directives=tuple(map(change_zone, group.directives)))
            for group in layout.http
        )
        return dataclasses.replace(layout, upstreams=blocks, http=groups)

    def change(item: Directive) -> Directive:
        if item.name == "sticky":
            return dataclasses.replace(item, args=("cookie", "other", *item.args[2:]))
        return dataclasses.replace(item, args=(Literal("$uri"),)) if item.name == "hash" else item

    def change_zone(item: Directive) -> Directive:
        if item.name != "limit_req_zone" or f"shop_web-{host[0]}" not in str(item.args[1]):
            return item
        return dataclasses.replace(item, args=(*item.args[:2], "rate=4r/s"))

    monkeypatch.setattr(compiler, "plan", broken)
    result = ingc.compile(objects, ingc.Options(nginx_version=version), on_error="isolate")
    assert [d.code for d in result.errors] == ["ING902"], result.errors
    assert f'"{host}"' in result.errors[0].message


ENDPOINTS = [
    ("server 10.0.0.1:80 max_fails=0;\n", "", "dropped"),
    ("server 10.0.0.1:80", "server 10.0.0.1:81", "another port"),
    ("server 10.0.0.1:80", "server 10.0.0.2:80", "another address"),
    ("max_fails=0", "max_fails=1", "taken out after a failure"),
    ("max_fails=0", "max_fails=0 backup", "not used"),
]


@pytest.mark.parametrize(("old", "new", "why"), ENDPOINTS)
def test_the_endpoints_are_those_of_the_ir(old: str, new: str, why: str) -> None:
    example = next(item for item in EXAMPLES if item.kind.__name__ == "HashBy")
    config = config_with(example, None, (1, 26, 0))
    text = printed(config)
    assert old in text, why
    assert names(proved(text.replace(old, new), config), "Upstream", "endpoints")
