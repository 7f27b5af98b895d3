"""Hostile snippets, listed as data, beside a neighbour that has done nothing.

Each is refused where it stands, and then the configuration is that of any other refused one, byte
by byte; or it is harmless: what it adds is on the list, and the neighbour's text is as without it.
"""

from __future__ import annotations

import re
import time
from functools import cache

import pytest
import yaml

import ingc
from ingc.compiler import compile_documents
from ingc.diagnostics import Sink
from ingc.frontend.snippets.allowed import ALLOWED
from ingc.load.reader import read_text
from tests.hostile.outcome import SECONDS, compiled
from tests.hostile.snippet_texts import (
    OPTIONS,
    PREFIX,
    TEXTS,
    HostileText,
    hostile_ingress,
    neighbour,
)
from tests.hostile.tree import tree_of

_REFUSING = {"ING005", "ING423", "ING424", "ING425", "ING427", "ING428", "ING429"}
_OF_SHARED_HOSTS = {"ING427", "ING428"}
"""Refused on the host that namespaces share, and taken on its own."""
_MORE = {"location", "default_type", "proxy_buffers", "server", "listen", "server_name", "types"}
"""What ours writes beside a directive of a snippet."""
_BESIDE = tuple(neighbour())
_BESIDE_AS_YAML = yaml.safe_dump_all(_BESIDE)
REFUSED = tuple(item for item in TEXTS if item.kind != "harmless")
HARMLESS = tuple(item for item in TEXTS if item.kind == "harmless")


def result_of(item: HostileText, *, isolate: bool = True) -> ingc.Result:
    made = [hostile_ingress(item), *_BESIDE]
    return compiled(made, ingc.Options(**OPTIONS), isolate=isolate)


@cache
def with_text(where: str, shared: bool, text: str) -> str | None:
    return result_of(HostileText("", text, where, "", shared)).config


def of_neighbour(config: str | None) -> list[str]:
    """Return all that is the other namespace's: its server, its locations of the shared host.

    Where somebody on the host leads paths elsewhere, names of inner locations can't be guessed.
    """
    assert config is not None
    config = re.sub(r"(//ingc/\w+/[\w-]+/[\w-]+)/[0-9a-f]{24}", r"\1", config)
    server = re.findall(r"\n    # bank\.test\n.*?\n    }\n", config, re.DOTALL)
    locations = re.findall(r"\n        # bank/.*?\n        }\n", config, re.DOTALL)
    assert server and locations
    return [*server, *locations]


@pytest.mark.parametrize("item", REFUSED, ids=str)
def test_it_is_refused_where_it_stands_and_leaves_nothing(item: HostileText) -> None:
    if item.marked and item.is_block:
        result, places = _with_places(item)
        assert set(item.marked) <= places
    else:
        result = result_of(item)
    codes = {error.code for error in result.errors}
    assert codes and codes <= _REFUSING, result.diagnostics
    if codes & _OF_SHARED_HOSTS:
        assert of_neighbour(result.config) == of_neighbour(with_text(item.where, True, ""))
        assert re.search(r"# evil/.*\n.*\n.*\n +return 503;", str(result.config))
    else:
        assert result.config == with_text(item.where, item.shared, "}")


def _with_places(item: HostileText) -> tuple[ingc.Result, set[tuple[int, int]]]:
    """Compile a file with the snippet; return where findings are, in lines of the snippet."""
    whole = hostile_ingress(item)
    whole["metadata"]["annotations"][f"{PREFIX}{item.where}-snippet"] = "HERE"
    block = "|-\n" + "\n".join(f"      {line}" for line in item.plain.split("\n"))
    text = yaml.safe_dump(whole, sort_keys=False).replace("HERE", block)
    sink, begun = Sink(), time.process_time()
    documents = read_text(f"{text}---\n{_BESIDE_AS_YAML}", "x.yaml", sink)
    result = compile_documents(documents, ingc.Options(**OPTIONS), sink, on_error="isolate")
    assert time.process_time() - begun < SECONDS
    spans = [error.origin.span for error in result.errors]
    first = text[: text.index("|-")].count("\n") + 2
    return result, {(span.line - first, span.column - 7) for span in spans if span is not None}


@pytest.mark.parametrize("item", REFUSED[::9], ids=str)
def test_without_isolation_there_is_no_configuration(item: HostileText) -> None:
    result = result_of(item, isolate=False)
    assert result.config is None and result.errors


@pytest.mark.parametrize("item", HARMLESS, ids=str)
def test_it_changes_nothing_of_others(item: HostileText) -> None:
    result = result_of(item)
    assert not result.errors, result.diagnostics
    before = with_text(item.where, item.shared, "")
    assert of_neighbour(result.config) == of_neighbour(before)
    names = {way.rpartition("/")[2] for way in tree_of(str(result.config))}
    known = {way.rpartition("/")[2] for way in tree_of(str(before))}
    assert names <= known | set(ALLOWED) | _MORE


_OF_OPERATOR = {"configuration": "location-snippet", "server": "server-snippet"}
_THERE_TOO = [
    item
    for item in TEXTS
    if item.kind == "refused" and (item.where == "configuration" or not item.shared)
]


@pytest.mark.parametrize(
    "item", [item for item in _THERE_TOO if item.where in _OF_OPERATOR][::7], ids=str
)
def test_the_config_map_is_read_by_the_same_list(item: HostileText) -> None:
    data = {_OF_OPERATOR[item.where]: item.plain}
    meta = {"name": "cfg", "namespace": "ops"}
    made = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": data}, *_BESIDE]
    options = ingc.Options(allow_snippets=("none",), configmap="ops/cfg")
    result = compiled(made, options, isolate=True)
    codes = {error.code for error in result.errors}
    assert codes and codes <= _REFUSING, result.diagnostics


def test_there_are_two_hundred() -> None:
    assert len({(item.where, item.shared, item.text) for item in TEXTS}) == len(TEXTS) >= 200
