"""A hundred snippets as people write them, compiled and pasted by hand, on real nginx.

They are data: ``snippets_pasted/*.toml``. Those of Ingresses stand in one configuration, each for
a host of its own; those of the ConfigMap hold for every host, and run alone.
"""

from __future__ import annotations

import re
import socket
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

import ingc
from ingc.frontend.snippets.allowed import ALLOWED
from ingc.frontend.snippets.contents import SnippetPlace
from ingc.nginx import Nginx, free_ports
from tests.nginx.backend import Backend
from tests.nginx.bare import bare
from tests.nginx.harness import serving
from tests.nginx.pasted import (
    NAMESPACE,
    Seen,
    Trial,
    backed,
    by_hand,
    has_headers_more,
    modules,
    objects,
    seen,
)
from tests.nginx.wire import Address
from tests.objects import Object, config_map, endpoint_slice

_FOLDER = Path(__file__).parent / "snippets_pasted"


def _trials() -> Iterator[Trial]:
    for file in sorted(_FOLDER.glob("*.toml")):
        for item in tomllib.loads(file.read_text(encoding="utf-8"))["trial"]:
            given = {name.replace("-", "_"): value for name, value in item.items()}
            yield Trial(**{n: tuple(v) if isinstance(v, list) else v for n, v in given.items()})


TRIALS = tuple(_trials())
OF_INGRESSES = tuple(item for item in TRIALS if not item.of_operator)
OF_OPERATOR = tuple(item for item in TRIALS if item.of_operator)


@dataclass
class Compared:
    """What came of each request, by the name of its trial."""

    expected: dict[str, list[Seen]]
    found: dict[str, list[Seen]]


@contextmanager
def backends(trials: Iterable[Trial]) -> Iterator[tuple[dict[str, int], dict[str, Backend]]]:
    """Run the backends of trials; yield the port of each, and those that keep what they get."""
    ports: dict[str, int] = {}
    found: dict[str, Backend] = {}
    with ExitStack() as stack:
        for trial in trials:
            if trial.backend == "dead":
                (ports[trial.name],) = free_ports(1)
            elif trial.backend == "silent":
                quiet = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
                ports[trial.name] = quiet.getsockname()[1]
            else:
                more = [*trial.answer, *([f"X-Filler: {'x' * trial.filler}"] * bool(trial.filler))]
                lines = "".join(f"{line}\r\n" for line in more)
                body = (trial.name * trial.size)[: trial.size]
                made = Backend(body, headers=lines, status=trial.status)
                found[trial.name] = stack.enter_context(made)
                ports[trial.name] = made.port
        yield ports, found


def answered(
    address: Address, trials: Iterable[Trial], own: dict[str, Backend], auth: Backend
) -> dict[str, list[Seen]]:
    """Send all requests of trials."""
    return {
        trial.name: [
            seen(address, trial, ask, (auth, *filter(None, (own.get(trial.name),))))
            for ask in trial.asks
        ]
        for trial in trials
    }


def compare(nginx: Nginx, trials: tuple[Trial, ...]) -> Compared:
    """Run trials by hand, then compiled."""
    with backends(trials) as (ports, own), Backend("auth") as auth:
        (port,) = free_ports(1)
        text = by_hand(trials, ports, f"127.0.0.1:{port}", auth.port)
        main = " ".join(re.sub("worker_processes [^;]*;", "", trial.main) for trial in trials)
        with bare(nginx, text, directives=f"{modules(nginx)} {main}", connections=1024):
            expected = answered(("127.0.0.1", port), trials, own, auth)
        made, options = given(trials, {**ports, "auth": auth.port})
        with serving(nginx, made, echo=False, on_error="isolate", **options) as site:
            found = answered(site.http, trials, own, auth)
    return Compared(expected, found)


