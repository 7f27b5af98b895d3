"""The library: what comes in, what comes out, and that nothing else happens."""

from __future__ import annotations

import copy
import gc
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.diagnostics import Sink
from ingc.k8s.store import read_objects
from ingc.load.document import Document
from tests.k8s.everything import APART, FIRST, OLD, OTHERS
from tests.objects import Object, path, rule
from tests.shop import ingress, service

WEB = ingress("web", rule("a.test", path("/", "web"), path("/café", "web", "Exact")))
SERVICE = service("web", clusterIP="10.96.0.1")


def test_dicts_in_a_configuration_out() -> None:
    result = ingc.compile([WEB, SERVICE])
    assert result.ok
    assert result.config
    assert result.config.startswith("# Compiled by ingc")
    assert result.config.endswith("}\n")
    assert result.files == ()
    assert result.diagnostics == ()
    assert result.errors == ()


def test_any_iterable_will_do() -> None:
    expected = ingc.compile([WEB, SERVICE]).config
    assert ingc.compile((WEB, SERVICE)).config == expected
    assert ingc.compile(item for item in (WEB, SERVICE)).config == expected
    assert ingc.compile({"a": WEB, "b": SERVICE}.values()).config == expected
    assert ingc.compile(iter([WEB, SERVICE])).config == expected


def test_the_objects_are_not_changed() -> None:
    objects = [copy.deepcopy(item) for item in (FIRST, OLD, *OTHERS)]
    ingc.compile(objects)
    ingc.compile(objects, on_error="isolate")
    assert objects == [FIRST, OLD, *OTHERS]


def test_typed_objects_will_do_too() -> None:
    store = read_objects([Document(WEB), Document(SERVICE)], Sink(), namespace="default")
    typed: list[Any] = [*store.ingresses, *store.services.values()]
    assert ingc.compile(typed).config == ingc.compile([WEB, SERVICE]).config


def test_no_objects_at_all_answer_404() -> None:
    result = ingc.compile([])
    assert result.ok
    assert [d.code for d in result.diagnostics] == ["ING131"]
    assert result.routes == ()
    for host in ("a.test", b"a.test", "[::1]", "a.test:80"):
        match = result.match(host, "/")
        assert (match.status, match.route, match.upstream) == (404, None, None)
    assert result.match("a.test", "/healthz").status == 200


def test_match_takes_text_and_bytes() -> None:
    result = ingc.compile([WEB, SERVICE])
    for host in ("a.test", b"a.test", "A.Test:80", b"A.TEST."):
        for target in ("/x?y=1", b"/x?y=1", "http://a.test/x", b"http://a.test/x"):
            match = result.match(host, target)
            assert match.upstream == "shop_web_80"
            assert match.status is None
            assert match.route is not None
            assert match.route.origin.field == "spec.rules[0].http.paths[0]"
    for target in ("/café", "/caf%C3%A9", "/café".encode()):
        route = result.match("a.test", target).route
        assert route is not None
        assert route.path == "/café"
    assert result.match("a.test", b"/\xff").upstream == "shop_web_80"
    assert result.match("a.test", "/\udcff").upstream == "shop_web_80"


def test_match_of_what_nginx_refuses() -> None:
    result = ingc.compile([WEB, SERVICE])
    refused: list[tuple[Any, Any]] = [
        ("a.test", ""),
        ("a.test", "no-slash"),
        ("a.test", "/a b"),
        ("a.test", "/%zz"),
        ("a.test", "/.."),
        ("", "/"),
        ("a b", "/"),
        ("a..test", "/"),
    ]
    for host, target in refused:
        match = result.match(host, target)
        assert match.status == 400, (host, target)
        assert match.why
        assert match.candidates == ()


def test_match_says_who_won_and_who_lost() -> None:
    result = ingc.compile([WEB, SERVICE])
    match = result.match("a.test", "/café")
    assert [candidate.wins for candidate in match.candidates] == [True, False]
    assert all(candidate.reason for candidate in match.candidates)


def test_a_failed_result_gives_nothing_to_use() -> None:
    bad = ingress("bad", rule("Bad.test", path("/", "web")))
    result = ingc.compile([WEB, SERVICE, bad])
    assert not result.ok
    assert result.config is None
    assert result.files == ()
    assert [d.code for d in result.errors] == ["ING201"]


def test_a_diagnostic_of_a_dict_has_object_and_field_but_no_file() -> None:
    (found,) = ingc.compile([ingress("bad", rule("Bad.test", path("/", "web")))]).errors
    assert (found.code, found.severity) == ("ING201", ingc.Severity.ERROR)
    assert found.object == "Ingress shop/bad"
    assert found.field == "spec.rules[0].host"
    assert (found.file, found.span) == (None, None)
    assert '"Bad.test"' in found.message


