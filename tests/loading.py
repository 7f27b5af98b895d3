"""What a fresh Python loads."""

from __future__ import annotations

import os
import subprocess
import sys

_REPORT = "\nfinally:\n    print('loaded', *__import__('sys').modules)"


def loaded_by(code: str, **environment: str) -> set[str]:
    """Return the names of the modules that are loaded after this code, also where it exits."""
    indented = "\n".join(f"    {line}" for line in code.splitlines())
    done = subprocess.run(
        [sys.executable, "-c", f"try:\n{indented}{_REPORT}"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stdout.splitlines()[-1].split()
    assert last[0] == "loaded", done.stderr
    return set(last[1:])


def of_ingc(modules: set[str]) -> set[str]:
    """Return those that are ours."""
    return {name for name in modules if name.split(".")[0] == "ingc"}
