"""Configurations in `tests/model/foreign`: the model and real nginx answer each request alike.

A line ``#? HOST TARGET …`` asks each target on a host, ``#? HOST TARGET | HOST TARGET`` several
hosts. A target is ``METHOD:`` + path, and may end in ``[Name:=value]``, where ``+`` is a space. A
host after ``two`` is asked on the second port. ``PORT1``, ``PORT2`` and ``ROOT`` are filled in.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pytest

from ingc.model import Model, Outcome, Request, read_model
from ingc.nginx import Nginx, Running, free_ports
from ingc.prove.parsing import RefusedText, parse
from tests.model.test_foreign import TOLD, UPSTREAMS
from tests.nginx.bare import Talk
from tests.nginx.conf import conf, write
from tests.nginx.harness import as_ourselves
from tests.nginx.wire import Response, get

FOLDER = Path(__file__).parent / "foreign"
CONFS = sorted(FOLDER.glob("*.conf"))
_TARGET = re.compile(r"(?:([A-Z]+):(?=/))?([^\[]*)(?:\[([\w-]+):=(.*)\])?")


@dataclass(frozen=True)
class Asked:
    """A request of a file."""

    port: int
    """1 or 2."""
    host: str
    target: bytes
    method: str
    headers: tuple[tuple[str, str], ...]


def asked(text: str) -> Iterator[Asked]:
    for line in text.splitlines():
        if not line.startswith("#? "):
            continue
        for part in line[3:].split(" | "):
            words = part.split()
            port = 2 if words[0] == "two" else 1
            host, *targets = words[port - 1 :]
            for word in targets:
                found = _TARGET.fullmatch(word)
                assert found is not None, word
                method, target, name, value = found.groups()
                headers = ((name, value.replace("+", " ")),) if name else ()
                yield Asked(port, host, target.encode(), method or "GET", headers)


def fill(root: Path) -> None:
    for name in ("index.html", "404.html", "a.txt", "dir/b.txt", "dir/index.html", "empty/.keep"):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.parent.chmod(0o755)
        path.write_text(f"file {name}")


def kind_of(path: bytes) -> Literal["file", "directory"] | None:
    found = Path(path.decode("utf-8", "surrogateescape"))
    if b"\0" in path or (path.endswith(b"/") and not found.is_dir()):
        return None
    return "directory" if found.is_dir() else "file" if found.is_file() else None


def seen(response: Response, method: str) -> tuple[object, ...]:
    location = response.header("Location")
    if response.header("Content-Type") == "application/json":
        story = response.json()
        return response.status, location, story["service"], story["request"]["target"]
    own = response.body.decode("latin-1") if b"<hr>" not in response.body else ""
    return response.status, location, "" if method == "HEAD" else own


def foretold(outcome: Outcome, method: str) -> tuple[object, ...]:
    if outcome.upstream is not None:
        _, name, _ = outcome.upstream.split("_")
        status = outcome.shown or 200
        return status, None, f"n/{name}", outcome.target.decode("latin-1")
    text = outcome.text or b""
    if outcome.file and outcome.status is not None:
        path = Path(outcome.file.decode())
        text = path.read_bytes() if path.is_file() else b"?"
    return outcome.status, outcome.location, "" if method == "HEAD" else text.decode("latin-1")


def model_of(http: str, nginx: Nginx) -> Model:
    parsed = parse(f"events {{ }}\nhttp {{\n{http}\n}}\n")
    assert not isinstance(parsed, RefusedText), parsed
    return read_model(parsed, nginx.version, kind_of)


@pytest.mark.parametrize("path", CONFS, ids=lambda path: path.stem)
def test_model_and_nginx_agree(nginx: Nginx, path: Path) -> None:
    text = path.read_text("utf-8")
    with tempfile.TemporaryDirectory(prefix="ingc-") as folder:
        prefix = Path(folder)
        prefix.chmod(0o755)
        fill(prefix / "files")
        ports = free_ports(2)
        filled = text.replace("ROOT", str(prefix / "files"))
        for number, port in enumerate(ports, 1):
            filled = filled.replace(f"PORT{number}", f"127.0.0.1:{port}")
        http = UPSTREAMS + TOLD + filled
        model = model_of(http, nginx)
        wrong = []
        file = write(prefix, conf(http))
        with Running(nginx, prefix, file, directives=as_ourselves()):
            for item in asked(text):
                lines = [f"{name}: {value}".encode() for name, value in item.headers]
                data = get(item.target, item.host, *lines, method=item.method.encode())
                port = ports[item.port - 1]
                with Talk(("127.0.0.1", port)) as talk:
                    found = seen(talk.ask(data), item.method)
                request = Request(
                    item.host.encode(),
                    item.target,
                    "http",
                    item.method,
                    item.headers,
                    address="127.0.0.1",
                    port=port,
                )
                told = foretold(model.outcome(request), item.method)
                if told != found:
                    wrong.append(f"{item}\n   nginx: {found}\n   model: {told}")
    assert not wrong, "\n".join(wrong)
