"""The recorded sets: objects, requests and what ingress-nginx answered."""

from __future__ import annotations

import json
import lzma
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.objects import Object

ANSWERS = Path(__file__).parent / "answers"
ELSEWHERE = "INGC_PEER"
"""The variable that names a folder of more sets, which are not ours to carry."""

_REASONED = ("D", "Q", "H")
"""Labels of differences: documented, a quirk of ingress-nginx, of the recording."""

Facts = Mapping[str, Any]
"""What of an answer is compared, by name."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request, as it is sent."""

    method: str
    scheme: str
    path: str
    host: str | None
    """The Host header; ``None``: none is sent."""
    server_name: str | None
    source: str
    """The client's address; empty: the usual one."""
    headers: tuple[str, ...]
    body: str
    version: str
    """Of HTTP."""
    times: int
    """Above 1: only how often each Service answers is compared."""

    def __str__(self) -> str:
        return f"{self.method} {self.scheme}://{self.host or ''}{self.path}"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and what ingress-nginx answered."""

    case: str
    question: Question
    wanted: Facts
    known: frozenset[str] = frozenset()
    """Fields that a set of the other folder knows to differ, and why."""


@dataclass(frozen=True, slots=True)
class Recording:
    """One set."""

    objects: tuple[Object, ...]
    exchanges: tuple[Exchange, ...]

    def every(self, step: int) -> Recording:
        """Return the set with one of so many requests."""
        return Recording(self.objects, self.exchanges[::step])


def names() -> list[str]:
    """Return the names of the sets that are here."""
    return sorted(path.name.partition(".")[0] for path in _paths())


def load(name: str) -> Recording:
    """Return a set by its name."""
    path = next(path for path in _paths() if path.name.partition(".")[0] == name)
    data = path.read_bytes()
    stored = json.loads(lzma.decompress(data) if path.suffix == ".xz" else data)
    return Recording(tuple(stored["objects"]), tuple(map(_exchange, stored["requests"])))


def _paths() -> list[Path]:
    """A set of the other folder that is here too is read from here."""
    here = {path.name.partition(".")[0]: path for path in ANSWERS.glob("*.json.xz")}
    elsewhere = os.environ.get(ELSEWHERE)
    beside = Path(elsewhere).glob("*.json") if elsewhere else ()
    return [*({path.stem: path for path in beside} | here).values()]


def _exchange(row: Mapping[str, Any]) -> Exchange:
    sent = row["q"]
    question = Question(
        method=sent["method"],
        scheme=sent["scheme"],
        path=sent["path"],
        host=sent.get("hosthdr"),
        server_name=sent.get("sni"),
        source=sent.get("src") or "",
        headers=tuple(sent.get("headers") or ()),
        body=sent.get("body") or "",
        version=sent.get("version", "1.1"),
        times=sent.get("n", 1),
    )
    known = row["differs"] if row.get("seen_to_differ", "").startswith(_REASONED) else ()
    return Exchange(row["case"], question, row["want"], frozenset(known))
