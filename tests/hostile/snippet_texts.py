"""Hostile snippets, read of ``snippets/*.toml``, and objects in which each stands."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io/"
_FOLDER = Path(__file__).parent / "snippets"
_MARK = "▶"


@dataclass(frozen=True)
class HostileText:
    """A snippet, and what has to come of it."""

    what: str
    text: str
    where: str = "configuration"
    kind: str = "refused"
    """``refused``; ``shared``: refused on a host that namespaces share; ``harmless``."""
    shared: bool = True
    """Whether its Ingress has a path on the neighbour's host too."""

    @property
    def plain(self) -> str:
        """It without marks."""
        return self.text.replace(_MARK, "")

    @property
    def marked(self) -> list[tuple[int, int]]:
        """The line and column of each mark, both from 0."""
        found: list[tuple[int, int]] = []
        for number, line in enumerate(self.text.split("\n")):
            parts = line.split(_MARK)
            found.extend((number, len("".join(parts[:end]))) for end in range(1, len(parts)))
        return found

    @property
    def is_block(self) -> bool:
        """Whether a block of YAML can hold it as it is."""
        plain = re.fullmatch(r"[\n -~]+", self.plain) is not None
        return plain and not self.plain.startswith((" ", "\n"))

    def __str__(self) -> str:
        return re.sub(r"[^ -~]", "?", self.plain)[:60]


def read_texts() -> Iterator[HostileText]:
    """Yield all of them."""
    for file in sorted(_FOLDER.glob("*.toml")):
        for group in tomllib.loads(file.read_text(encoding="utf-8"))["group"]:
            where = group.get("where", "configuration")
            for kind in ("refused", "shared", "harmless"):
                for item in group.get(kind, ()):
                    shared = kind == "shared" or group.get("on_shared_host", where != "server")
                    yield HostileText(group["what"], _text(item), where, kind, shared)


def _text(item: str | dict[str, Any]) -> str:
    if isinstance(item, str):
        return item
    middle = item["of"] * item.get("times", 1)
    return f"{item.get('start', '')}{middle}{item.get('end', '') * item.get('ends', 1)}"


def hostile_ingress(item: HostileText, name: str = "evil") -> Object:
    """Return the Ingress with the snippet."""
    annotations = {PREFIX + f"{item.where}-snippet": item.plain}
    if item.where == "auth":
        annotations[PREFIX + "auth-url"] = "http://web.evil.svc.cluster.local/"
    rules = [rule(f"{name}.test", prefix("/", "web"))]
    if item.shared:
        rules.append(rule("shared.test", prefix(f"/{name}", "web")))
    return ingress(name, *rules, namespace="evil", annotations=annotations)


def neighbour() -> list[Object]:
    """Return what another namespace has, and the Services of both."""
    annotations = {
        PREFIX + "auth-url": "http://auth.bank.svc.cluster.local/",
        PREFIX + "limit-rps": "5000",
        PREFIX + "enable-cors": "true",
    }
    rules = (rule("bank.test", prefix("/", "web")), rule("shared.test", prefix("/bank", "web")))
    made = [ingress("bank", *rules, namespace="bank", annotations=annotations)]
    for namespace, name in (("evil", "web"), ("bank", "web"), ("bank", "auth")):
        made.append(service(name, 80, namespace=namespace))
        made.append(endpoint_slice(name, "192.0.2.1", port=80, namespace=namespace))
    return made


OPTIONS: dict[str, Any] = {"allow_snippets": ("*",), "host_owner": {"shared.test": "bank"}}
"""The neighbour owns the host that both have paths of."""
TEXTS = tuple(read_texts())
