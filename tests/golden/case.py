"""A golden case: a folder with an input, and what becomes of it.

    golden/<area>/<claim>/
      case.toml     why, law; options; probes
      input.yaml    as small as the claim allows
      nginx.conf    its upstreams and servers; with `frame = true` the whole file
      routes.txt    the table of routes, then the probes: request → what becomes of it
      stderr.txt    the exit code and what the user sees; absent where it is 0 and nothing

The keys of case.toml are those of `KEYS`.
"""

from __future__ import annotations

import contextlib
import dataclasses
import io
import os
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ingc.cli.findings import exit_code, print_diagnostics
from ingc.cli.session import compile_inputs
from ingc.compiler import Result
from ingc.match import Match
from ingc.options import OnError, Options, check_options
from ingc.show import routes_as_text
from ingc.syntax.url import Url, read_url
from tests.golden.shown import outcome, unframed

ROOT = Path(__file__).parents[2] / "golden"
OUTPUTS = ("nginx.conf", "routes.txt", "stderr.txt")
MOST_LINES = {"input.yaml": 40, "nginx.conf": 80}
"""What a person takes in at a glance; a longer file needs a reason under `long`."""

KEYS = frozenset({"why", "law", "long", "frame", "stock", "options", "on_error", "probes"})
"""``why``: one sentence. ``law``: where it is written that it must be so. ``long``: why the case
is over `MOST_LINES`. ``frame``: show the whole nginx.conf. ``stock``: show the servers of unknown
names, too, which are the same nearly everywhere. ``options``: fields of `ingc.Options`.
``on_error``: ``isolate``. ``probes``: requests, ``http://foo.test/a`` or ``POST http://…``,
with headers behind it: ``http://foo.test/a | X-Canary: always``."""

_AS_WITH_D = Options(secret_files=True, now=datetime(2026, 1, 1, tzinfo=UTC))
"""As with `-d DIR`, and the same on every day."""
_INPUT_BYTES = 1 << 20


@dataclasses.dataclass(frozen=True)
class Probe:
    """One request of a case."""

    text: str
    method: str
    url: Url
    headers: tuple[tuple[str, str], ...] = ()


@dataclasses.dataclass(frozen=True)
class Case:
    """One folder below golden/."""

    folder: Path

    @property
    def name(self) -> str:
        """Area and claim."""
        return self.folder.relative_to(ROOT).as_posix()

    @property
    def area(self) -> str:
        """The folder that the case is in."""
        return self.folder.parent.name

    @cached_property
    def about(self) -> dict[str, Any]:
        """What case.toml says."""
        return tomllib.loads((self.folder / "case.toml").read_text(encoding="utf-8"))

    @property
    def options(self) -> Options:
        """The options of the case."""
        given: dict[str, Any] = self.about.get("options", {})
        fixed: dict[str, Any] = {
            key: tuple(item) if isinstance(item, list) else item for key, item in given.items()
        }
        options = dataclasses.replace(_AS_WITH_D, **fixed)
        check_options(options)
        return options

    @property
    def on_error(self) -> OnError:
        """What becomes of the rest where something is an error."""
        return "isolate" if self.about.get("on_error") == "isolate" else "fail"

    @property
    def probes(self) -> list[Probe]:
        """The requests of the case."""
        made = []
        for text in self.about.get("probes", []):
            request, *lines = text.split(" | ")
            method, _, url = request.rpartition(" ")
            pairs = (line.partition(": ") for line in lines)
            headers = tuple((name, value) for name, _, value in pairs)
            made.append(Probe(text, method or "GET", read_url(url), headers))
        return made

    @cached_property
    def result(self) -> Result:
        """What the compiler makes of the case."""
        return self.compile(self.options)

    def compile(self, options: Options) -> Result:
        """Compile the input as the command line does, with other options."""
        with _inside(self.folder):
            compiled = compile_inputs(
                ["input.yaml"], options, max_input=_INPUT_BYTES, on_error=self.on_error
            )
        return compiled.result

    def outputs(self) -> dict[str, str]:
        """Return the files that the case should have, by name."""
        result = self.result
        made = {}
        if result.ok and result.config is not None:
            made["nginx.conf"] = self._conf(result.config)
            made["routes.txt"] = routes_as_text(result.routes, result.streams) + self._probed(
                result
            )
        told = _told(result)
        if told or exit_code(result):
            made["stderr.txt"] = f"exit {exit_code(result)}\n\n{told.rstrip()}\n"
        return made

    def _conf(self, config: str) -> str:
        if self.about.get("frame"):
            return config
        return unframed(config, self.options, servers=self.about.get("stock", False))

    def _probed(self, result: Result) -> str:
        if not self.probes:
            return ""
        width = max(len(probe.text) for probe in self.probes)
        lines = [f"{p.text.ljust(width)}  {outcome(match_of(result, p))}" for p in self.probes]
        return "\n" + "\n".join(lines) + "\n"


def match_of(result: Result, probe: Probe) -> Match:
    """Ask the oracle what becomes of a probe."""
    url = probe.url
    return result.match(
        url.authority, url.target, scheme=url.scheme, method=probe.method, headers=probe.headers
    )


def all_cases() -> list[Case]:
    """Return every case, by name."""
    return [Case(path.parent) for path in sorted(ROOT.rglob("case.toml"))]


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """Work in a folder, so that files are named as a user there sees them."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _told(result: Result) -> str:
    with contextlib.redirect_stderr(io.StringIO()) as told:
        print_diagnostics(result.diagnostics)
    return told.getvalue()
