"""The options of the controller."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field
from pathlib import Path

import ingc
from ingc.controller.addresses import Publishing
from ingc.kinds import RuleKind


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheringTimes:
    """How long changes are gathered before they are compiled together; seconds."""

    quiet: float = 0.1
    """So long nothing has come any more."""
    longest: float = 1.0
    """So long at most the first of them waits."""
    endpoints_quiet: float = 1.0
    """As `quiet`, where nothing but endpoints has changed."""
    endpoints_longest: float = 5.0
    """As `longest`, where nothing but endpoints has changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ControllerOptions:
    """What the controller has to do, beside what it compiles with."""

    compile: ingc.Options
    """What is compiled, and for which nginx."""
    folder: Path
    """Where nginx.conf and its files are: the last good ones, from one start to the next."""
    nginx: str | None = None
    """The nginx to run, as `ingc.Nginx` takes it."""
    namespaces: tuple[str, ...] = ()
    """The namespaces to read; empty: all, as far as `ingc.Options.watch_namespace` allows."""
    others: tuple[RuleKind, ...] = ()
    """The kinds with rules beside Ingress that are read, where the API has them."""
    pods: bool = False
    """Whether Pods and Nodes are read though `ingc.Options.backends` does not need them: for
    Services whose annotation ``ingc/backends`` does."""
    times: GatheringTimes = field(default_factory=GatheringTimes)
    chunk: int = 500
    """So many objects are listed in one answer."""
    shutdown_wait: float = 0.0
    """Seconds between the end of readiness and that of nginx: so long load balancers need to
    notice."""
    drain: float = 30.0
    """Seconds that requests under way have at the end."""

    health_address: str = ""
    """Where health and metrics are served; empty: on every address."""
    health_port: int = 10254
    reports: bool = True
    """Whether status and Events are written into the cluster, by the replica that has the Lease."""
    lease: str = "default/ingc"
    """``namespace/name`` of the Lease; its replicas are one installation."""
    identity: str = field(default_factory=socket.gethostname)
    """The name of this replica, which no other has; in a cluster the Pod's."""
    publishing: Publishing = field(default_factory=Publishing)

    def __post_init__(self) -> None:
        """Raise `ingc.OptionError` for what can't hold together."""
        if self.namespaces and self.compile.watch_namespace is not None:
            raise ingc.OptionError("namespaces: not beside watch_namespace")

    @property
    def watched(self) -> tuple[str, ...]:
        """The namespaces whose Ingresses are read; empty: all."""
        one = self.compile.watch_namespace
        return (one,) if one is not None else self.namespaces
