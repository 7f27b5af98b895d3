"""The conditions of a status, as Pods, Nodes and workloads have them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ingc.diagnostics import Origin
from ingc.k8s.fields import Fields


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of ``status.conditions``."""

    type: str
    status: str
    """``True``, ``False`` or ``Unknown``."""
    reason: str
    message: str
    origin: Origin

    @property
    def true(self) -> bool:
        """True where its status is ``True``."""
        return self.status == "True"

    @property
    def words(self) -> str:
        """The reason and the message, as far as they are given."""
        return ": ".join(filter(None, (self.reason, self.message)))


def read_conditions(status: Fields | None) -> tuple[Condition, ...]:
    """Read ``status.conditions``.

    https://kubernetes.io/docs/reference/generated/kubernetes-api/ (PodCondition, NodeCondition)
    """
    if status is None:
        return ()
    return tuple(map(_read_condition, status.mappings("conditions")))


def _read_condition(item: Fields) -> Condition:
    return Condition(
        type=item.text("type"),
        status=item.text("status"),
        reason=item.text("reason"),
        message=item.text("message"),
        origin=item.origin,
    )


def condition_of(conditions: Iterable[Condition], kind: str) -> Condition | None:
    """Return the condition of a type."""
    return next((item for item in conditions if item.type == kind), None)


def why_unready(conditions: Iterable[Condition]) -> str:
    """Return why the condition ``Ready`` is not true; empty where it is, or is not given.

    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-conditions
    """
    ready = condition_of(conditions, "Ready")
    if ready is None or ready.true:
        return ""
    return f"it is not ready ({ready.words})" if ready.words else "it is not ready"


def is_ready(conditions: Iterable[Condition]) -> bool:
    """Return whether the condition ``Ready`` is true."""
    ready = condition_of(conditions, "Ready")
    return ready is not None and ready.true
