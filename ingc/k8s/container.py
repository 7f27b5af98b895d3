"""Containers of a Pod: what ``spec`` wants of each, and what ``status`` says of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingc.diagnostics import Origin
from ingc.k8s.backend import check_port_number
from ingc.k8s.fields import Fields
from ingc.k8s.service import check_address

_PROBES = ("readinessProbe", "startupProbe", "livenessProbe")
_HANDLERS = ("httpGet", "tcpSocket", "grpc", "exec")


@dataclass(frozen=True, slots=True)
class ContainerPort:
    """A port that a container of a Pod declares."""

    name: str
    """``""`` for an unnamed one."""
    number: int
    protocol: str = "TCP"
    host_port: int = 0
    """The port of its Node that leads to it; 0: none."""
    host_address: str = ""
    """The Node's address that `host_port` is opened on; ``""``: all of them."""
    origin: Origin = field(default_factory=Origin)

    def __str__(self) -> str:
        """``8080 (http)``, or the number alone."""
        return f"{self.number} ({self.name})" if self.name else str(self.number)


@dataclass(frozen=True, slots=True)
class Probe:
    """A probe that the kubelet makes."""

    field: str
    """``readinessProbe``, ``startupProbe`` or ``livenessProbe``."""
    handler: str
    """``httpGet``, ``tcpSocket``, ``grpc``, ``exec``; ``""`` where it has none."""
    port: int | str
    """A number, a container port's name, or ``""``."""
    path: str
    """Of ``httpGet``."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class ContainerState:
    """One of ``waiting``, ``running``, ``terminated``, and what is said of it."""

    kind: str
    reason: str
    message: str
    exit_code: int | None
    """Of ``terminated``."""
    signal: int | None
    origin: Origin


@dataclass(frozen=True, slots=True)
class ContainerStatus:
    """What the kubelet reports of a container."""

    ready: bool
    started: bool | None
    """False while the startup probe has not succeeded."""
    restarts: int
    state: ContainerState | None
    last_state: ContainerState | None
    """How it ended before."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a Pod."""

    name: str
    image: str
    ports: tuple[ContainerPort, ...]
    probes: tuple[Probe, ...]
    init: bool
    """True for one of ``initContainers``."""
    sidecar: bool
    """True for an init container that goes on running beside the others."""
    memory_limit: str
    """``resources.limits.memory``, as written; ``""`` where there is none."""
    requests: Mapping[str, object]
    """``resources.requests``, by resource; quantities as written."""
    status: ContainerStatus | None
    origin: Origin

    def probe(self, field: str) -> Probe | None:
        """Return the probe of a field such as ``readinessProbe``."""
        return next((item for item in self.probes if item.field == field), None)


def read_containers(
    spec: Fields | None, status: Fields | None, *, host_network: bool
) -> tuple[Container, ...]:
    """Read a Pod's containers and init containers; statuses are joined to them by name.

    What is wrong with a port is reported. With ``host_network`` each port is one of the Node too.
    """
    return tuple(
        _read_container(item, found, init=init, host_network=host_network)
        for init in (True, False)
        for item, found in _joined(spec, status, init=init)
    )


def _joined(
    spec: Fields | None, status: Fields | None, *, init: bool
) -> Iterator[tuple[Fields, Fields | None]]:
    name = "initContainerStatuses" if init else "containerStatuses"
    statuses: dict[str, Fields] = {}
    for item in status.mappings(name) if status else ():
        statuses.setdefault(item.text("name"), item)
    for item in spec.mappings("initContainers" if init else "containers") if spec else ():
        yield item, statuses.pop(item.text("name"), None)
    for item in statuses.values():  # the manifest has its status alone
        yield item, item


def _read_container(
    fields: Fields, status: Fields | None, *, init: bool, host_network: bool
) -> Container:
    quiet = fields.unheard()
    resources = quiet.mapping("resources")
    limits = resources.mapping("limits") if resources else None
    requests = resources.mapping("requests") if resources else None
    return Container(
        name=quiet.text("name"),
        image=quiet.text("image"),
        ports=tuple(_read_ports(fields, host_network=host_network)),
        probes=tuple(_read_probes(quiet)),
        init=init,
        sidecar=init and quiet.text("restartPolicy") == "Always",
        memory_limit=str(limits.value.get("memory") or "") if limits else "",
        requests=requests.value if requests else {},
        status=_read_status(status) if status else None,
        origin=fields.origin,
    )


def _read_ports(container: Fields, *, host_network: bool) -> Iterator[ContainerPort]:
    for port in container.mappings("ports"):
        number = port.integer("containerPort")
        if number is None or not check_port_number(port, number, "containerPort"):
            continue
        host_port = port.integer("hostPort") or (number if host_network else 0)
        if host_port and not check_port_number(port, host_port, "hostPort"):
            continue
        address = port.text("hostIP")
        yield ContainerPort(
            name=port.text("name"),
            number=number,
            protocol=port.text("protocol") or "TCP",
            host_port=host_port,
            host_address=address if address and check_address(port, address, "hostIP") else "",
            origin=port.origin,
        )


def _read_probes(container: Fields) -> Iterator[Probe]:
    for name in _PROBES:
        probe = container.mapping(name)
        if probe is None:
            continue
        handler = next((name for name in _HANDLERS if probe.value.get(name) is not None), "")
        inner = probe.mapping(handler) if handler else None
        port: object = inner.value.get("port") if inner else None
        yield Probe(
            field=name,
            handler=handler,
            port=port if isinstance(port, int | str) else "",
            path=inner.text("path") if inner else "",
            origin=probe.origin,
        )


def _read_status(status: Fields) -> ContainerStatus:
    return ContainerStatus(
        ready=status.boolean("ready") is True,
        started=status.boolean("started"),
        restarts=status.integer("restartCount") or 0,
        state=_read_state(status, "state"),
        last_state=_read_state(status, "lastState"),
        origin=status.origin,
    )


def _read_state(status: Fields, name: str) -> ContainerState | None:
    states = status.mapping(name)
    for kind in ("waiting", "running", "terminated"):
        state = states.mapping(kind) if states else None
        if state is not None:
            return ContainerState(
                kind=kind,
                reason=state.text("reason"),
                message=state.text("message"),
                exit_code=state.integer("exitCode"),
                signal=state.integer("signal"),
                origin=state.origin,
            )
    return None
