"""A golden case: a folder with an input, and what becomes of it.

    golden/<area>/<claim>/
      case.toml     why, law; options; probes
      input.yaml    as small as the claim allows
      nginx.conf    the upstreams and servers; with `frame = true` the whole file
      routes.txt    the table of routes, then the probes: request → what becomes of it
      stderr.txt    the exit code and what the user sees; absent where it is 0 and nothing
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from ingc.cli.session import exit_code
from ingc.compiler import Result, compile_documents
from ingc.diagnostics import Sink
from ingc.diagnostics.render.text import render_text
from ingc.load import read
from ingc.match import Match
from ingc.options import OnError, Options
from ingc.serve.client import Url, read_url
from ingc.show import routes_as_text

ROOT = Path(__file__).parents[2] / "golden"
OUTPUTS = ("nginx.conf", "routes.txt", "stderr.txt")
MOST_INPUT_LINES, MOST_CONF_LINES = 60, 110


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@dataclasses.dataclass(frozen=True)
class Probe:
    """One request of a case."""

    text: str
    method: str
    url: Url


@dataclasses.dataclass(frozen=True)
class Case:
    folder: Path

    @property
    def name(self) -> str:
        return str(self.folder.relative_to(ROOT))

    @cached_property
    def about(self) -> dict[str, Any]:
        return tomllib.loads((self.folder / "case.toml").read_text(encoding="utf-8"))

    @property
    def options(self) -> Options:
        given = self.about.get("options", {})
        fixed = {key: tuple(item) if isinstance(item, list) else item for key, item in given.items()}
        return Options(**{"secret_files": True, **fixed})

    @property
    def on_error(self) -> OnError:
        return "isolate" if self.about.get("on_error") == "isolate" else "fail"

    @property
    def probes(self) -> list[Probe]:
        made = []
        for text in self.about.get("probes", []):
            method, _, url = text.rpartition(" ")
            made.append(Probe(text, method or "GET", read_url(url)))
        return made

    @cached_property
    def result(self) -> Result:
        return self.compile(self.options)

    def compile(self, options: Options) -> Result:
        with inside(self.folder):
            sink = Sink(strict=options.strict)
            loaded = read(["input.yaml"], sink)
            return compile_documents(loaded.documents, options, sink, on_error=self.on_error)

    def outputs(self) -> dict[str, str]:
        """Return the files that the case should have, by name."""
        result = self.result
        made = {}
        if result.ok and result.config is not None:
            made["nginx.conf"] = result.config if self.about.get("frame") else unframed(result.config)
            made["routes.txt"] = routes_as_text(result.routes) + self._probed(result)
        told = render_text(result.diagnostics, color=False) if result.diagnostics else ""
        if told or exit_code(result):
            made["stderr.txt"] = f"exit {exit_code(result)}\n{told.rstrip()}\n"
        return made

    def _probed(self, result: Result) -> str:
        if not self.probes:
            return ""
        width = max(len(probe.text) for probe in self.probes)
        lines = [f"{p.text.ljust(width)}  {outcome(match_of(result, p))}" for p in self.probes]
        return "\n" + "\n".join(lines) + "\n"


def match_of(result: Result, probe: Probe) -> Match:
    url = probe.url
    return result.match(url.authority, url.target, scheme=url.scheme, method=probe.method)


def outcome(match: Match) -> str:
    """Say what becomes of a request, and why."""
    if match.redirect:
        return f"{match.status} to {match.redirect}"
    winner = next((item for item in match.candidates if item.wins), None)
    why = match.why or (winner.reason if winner else "no rule takes it")
    if match.upstream and match.route:
        return f"{match.upstream} by {match.route.origin}: {why}"
    if match.route:
        return f"{match.status} by {match.route.origin}: {why}"
    return f"{match.status or 'refused'}: {why}"


def unframed(config: str) -> str:
    """Return the upstreams and servers of a configuration, moved to the left."""
    lines = config.splitlines()
    starts = (n for n, line in enumerate(lines) if line.startswith("    upstream "))
    servers = (n - 1 for n, line in enumerate(lines) if line == "    server {")
    first = min(next(starts, len(lines)), next(servers, len(lines)))
    kept = [line.removeprefix("    ") for line in lines[first:-1]]
    return "# the frame is shown in golden/frame\n" + "\n".join(kept) + "\n"


def all_cases() -> list[Case]:
    return [Case(path.parent) for path in sorted(ROOT.rglob("case.toml"))]


def index() -> str:
    """Return golden/README.md: one line for each case."""
    lines = ["# What ingc does, case by case", ""]
    area = ""
    for case in all_cases():
        if case.folder.parent.name != area:
            area = case.folder.parent.name
            lines += ["", f"## {area}", ""]
        lines.append(f"- [{case.folder.name}]({case.name}): {case.about['why']}")
    return "\n".join(lines) + "\n"
