"""Causes between a slice and its Pods: it is stale, lists nobody, or names another port."""

from __future__ import annotations

from ingc.reach.cause import Cause, Situation, listed, seen, word
from ingc.reach.chain import Recipient
from ingc.reach.scene import Scene

_STALE = (
    "look why the EndpointSlice controller does not follow (kube-controller-manager), or whose "
    "slice it is (label endpointslice.kubernetes.io/managed-by), and delete it: it is made anew"
)


def pod_gone(scene: Scene, recipient: Recipient) -> Cause | None:
    """A slice lists a Pod that is not there any more."""
    endpoint, at = recipient.endpoint, recipient.at
    if endpoint is None or at is None or at.object is None or recipient.pod is not None:
        return None
    if at.object.namespace not in scene.pods_in or not endpoint.pod:
        return None
    what = f"Pod {word(endpoint.pod)} at {endpoint.address}"
    why = f"{at.object} still lists {what}, which is not among the Pods of its namespace"
    has_now = scene.pods_by_address.get(endpoint.address, ())
    if has_now:
        why += f" ({endpoint.address} is now Pod {has_now[0].namespace}/{has_now[0].name})"
    field = () if at.field == ("subsets",) else ("targetRef", "name")
    return Cause(Situation.POD_GONE, why, _STALE, (seen(at, *field, value=endpoint.pod),))


def address_changed(_scene: Scene, recipient: Recipient) -> Cause | None:
    """A slice lists a Pod by an address that it has no more."""
    endpoint, pod, at = recipient.endpoint, recipient.pod, recipient.at
    if endpoint is None or pod is None or at is None or not pod.addresses:
        return None
    if endpoint.address in (*pod.addresses, pod.address):
        return None
    why = (
        f"{at.object} lists {recipient.name} at {endpoint.address}, while its address is "
        f"{word(pod.address or pod.addresses[0])}"
    )
    evidence = (
        seen(at, *(() if at.field == ("subsets",) else ("addresses", 0)), value=endpoint.address),
        seen(pod.origin, "status", "podIP", value=pod.address),
    )
    return Cause(Situation.ADDRESS_CHANGED, why, _STALE, evidence)


def target_port_missing(_scene: Scene, recipient: Recipient) -> Cause | None:
    """No container of the Pod has the Service's targetPort.

    A number is served whether it is declared or not; where a Pod declares others alone, it is
    likely a slip.
    """
    pod, port = recipient.pod, recipient.port
    if pod is None or not port:
        return None
    if isinstance(port, str):
        if any(item.name == port for item in pod.ports):
            return None
    elif not pod.ports or any(item.number == port for item in pod.ports):
        return None
    has = [word(str(item)) for item in pod.ports]
    what = f"named {word(port)}" if isinstance(port, str) else str(port)
    name = recipient.service.object if recipient.service is not None else "the Service"
    why = f"the targetPort of {name} is {word(str(port))}, and no container of {recipient.name} "
    why += f"has a port {what}; declared {'is' if len(has) == 1 else 'are'} {listed(has) or 'none'}"
    first = pod.ports[0] if pod.ports else None
    given = (first.name or first.number) if first and isinstance(port, str) else None
    to = given if given is not None else first.number if first else "the containers' port"
    fix = f"write targetPort: {word(str(to))} in the Service"
    fix += (
        f", or name a container's port {word(port)}"
        if isinstance(port, str)
        else (f", or let a container listen on {port} and declare it")
    )
    evidence = [seen(item.origin, "containerPort", value=str(item)) for item in pod.ports[:3]]
    if not evidence:
        evidence = [seen(pod.origin, "spec", "containers", value="no ports")]
    if recipient.service is not None:
        value = f"targetPort: {port}"
        evidence.insert(0, seen(recipient.service, "spec", "ports", value=value))
    return Cause(Situation.TARGET_PORT_MISSING, why, fix, tuple(evidence))


def not_listed(_scene: Scene, recipient: Recipient) -> Cause | None:
    """The Pod is ready, and the slices of its Service do not list it."""
    pod = recipient.pod
    if pod is None or recipient.endpoint is not None or not pod.ready or not recipient.sliced:
        return None
    why = f"{recipient.name} is ready, and no EndpointSlice of its Service lists it for this port"
    fix = (
        "look whether the EndpointSlice controller runs (kube-controller-manager), and whether "
        "the slices of the input are as new as the Pod"
    )
    ready = next(item for item in pod.conditions if item.type == "Ready")
    return Cause(Situation.NOT_LISTED, why, fix, (seen(ready.origin, "status", value="True"),))
