"""The routing proof in a compile: what it notices, what it costs, and what it remembers."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator

import pytest

import ingc
from ingc import compiler, ir
from ingc.plan import Layout, plan
from ingc.plan.layout import Directive
from ingc.prove import Proofs, routing
from tests.golden.case import Case, all_cases
from tests.objects import Object, path, rule
from tests.prove.test_equivalence import differences
from tests.shop import ingress, service

HOSTS = ("a.test", "b.test", "c.test")
OBJECTS: list[Object] = [
    *(ingress(f"web-{host[0]}", rule(host, path("/x", host[0]), path("/y", "web")))
      for host in HOSTS),
    *(service(name, clusterIP="10.96.0.1") for name in ("a", "b", "c", "web")),
]  # fmt: skip

Change = Callable[[Directive], Directive]


def breaking(host: str, change: Change) -> Callable[[ir.Config], Layout]:
    """Return a planner that lays out one host's locations wrongly."""

    def broken(config: ir.Config) -> Layout:
        layout = plan(config)
        servers = tuple(
            dataclasses.replace(
                server,
                locations=tuple(
                    dataclasses.replace(item, directives=tuple(map(change, item.directives)))
                    for item in server.locations
                ),
            )
            if server.title == host
            else server
            for server in layout.servers
        )
        return dataclasses.replace(layout, servers=servers)

    return broken


def to_another(directive: Directive) -> Directive:
    """Pass everything to the Service that all three hosts share."""
    if directive.name != "proxy_pass":
        return directive
    return dataclasses.replace(directive, args=("http://shop_web_80",))


def test_a_layout_that_routes_wrongly_is_not_handed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "plan", breaking("b.test", to_another))
    result = ingc.compile(OBJECTS)
    assert result.config is None
    assert [d.code for d in result.errors] == ["ING901"]
    message = result.errors[0].message
    assert "http://b.test/x" in message
    assert "shop_b_80 /x" in message
    assert "shop_web_80 /x" in message
    number = re.search(r"line (\d+)", message)
    assert number is not None
    text = compiler.print_config(result.ir, proof=False)[0] if result.ir else ""
    # The line is that of the location whose pass directive is wrong.
    assert "location = /x {" in text.splitlines()[int(number[1]) - 1]
    assert "location = /x {" in result.errors[0].label


def test_isolated_it_costs_the_host_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiler, "plan", breaking("b.test", to_another))
    result = ingc.compile(OBJECTS, on_error="isolate")
    assert [d.code for d in result.errors] == ["ING902"]
    assert '"b.test"' in result.errors[0].message
    assert result.config is not None
    assert "server_name b.test" in result.config
    assert result.match("b.test", "/x").status == 503
    assert result.match("b.test", "/y").status == 503
    assert result.match("a.test", "/x").upstream == "shop_a_80"
    assert result.match("c.test", "/x").upstream == "shop_c_80"


def test_several_hosts_are_found_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def both(config: ir.Config) -> Layout:
        first = breaking("a.test", to_another)(config)
        second = breaking("c.test", to_another)(config)
        chosen = {server.title: server for server in second.servers if server.title == "c.test"}
        servers = tuple(chosen.get(server.title, server) for server in first.servers)
        return dataclasses.replace(first, servers=servers)

    monkeypatch.setattr(compiler, "plan", both)
    result = ingc.compile(OBJECTS, on_error="isolate")
    assert [d.code for d in result.errors] == ["ING902", "ING902"]
    assert result.match("b.test", "/x").upstream == "shop_b_80"


def test_what_is_remembered_gives_the_same_and_asks_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proofs = Proofs()
    cold = ingc.compile(OBJECTS, proofs=proofs)

    def never(*_: object) -> Iterator[object]:
        raise AssertionError("a host was proved again")

    monkeypatch.setattr(routing, "pairs_of", never)
    assert ingc.compile(OBJECTS, proofs=proofs).config == cold.config


