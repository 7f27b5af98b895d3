"""`ingc` with a clock that jumps: a day ahead on SIGUSR1, a day back on SIGUSR2.

    python -m tests.cluster.jumping controller …

What programs have of the time of day jumps, `time.time` and `datetime.now`; the kernel's monotonic
clocks do not, as nobody can set them.
"""

from __future__ import annotations

import datetime
import signal
import time

DAY = 86400.0
_real = time.time
_jump = 0.0


class _Jumping(datetime.datetime):
    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> _Jumping:
        """Return the time of day as this clock has it."""
        return cls.fromtimestamp(time.time(), tz)


def _jumped(number: int, _frame: object) -> None:
    global _jump  # noqa: PLW0603 - a clock is global
    _jump += DAY if number == signal.SIGUSR1 else -DAY


def _now() -> float:
    return _real() + _jump


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _jumped)
    signal.signal(signal.SIGUSR2, _jumped)
    time.time = _now
    datetime.datetime = _Jumping  # type: ignore[misc]
    from ingc.cli import main

    main()
