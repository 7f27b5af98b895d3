"""Hostile snippets, listed as data in ``snippets/*.toml``, beside a namespace that has done nothing.

Each is refused where it stands, and then the configuration is that of any other refused one, byte
by byte; or it is harmless: what it adds is on the list, and the neighbour's text is as without it.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import ingc
from ingc.compiler import compile_documents
from ingc.diagnostics import Sink
from ingc.frontend.snippets.allowed import ALLOWED
from ingc.load.reader import read_text
from ingc.nginx import Nginx
from tests.hostile.outcome import compiled
from tests.hostile.tree import tree_of
from tests.nginx.harness import serving
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service

_FOLDER = Path(__file__).parent / "snippets"
_PREFIX = "nginx.ingress.kubernetes.io/"
_MARK = "▶"
_REFUSING = {"ING005", "ING423", "ING424", "ING425", "ING427", "ING428", "ING429"}
_OF_SHARED_HOSTS = {"ING427", "ING428"}
"""Refused on the host that namespaces share, and taken on its own."""
_MORE = {"default_type", "proxy_buffers", "server", "listen", "server_name"}
"""What ours writes beside a directive of a snippet."""


@dataclass(frozen=True)
class HostileText:
    """A snippet, and what has to come of it."""

    what: str
    text: str
    where: str
    refused: bool
    shared: bool
    """Whether its Ingress has a path on the neighbour's host too."""

    @property
    def plain(self) -> str:
        return self.text.replace(_MARK, "")

    def __str__(self) -> str:
        return re.sub(r"[^ -~]", "?", self.text.replace(_MARK, ""))[:60]


def _texts() -> Iterator[HostileText]:
    for file in sorted(_FOLDER.glob("*.toml")):
        for group in tomllib.loads(file.read_text(encoding="utf-8"))["group"]:
            where = group.get("where", "configuration")
            for kind in ("refused", "shared", "harmless"):
                for item in group.get(kind, ()):
                    shared = kind == "shared" or group.get("on_shared_host", where != "server")
                    text, refused = _text(item), kind != "harmless"
                    yield HostileText(group["what"], text, where, refused, shared)


def _text(item: str | dict[str, Any]) -> str:
    if isinstance(item, str):
        return item
    middle = item["of"] * item.get("times", 1)
    end = item.get("end", "") * item.get("ends", item["times"] if item.get("end") == "x" else 1)
    return f"{item.get('start', '')}{middle}{end}"


TEXTS = tuple(_texts())
REFUSED = tuple(item for item in TEXTS if item.refused)
HARMLESS = tuple(item for item in TEXTS if not item.refused)


def evil(item: HostileText, name: str = "evil") -> Object:
    """Return the Ingress with the snippet."""
    annotations = {_PREFIX + f"{item.where}-snippet": item.plain}
    if item.where == "auth":
        annotations[_PREFIX + "auth-url"] = "http://web.evil.svc.cluster.local/"
    rules = [rule(f"{name}.test", prefix("/", "web"))]
    if item.shared:
        rules.append(rule("shared.test", prefix(f"/{name}", "web")))
    return ingress(name, *rules, namespace="evil", annotations=annotations)


@cache
def neighbour() -> tuple[Object, ...]:
    """Return what another namespace has."""
    annotations = {
        _PREFIX + "auth-url": "http://auth.bank.svc.cluster.local/",
        _PREFIX + "limit-rps": "5000",
        _PREFIX + "enable-cors": "true",
    }
    rules = (rule("bank.test", prefix("/", "web")), rule("shared.test", prefix("/bank", "web")))
    made = [ingress("bank", *rules, namespace="bank", annotations=annotations)]
    for namespace, name in (("evil", "web"), ("bank", "web"), ("bank", "auth")):
        made.append(service(name, 80, namespace=namespace))
        made.append(endpoint_slice(name, "192.0.2.1", port=80, namespace=namespace))
    return tuple(made)


OPTIONS: dict[str, Any] = {"allow_snippets": ("*",), "host_owner": {"shared.test": "bank"}}


def result_of(item: HostileText) -> ingc.Result:
    return compiled([evil(item), *neighbour()], ingc.Options(**OPTIONS), isolate=True)


@cache
def with_text(where: str, shared: bool, text: str) -> str | None:
    return result_of(HostileText("", text, where, True, shared)).config


def of_neighbour(config: str | None) -> list[str]:
    """Return all that is the other namespace's: its server, its locations of the shared host."""
    assert config is not None
    server = re.findall(r"\n    # bank\.test\n.*?\n    }\n", config, re.DOTALL)
    locations = re.findall(r"\n        # bank/.*?\n        }\n", config, re.DOTALL)
    assert server and locations
    return [*server, *locations]


@pytest.mark.parametrize("item", REFUSED, ids=str)
def test_it_is_refused_and_leaves_nothing(item: HostileText) -> None:
    result = result_of(item)
    codes = {error.code for error in result.errors}
    assert codes and codes <= _REFUSING, result.diagnostics
    if codes & _OF_SHARED_HOSTS:
        assert of_neighbour(result.config) == of_neighbour(with_text(item.where, True, ""))
        assert re.search(r"# evil/.*\n.*\n.*\n +return 503;", str(result.config))
    else:
        assert result.config == with_text(item.where, item.shared, "}")
    made = [evil(item), *neighbour()]
    assert compiled(made, ingc.Options(**OPTIONS), isolate=False).config is None