def test_one_changed_host_is_the_only_one_that_is_proved_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proofs = Proofs()
    ingc.compile(OBJECTS, proofs=proofs)
    asked: list[str] = []
    whole = routing.pairs_of

    def noted(level: object, host: ir.Host, *others: object) -> object:
        asked.append(host.name)
        return whole(level, host, *others)  # type: ignore[arg-type]

    monkeypatch.setattr(routing, "pairs_of", noted)
    changed = [ingress("web-a", rule("a.test", path("/new", "a"))), *OBJECTS[1:]]
    assert ingc.compile(changed, proofs=proofs).ok
    assert asked == ["a.test"]


def test_a_warm_proof_still_notices_a_wrong_layout(monkeypatch: pytest.MonkeyPatch) -> None:
    proofs = Proofs()
    assert ingc.compile(OBJECTS, proofs=proofs).ok
    monkeypatch.setattr(compiler, "plan", breaking("b.test", to_another))
    assert [d.code for d in ingc.compile(OBJECTS, proofs=proofs).errors] == ["ING901"]


def test_a_warm_proof_still_notices_what_was_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same text as before, but more was laid out: a template that leaves something out."""
    proofs = Proofs()
    assert ingc.compile(OBJECTS, proofs=proofs).ok
    whole = compiler.render
    before = whole(plan(ingc.compile(OBJECTS).ir or pytest.fail("no IR")))
    monkeypatch.setattr(compiler, "render", lambda _: before)
    more = [ingress("web-a", rule("a.test", path("/x", "a"), path("/z", "web"))), *OBJECTS[1:]]
    assert [d.code for d in ingc.compile(more, proofs=proofs).errors] == ["ING901"]


def test_a_host_like_another_one_is_still_held_against_its_own_rules(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Hosts that differ in names alone are proved once; a wrong name is no such difference."""
    for host in HOSTS:
        monkeypatch.setattr(compiler, "plan", breaking(host, to_another))
        result = ingc.compile(OBJECTS, on_error="isolate")
        assert [d.code for d in result.errors] == ["ING902"], host
        assert f'"{host}"' in result.errors[0].message


def test_without_the_proof_it_is_said() -> None:
    result = ingc.compile(OBJECTS, ingc.Options(proof=False))
    assert result.ok
    assert result.config == ingc.compile(OBJECTS).config
    assert [d.code for d in result.diagnostics if d.code.startswith("ING9")] == ["ING903"]


PROTECTING = re.compile(
    r" +(?:deny|allow|auth_basic|auth_basic_user_file|auth_request|limit_req|limit_conn|mirror"
    r"|ssl_reject_handshake|proxy_pass|grpc_pass|fastcgi_pass|rewrite) [^{}]*;"
).fullmatch
UNSEEN = {
    ("errors/custom-errors-come-from-a-default-backend", "rewrite ^ / break;"),
    ("errors/custom-errors-of-the-global-backend", "rewrite ^ / break;"),
    ("redirects/force-ssl-redirect-needs-no-tls", "proxy_pass http://shop_web_80;"),
    ("rewrite/rewrite-to-a-url-redirects", "proxy_pass http://shop_web_80;"),
    ("rewrite/rewrite-that-leaves-no-path-answers-500", "proxy_pass http://shop_web_80;"),
}
"""Lines that no request of the proof reaches: an error page, and what stands behind a redirect."""
CASES = [case for case in all_cases() if case.result.ok and case.area in ("annotations", "tls")]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_line_that_protects_or_passes_is_missed(case: Case) -> None:
    lines = (case.result.config or "").splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("    server {"))
    for number in range(first, len(lines)):
        if PROTECTING(lines[number]) and (case.name, lines[number].strip()) not in UNSEEN:
            text = "\n".join((*lines[:number], *lines[number + 1 :], ""))
            assert differences(case.result, text), lines[number]
