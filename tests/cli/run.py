"""Runs the command line as a program of its own, or inside this one where many runs are needed."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from ingc.cli import main

MAIN = "from ingc.cli import main; main()"
ROOT = Path(__file__).parents[2]
_TARGET_NOTE = re.compile(r"^note: this is for nginx .*\n", re.MULTILINE)


@dataclass(frozen=True)
class Done:
    """What came of a run."""

    code: int
    out: str
    err: str
    """Without what depends on the machine: that its nginx is older than the default target."""
    target_note: str = ""


def done(code: int, out: str, err: str) -> Done:
    """Return what came of a run, with the note about this machine's nginx apart."""
    note = _TARGET_NOTE.search(err)
    return Done(code, out, _TARGET_NOTE.sub("", err), note[0] if note else "")


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment with the package found from any folder."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **(extra or {})}


def ingc(
    *arguments: str | Path,
    cwd: Path | None = None,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    before: str = "",
) -> Done:
    """Run ``ingc``; ``before`` is Python that is run first in its process."""
    ran = subprocess.run(
        [sys.executable, "-c", before + MAIN, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        cwd=cwd,
        env=environment(env),
        timeout=120,
        check=False,
    )
    assert "Traceback" not in ran.stderr
    return done(ran.returncode, ran.stdout, ran.stderr)


def inside(*arguments: str | Path, cwd: Path) -> Done:
    """Run ``ingc`` in this process: the same `main`, without the start of a Python."""
    out, err = io.StringIO(), io.StringIO()
    with (
        mock.patch.object(sys, "argv", ["ingc", *map(str, arguments)]),
        contextlib.chdir(cwd),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
    return done(code, out.getvalue(), err.getvalue())
