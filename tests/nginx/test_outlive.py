"""What becomes of nginx when the process that runs it ends, in whatever way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ingc.nginx import Nginx
from tests.nginx.binaries import ROOT
from tests.nginx.conf import answers, conf, write
from tests.nginx.processes import gone, group, soon


@pytest.fixture
def listen(prefix: Path) -> Path:
    return prefix / "s.sock"


_PARENT = """
    import os, signal, sys, time
    # A shell that starts the tests in the background lets them ignore these two.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGQUIT, signal.SIG_DFL)
    from pathlib import Path
    from ingc.nginx import Running
    from ingc.nginx.find import ask
    nginx, prefix = ask(Path(sys.argv[1])), Path(sys.argv[2])
    if len(sys.argv) > 4:
        os.setgroups([]); os.setgid(65534); os.setuid(65534)
    with Running(nginx, prefix, prefix / "nginx.conf") as running:
        print(running.pid, flush=True)
        {then}
"""


def parent(nginx: Nginx, prefix: Path, then: str, *more: str) -> subprocess.Popen[str]:
    """Start a Python that runs nginx, prints its process id, and does ``then``."""
    program = textwrap.dedent(_PARENT).format(then=then)
    return subprocess.Popen(
        [sys.executable, "-c", program, nginx.path, prefix, "--", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


@pytest.mark.parametrize(
    ("how", "code"), [("KILL", -9), ("TERM", -15), ("INT", None), ("QUIT", -3)]
)
def test_nothing_outlives_its_parent(
    nginx: Nginx, prefix: Path, listen: Path, how: str, code: int | None
) -> None:
    write(prefix, conf(answers(f"unix:{listen}", "one")))
    with parent(nginx, prefix, "time.sleep(60)") as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert soon(lambda: len(group(pid)) == 3)
        process.send_signal(getattr(signal, f"SIG{how}"))
        ended = process.wait(10)
        assert code is None or ended == code
        assert gone(pid)
    assert not listen.exists()


def test_nothing_outlives_an_exit_without_cleanup(nginx: Nginx, prefix: Path, listen: Path) -> None:
    write(prefix, conf(answers(f"unix:{listen}", "one")))
    with parent(nginx, prefix, "os._exit(7)") as process:
        pid = int(process.communicate(timeout=10)[0])
        assert process.returncode == 7
    assert gone(pid)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_runs_without_root(nginx: Nginx, prefix: Path, listen: Path) -> None:
    write(prefix, conf(answers(f"unix:{listen}", "one")))
    os.chown(prefix, 65534, 65534)
    then = "print(running.reload(), os.geteuid(), len(running.workers), flush=True)"
    with parent(nginx, prefix, then, "nobody") as process:
        out, err = process.communicate(timeout=20)
    assert out.splitlines()[1:] == ["None 65534 2"], err
