"""One situation: what breaks the healthy cluster, and what the sentence has to name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.reach.kubectl import AGE, LATER, Cluster, Object


@dataclass(frozen=True)
class Case:
    """One situation."""

    name: str
    situation: str
    title: str
    make: Callable[[Cluster], None]
    words: tuple[str, ...]
    """What the sentence has."""
    fields: tuple[str, ...]
    """The ends of fields that are evidence."""
    part: bool = False
    """Some endpoints answer."""
    errors: bool = False
    """The compiler reports an error too."""


MADE: list[Case] = []


def case(
    situation: str,
    title: str,
    *words: str,
    fields: tuple[str, ...] = (),
    part: bool = False,
    errors: bool = False,
) -> Callable[[Callable[[Cluster], None]], Callable[[Cluster], None]]:
    def add(make: Callable[[Cluster], None]) -> Callable[[Cluster], None]:
        MADE.append(
            Case(make.__name__, situation, title, make, words, fields, part=part, errors=errors)
        )
        return make

    return add


def backend(c: Cluster) -> Object:
    """Return the backend of the cluster's one rule."""
    found: Object = c["Ingress web"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    return found


def crashed(code: int, reason: str, message: str = "") -> tuple[Object, Object]:
    """Return the state and the last state of a container that ends again and again."""
    back_off = "back-off 5m0s restarting failed container=web pod=web-6d5f8c7b9-4xk2p_shop"
    waiting = {"message": back_off, "reason": "CrashLoopBackOff"}
    terminated = {
        "containerID": "containerd://5d41402abc4b2a76b9719d911017c592",
        "exitCode": code,
        "finishedAt": LATER,
        "reason": reason,
        "startedAt": AGE,
    }
    if message:
        terminated["message"] = message
    return {"waiting": waiting}, {"terminated": terminated}
