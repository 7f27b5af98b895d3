"""A controller that is killed at any step of a swap leaves a folder that the next start serves."""

from __future__ import annotations

import subprocess
import sys

from ingc.nginx import Nginx
from tests.controller.load import ROOT


def test_killed_at_each_step_of_a_swap(nginx: Nginx) -> None:
    """In a process of its own: it forks, and this one has threads."""
    command = [sys.executable, "-m", "tests.controller.killed", str(nginx.path)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    steps = done.stdout.splitlines()
    assert any("os.link" in line for line in steps)
    assert any("os.kill" in line for line in steps)
