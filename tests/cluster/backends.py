"""What answers on the addresses of Pods: one nginx for all of them, which says its address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingc.nginx import Nginx, Running
from tests.nginx.conf import answers, conf, write

PORT = 9376
"""Where every Pod listens."""


@contextmanager
def backends(nginx: Nginx, folder: Path) -> Iterator[None]:
    """Answer on every address of this network namespace with that address."""
    folder.mkdir()
    text = conf(answers(str(PORT), "$server_addr"), connections=1024)
    with Running(nginx, folder, write(folder, text)):
        yield
