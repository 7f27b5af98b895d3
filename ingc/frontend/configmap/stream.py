"""Plain TCP and UDP, which is not compiled."""

from __future__ import annotations

from ingc.frontend.configmap.absent import meaningless
from ingc.frontend.configmap.declare import Group

_WHY = "there are no stream servers here"

GROUP = Group(
    "TCP and UDP",
    tuple(
        meaningless(name, _WHY)
        for name in (
            "proxy-stream-timeout",
            "proxy-stream-next-upstream",
            "proxy-stream-next-upstream-timeout",
            "proxy-stream-next-upstream-tries",
            "proxy-stream-responses",
        )
    ),
)