def test_routes_are_rows_with_none_for_what_is_absent() -> None:
    (exact, prefix) = ingc.compile([WEB, SERVICE]).routes
    assert (exact.path, prefix.path) == ("/café", "/")
    assert prefix.host == "a.test"
    assert prefix.upstream == "shop_web_80"
    assert (prefix.source, prefix.answer, prefix.dead) == (None, None, None)


def test_nothing_is_printed_or_written(
    capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    bad = ingress("bad", rule("Bad.test", path("/", "web")))
    for objects in ([WEB, SERVICE], [FIRST, OLD, *OTHERS], [bad], []):
        result = ingc.compile(objects, on_error="isolate")
        result.match("a.test", "/")
    assert tuple(capfd.readouterr()) == ("", "")
    assert not list(tmp_path.iterdir())


def test_equal_inputs_give_equal_bytes() -> None:
    first = ingc.compile([WEB, SERVICE])
    second = ingc.compile(copy.deepcopy([SERVICE, WEB]))
    assert first.config == second.config
    assert first.ir == second.ir


def inputs(number: int) -> tuple[list[Object], ingc.Options]:
    """Different inputs: hosts, maps of variables, versions, errors."""
    hosts = [
        rule(f"h{n}-{number}.test", *(path(f"/p{p}", f"s{p % 3}") for p in range(5)))
        for n in range(4)
    ]
    objects: list[Object] = [ingress(f"web{number}", *hosts), *APART]
    if number % 3 == 0:
        objects += [FIRST, *OTHERS]
    if number % 4 == 0:
        objects.append(ingress("bad", rule("Bad.test", path("/", "web"))))
    options = ingc.Options(
        nginx_version=("1.22", "1.26", "1.31")[number % 3],
        access_log=("json", "combined", "off")[number % 3],
        fragment=number % 5 == 0,
        resolver=("10.0.0.53",) if number % 2 else (),
        default_backend_service=f"shop/web{number}:80" if number % 2 else None,
    )
    return objects, options


def outcome(number: int) -> tuple[object, ...]:
    objects, options = inputs(number)
    result = ingc.compile(objects, options, on_error="isolate")
    matches = [
        result.match(f"h{n}-{number}.test", f"/p{p}/x").upstream for n in range(4) for p in range(5)
    ]
    return result.config, [d.message for d in result.diagnostics], result.routes, matches


def test_eight_threads_get_what_one_gets() -> None:
    numbers = list(range(24))
    alone = [outcome(number) for number in numbers]
    start = threading.Barrier(8)

    def run(number: int) -> tuple[object, ...]:
        if number < 8:
            start.wait(30)
        return outcome(number)

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(run, numbers))
    assert together == alone


def test_the_first_use_may_happen_in_eight_threads_at_once() -> None:
    """What is made when it is first needed (templates, tables, grammar) is made safely."""
    code = (
        "import threading, ingc\n"
        "from tests.test_library import outcome\n"
        "found = {}\n"
        "start = threading.Barrier(8)\n"
        "def run(n):\n"
        "    start.wait(30)\n"
        "    found[n] = outcome(n)\n"
        "threads = [threading.Thread(target=run, args=(n,)) for n in range(8)]\n"
        "[t.start() for t in threads]\n"
        "[t.join() for t in threads]\n"
        "assert found == {n: outcome(n) for n in range(8)}, 'threads differ'\n"
    )
    root = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_one_result_is_shared_between_threads() -> None:
    result = ingc.compile([FIRST, *OTHERS])
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(result.match, "a.test", f"/{n}", scheme="https") for n in range(200)]
        upstreams = {one.result().upstream for one in asked}
    assert upstreams == {"shop_web_80"}


@pytest.mark.parametrize("way", ["disable", "enable", "freeze", "unfreeze", "set_threshold"])
def test_the_garbage_collector_is_left_alone(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the whole process's: other threads of a program need it while a compile runs."""

    def refuse(*_: object) -> None:
        raise AssertionError(f"gc.{way} was called")

    monkeypatch.setattr(gc, way, refuse)
    for on_error in ("fail", "isolate"):
        ingc.compile([FIRST, OLD, *OTHERS], on_error=on_error).match("a.test", "/")


@pytest.mark.parametrize("enabled", [True, False])
def test_a_program_may_pause_it_and_finds_it_as_it_was(enabled: bool) -> None:
    before = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with ingc.collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