def _marked(text: str) -> list[tuple[int, int]]:
    """Return the line and column of each mark, both from 0."""
    found: list[tuple[int, int]] = []
    for number, line in enumerate(text.split("\n")):
        parts = line.split(_MARK)
        found.extend((number, len("".join(parts[:end]))) for end in range(1, len(parts)))
    return found


@pytest.mark.parametrize("item", [item for item in REFUSED if _MARK in item.text], ids=str)
def test_the_finding_points_at_it(item: HostileText) -> None:
    if not re.fullmatch(r"[\n -~]*\S[\n -~]*", item.plain) or item.plain.startswith((" ", "\n")):
        pytest.skip("YAML has no block for this text")
    key = _PREFIX + f"{item.where}-snippet"
    whole = evil(item)
    whole["metadata"]["annotations"][key] = "HERE"
    block = "|-\n" + "\n".join(f"      {line}" for line in item.plain.split("\n"))
    text = yaml.safe_dump(whole, sort_keys=False).replace("HERE", block)
    rest = yaml.safe_dump_all(neighbour())
    sink = Sink()
    documents = read_text(f"{text}---\n{rest}", "x.yaml", sink)
    result = compile_documents(documents, ingc.Options(**OPTIONS), sink, on_error="isolate")
    spans = [error.origin.span for error in result.errors]
    places = {(span.line, span.column) for span in spans if span is not None}
    first = text[: text.index("|-")].count("\n") + 2
    wanted = {(first + line, 7 + column) for line, column in _marked(item.text)}
    assert wanted <= places


@pytest.mark.parametrize("item", HARMLESS, ids=str)
def test_it_changes_nothing_of_others(item: HostileText) -> None:
    result = result_of(item)
    assert not result.errors, result.diagnostics
    before = with_text(item.where, item.shared, "")
    assert of_neighbour(result.config) == of_neighbour(before)
    names = {way.rpartition("/")[2] for way in tree_of(str(result.config))}
    known = {way.rpartition("/")[2] for way in tree_of(str(before))}
    assert names <= known | set(ALLOWED) | {"location"} | _MORE


@pytest.mark.parametrize("item", [item for item in TEXTS if "\\" not in item.text][::7], ids=str)
def test_the_operators_refuse_it_too(item: HostileText) -> None:
    """The ConfigMap's are read by the same list, but for what is the operator's alone."""
    key = {"configuration": "location-snippet", "server": "server-snippet"}.get(item.where)
    if key is None or not item.refused or (item.where == "server" and item.shared):
        pytest.skip("it stands for something else there")
    keys = {"metadata": {"name": "cfg", "namespace": "ops"}, "data": {key: item.plain}}
    made = [{"apiVersion": "v1", "kind": "ConfigMap", **keys}, *neighbour()]
    options = ingc.Options(allow_snippets=("none",), configmap="ops/cfg")
    result = compiled(made, options, isolate=True)
    shares = item.text in ("", "\n") or "last" in item.text
    assert {error.code for error in result.errors} <= _REFUSING
    assert result.errors or shares, result.diagnostics


def test_there_are_two_hundred() -> None:
    assert len({(item.where, item.text) for item in TEXTS}) == len(TEXTS) >= 200


def test_all_of_them_at_once_on_real_nginx(nginx: Nginx) -> None:
    small = [item for item in TEXTS if len(item.text) < 1000]
    plain = [item for item in neighbour() if item["kind"] == "Ingress"]
    for item in plain:
        item["metadata"]["annotations"].pop(_PREFIX + "auth-url", None)
    services = [item for item in neighbour() if item["kind"] == "Service"]
    with serving(nginx, [*plain, *services], allow_snippets=("*",)) as site:
        expected = [_answer(site, *ask) for ask in _ASKS]
    hostile = [evil(item, f"evil{number}") for number, item in enumerate(small)]
    options = {**OPTIONS, "on_error": "isolate"}
    with serving(nginx, [*hostile, *plain, *services], **options) as site:
        assert [_answer(site, *ask) for ask in _ASKS] == expected


_ASKS = (
    ("bank.test", "/"),
    ("bank.test", "/a%20b?c=d"),
    ("bank.test", "/healthz"),
    ("shared.test", "/bank"),
    ("shared.test", "/bank/x?y"),
    ("shared.test", "/other"),
    ("nobody.test", "/"),
)


def _answer(site: Any, host: str, target: str) -> tuple[object, ...]:
    answer = site.ask(host, target)
    skipped = ("date", "x-request-id")
    headers = [pair for pair in answer.headers if pair[0].lower() not in skipped]
    body = re.sub(rb'"[0-9a-f]{32}"|:\d{4,5}\b|"\d{4,5}"', b"", answer.body)
    return answer.status, headers if answer.status != 200 else [], body
