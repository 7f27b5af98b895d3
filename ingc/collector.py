"""Python's cyclic garbage collector, paused where much is built and nothing is cyclic."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector, which else walks again and again through all that a compile builds.

    It takes about an eighth of a compile's time, more as the input grows, and finds nothing.
    Whoever found it running starts it again, so threads that overlap leave it running.
    """
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()
