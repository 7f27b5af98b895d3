"""The public types are what `api.py` says they are."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_public_types_hold_under_strict_mypy() -> None:
    api = Path(__file__).with_name("api.py")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-incremental", str(api)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=api.parents[2], check=False)
    assert done.returncode == 0, done.stdout