def given(trials: Iterable[Trial], ports: dict[str, int]) -> tuple[list[Object], dict[str, object]]:
    """Return the objects of trials and the options."""
    made = [item for trial in trials for item in objects(trial, ports[trial.name])]
    keys = {key: text for trial in trials for key, text in trial.config_map.items()}
    made.extend(backed("auth", ports["auth"]))
    options: dict[str, object] = {"allow_snippets": (NAMESPACE,)}
    if keys:
        made.append(config_map("cfg", keys, namespace="ops"))
        options["configmap"] = "ops/cfg"
    return made, options


def runs_on(nginx: Nginx, trial: Trial) -> bool:
    return "more_" not in trial.texts or has_headers_more(nginx)


@pytest.fixture(scope="module")
def together(nginx: Nginx) -> Compared:
    return compare(nginx, tuple(item for item in OF_INGRESSES if runs_on(nginx, item)))


def check(trial: Trial, compared: Compared) -> None:
    pairs = zip(compared.expected[trial.name], compared.found[trial.name], strict=True)
    for ask, (wanted, got) in zip(trial.asks, pairs, strict=True):
        assert got == wanted, ask


@pytest.mark.parametrize("trial", OF_INGRESSES, ids=lambda trial: trial.name)
def test_it_answers_as_where_the_snippet_is_pasted(
    nginx: Nginx, together: Compared, trial: Trial
) -> None:
    if not runs_on(nginx, trial):
        pytest.skip("this nginx has no headers-more to compare with")
    check(trial, together)


@pytest.mark.parametrize("trial", OF_OPERATOR, ids=lambda trial: trial.name)
def test_the_operators_answer_as_where_they_are_pasted(nginx: Nginx, trial: Trial) -> None:
    if not runs_on(nginx, trial):
        pytest.skip("this nginx has no headers-more to compare with")
    check(trial, compare(nginx, (trial,)))


@pytest.mark.parametrize("trial", TRIALS, ids=lambda trial: trial.name)
def test_it_compiles_without_an_error(trial: Trial) -> None:
    made, options = given((trial,), {trial.name: 8080, "auth": 8081})
    options["allow_address"] = ("127.0.0.0/8",)
    result = ingc.compile(made, ingc.Options(**options))  # type: ignore[arg-type]
    assert result.config is not None, [f"{item.code} {item.message}" for item in result.errors]


@pytest.mark.parametrize(
    ("snippet", "target", "status"),
    [
        ("break;", "/", 503),
        ("if ($arg_a) { break; } return 410;", "/?a=1", 503),
        ("if ($arg_a) { break; } return 410;", "/", 410),
        ("rewrite ^/app/(.*)$ /$1 break; return 410;", "/app/x", 503),
        ("rewrite ^/app/(.*)$ /$1 break; return 410;", "/x", 410),
        ("if ($arg_a) { rewrite ^ /y break; return 410; }", "/?a=1", 503),
        ("rewrite ^/app/(.*)$ /$1;", "/app/x", 503),
    ],
)
def test_nothing_is_looked_for_on_disk_where_a_service_has_no_endpoints(
    nginx: Nginx, snippet: str, target: str, status: int
) -> None:
    trial = Trial("empty", configuration=snippet)
    made = [*objects(trial, 1)[:2], endpoint_slice("empty", port=80, namespace=NAMESPACE)]
    with serving(nginx, made, echo=False, allow_snippets=("*",)) as site:
        assert site.ask("empty.test", target).status == status


def test_each_directive_of_the_list_is_tried_twice() -> None:
    used: Counter[str] = Counter()
    for trial in TRIALS:
        used.update(set(re.findall(r"(?:^|[;{}])\s*([a-z_]+)(?=[\s;])", trial.texts)))
    assert len(TRIALS) >= 100
    # Those of a module are tried by test_text_filters.py, those of ports by test_stream.py.
    ports = frozenset({SnippetPlace.PORTS})
    stock = (name for name, item in ALLOWED.items() if not item.module and item.places != ports)
    assert {name: used[name] for name in (*stock, "location") if used[name] < 2} == {}
