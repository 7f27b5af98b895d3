"""The clock that waits go by, and the time of day as the API writes it."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def monotonic() -> float:
    """Return seconds of a clock that nobody sets, and that goes on while the machine sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


def micro_time() -> str:
    """Return the time of day as a MicroTime (meta/v1), for people who read it."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
