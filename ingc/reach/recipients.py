"""The causes of one Pod or endpoint, in the order in which they are searched."""

from __future__ import annotations

from collections.abc import Callable

from ingc.reach.cause import Cause, Situation
from ingc.reach.chain import Recipient
from ingc.reach.containers import (
    config_missing,
    crash_loop,
    image_pull,
    init_container,
    sandbox_failed,
    volume_not_mounted,
)
from ingc.reach.nodes import network_not_ready, node_gone, node_not_ready, same_address
from ingc.reach.policies import network_policy
from ingc.reach.readiness import (
    ended,
    not_ready,
    readiness_gate,
    readiness_probe,
    startup_probe,
    terminating,
)
from ingc.reach.scene import Scene
from ingc.reach.scheduling import claim_unbound, host_port_taken, unschedulable
from ingc.reach.slices import address_changed, not_listed, pod_gone, target_port_missing

OF_RECIPIENT: tuple[Callable[[Scene, Recipient], Cause | None], ...] = (
    host_port_taken,
    ended,
    node_gone,
    pod_gone,
    address_changed,
    network_not_ready,
    node_not_ready,
    terminating,
    claim_unbound,
    unschedulable,
    volume_not_mounted,
    sandbox_failed,
    image_pull,
    config_missing,
    init_container,
    crash_loop,
    startup_probe,
    readiness_probe,
    readiness_gate,
    same_address,
    network_policy,
    target_port_missing,
    not_ready,
    not_listed,
)
"""The first that finds something explains a recipient: what lies deeper comes before what follows
from it."""

_LEAST = frozenset({Situation.ENDED, Situation.TERMINATING, Situation.NOT_READY})
"""Pods on their way out say nothing of those that shall come in their place."""


def trouble(scene: Scene, recipient: Recipient) -> Cause | None:
    """Return why a recipient gets or answers no request; ``None`` where the input shows nothing."""
    return next(filter(None, (cause(scene, recipient) for cause in OF_RECIPIENT)), None)


def chief(causes: list[Cause]) -> Cause:
    """Return the cause that explains most recipients; of several the first."""
    counts = [item.situation for item in causes]

    def weight(item: Cause) -> tuple[bool, int]:
        return item.situation not in _LEAST, counts.count(item.situation)

    return max(causes, key=weight)
