"""Types are what `api.py` (the public names) and `entries.py` (the catalogue) say they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["api.py", "entries.py"])
def test_types_hold_under_strict_mypy(name: str) -> None:
    file = Path(__file__).with_name(name)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=file.parents[2], check=False)
    assert done.returncode == 0, done.stdout
