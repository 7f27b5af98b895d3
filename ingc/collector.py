"""Python's cyclic garbage collector, paused where much is built and nothing is cyclic.

It belongs to the whole process, threads of others included, so a call of the library leaves it as
it is. The command line, whose process is its own, pauses it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector, which else walks again and again through all that a compile builds.

    For programs that do nothing else meanwhile: no thread's cycles are freed in the block. A
    compile from nothing takes 1.2 times as long without it for 300 Ingresses, 1.7 times for 2000;
    in a process that holds much beside that, 1.0 and 1.2 times (``bench/collector.py``).
    Whoever found it running starts it again, so threads that overlap leave it running.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
