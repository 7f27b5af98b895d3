"""Causes while a Pod runs: a probe fails, a gate is closed, or it is on its way out."""

from __future__ import annotations

from ingc.k8s.condition import condition_of
from ingc.k8s.container import Container, Probe
from ingc.k8s.pod import Pod
from ingc.reach.cause import Cause, Evidence, Situation, clause, listed, seen, word
from ingc.reach.chain import Recipient
from ingc.reach.scene import Scene

_MOST_READ = 4000


def terminating(_cluster: Scene, recipient: Recipient) -> Cause | None:
    """Somebody has deleted the Pod, and it takes no requests any more."""
    pod = recipient.pod
    if pod is None or not pod.deleted or (recipient.endpoint and recipient.endpoint.serving):
        return None
    evidence = [seen(pod.origin, "metadata", "deletionTimestamp", value=pod.deleted)]
    why = f"{recipient.name} is being deleted (since {word(pod.deleted)})"
    if pod.finalizers:
        names = listed([*map(word, pod.finalizers)])
        why += f" and is held by its finalizer {names}"
        fix = "let the controller of that finalizer finish, or remove it by hand"
        evidence.append(seen(pod.origin, "metadata", "finalizers", value=names))
    elif pod.owners:
        owner = pod.owners[0]
        fix = (
            f"wait for the Pod that {word(owner.kind)} {word(owner.name)} makes in its place; if "
            f"it hangs, kubectl delete pod -n {pod.namespace} {pod.name} --force"
        )
    else:
        fix = "create it anew, best by a Deployment, for nothing else makes another"
    return Cause(Situation.TERMINATING, why, fix, tuple(evidence))


def ended(_cluster: Scene, recipient: Recipient) -> Cause | None:
    """The Pod has ended for good."""
    pod = recipient.pod
    if pod is None or not pod.ended:
        return None
    evidence = [seen(pod.origin, "status", "phase", value=pod.phase)]
    words = ": ".join(filter(None, (word(pod.reason), clause(pod.message))))
    why = f"{recipient.name} has ended ({pod.phase}{f', {words}' if words else ''})"
    if pod.reason:
        evidence.append(seen(pod.origin, "status", "reason", value=pod.reason))
    if pod.message:
        evidence.append(seen(pod.origin, "status", "message", value=pod.message))
    fix = "run it by a Deployment, whose Pods are made anew, with restartPolicy: Always"
    if pod.reason == "Evicted":
        fix = "free what its Node lacks, or request as much as it uses; a controller makes another"
    return Cause(Situation.ENDED, why, fix, tuple(evidence))


def startup_probe(scene: Scene, recipient: Recipient) -> Cause | None:
    """A container has not passed its startup probe."""
    for container in recipient.pod.containers if recipient.pod else ():
        status, probe = container.status, container.probe("startupProbe")
        if probe is None or status is None or status.started is not False or status.ready:
            continue
        if status.state is not None and status.state.kind == "running" and recipient.pod:
            place = seen(status.origin, "started", value="false")
            return _failing(scene, recipient, container, probe, place)
    return None


def readiness_probe(scene: Scene, recipient: Recipient) -> Cause | None:
    """A container runs and does not pass its readiness probe."""
    for container in recipient.pod.containers if recipient.pod else ():
        status, probe = container.status, container.probe("readinessProbe")
        if probe is None or status is None or status.ready or status.state is None:
            continue
        if status.state.kind == "running" and recipient.pod:
            place = seen(status.origin, "ready", value="false")
            return _failing(scene, recipient, container, probe, place)
    return None


def _failing(
    scene: Scene, recipient: Recipient, container: Container, probe: Probe, place: Evidence
) -> Cause | None:
    startup = probe.field == "startupProbe"
    kind = "Startup" if startup else "Readiness"
    situation = Situation.STARTUP_PROBE if startup else Situation.READINESS_PROBE
    where = _where(probe)
    why = (
        f"container {word(container.name)} of {recipient.name} runs and does not pass its "
        f"{kind.lower()} probe ({where})"
    )
    evidence = [place, seen(probe.origin, value=where)]
    message = ""
    events = scene.pod_events(recipient.pod, "Unhealthy") if recipient.pod else ()
    for event in events:
        if event.message.startswith(f"{kind} probe"):
            message = event.message
            why += f": {clause(message)}"
            evidence.append(seen(event.origin, event.note_field, value=message))
            break
    fix = _fix_of_probe(container, probe, message[:_MOST_READ].lower())
    return Cause(situation, why, fix, tuple(evidence))


def _where(probe: Probe) -> str:
    port = f" port {word(str(probe.port))}" if probe.port != "" else ""
    path = f" {word(probe.path or '/')}" if probe.handler == "httpGet" else ""
    return f"{probe.handler or 'no handler'}{path}{port}"


def _fix_of_probe(container: Container, probe: Probe, message: str) -> str:
    names = {item.name for item in container.ports}
    numbers = {item.number for item in container.ports}
    has = listed([*map(str, container.ports)])
    if isinstance(probe.port, str) and probe.port and probe.port not in names:
        return f"name a port that the container has in its {probe.field}; it has {has or 'none'}"
    if "statuscode: 404" in message:
        return f"write a path in its {probe.field} that the application answers with 200"
    if "statuscode: 40" in message:
        return f"let the application answer the path of its {probe.field} without a password"
    if "statuscode: " in message:
        return "repair what the application reports, mostly something that it depends on"
    if "connection refused" in message:
        other = f" (the container declares {has})" if has and probe.port not in numbers else ""
        return (
            f"let the application listen on port {word(str(probe.port))} of every address "
            f"(0.0.0.0, not 127.0.0.1 alone), give it more time to start, or write its port in "
            f"the {probe.field}{other}"
        )
    if "timeout" in message or "deadline exceeded" in message:
        return f"let it answer faster, or raise timeoutSeconds of its {probe.field}"
    more = "raise failureThreshold" if probe.field == "startupProbe" else "correct the probe"
    return f"let it answer there, or {more}"


def readiness_gate(_cluster: Scene, recipient: Recipient) -> Cause | None:
    """A condition that the Pod's readiness gates add is not true.

    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate
    """
    pod = recipient.pod
    for number, gate in enumerate(pod.gates) if pod else ():
        if pod is None or pod.phase not in ("Running", ""):
            return None
        found = condition_of(pod.conditions, gate)
        if found is not None and found.true:
            continue
        is_now = f"is {word(found.status)}" if found else "was never set"
        why = f"the readiness gate {word(gate)} of {recipient.name} {is_now}"
        if found is not None and found.words:
            why += f" ({clause(found.words)})"
        fix = "let the controller that owns this condition set it, or take the gate out of the Pod"
        evidence = [seen(pod.origin, "spec", "readinessGates", number, "conditionType", value=gate)]
        if found is not None:
            evidence.append(seen(found.origin, "status", value=found.status))
        return Cause(Situation.READINESS_GATE, why, fix, tuple(evidence))
    return None


def not_ready(_cluster: Scene, recipient: Recipient) -> Cause | None:
    """The Pod is not ready, by a condition or by its slice, and nothing says more."""
    pod = recipient.pod
    if pod is not None and pod.unready:
        words = clause(pod.unready)
        phase = words.removeprefix("its phase is ")
        why = f"{recipient.name} {words.removeprefix('it ')}"
        if phase != words:
            why = f"{recipient.name} is {phase}"
        ready = condition_of(pod.conditions, "Ready")
        place = (
            seen(ready.origin, "status", value=ready.status)
            if ready is not None and not ready.true
            else seen(pod.origin, "status", "phase", value=pod.phase)
        )
        return Cause(Situation.NOT_READY, why, _look(pod), (place,))
    endpoint = recipient.endpoint
    if endpoint is None or endpoint.ready or recipient.at is None:
        return None
    what = f"{endpoint.address} ({recipient.name})" if pod else endpoint.address
    why = f"{recipient.at.object} lists {what} as not ready"
    fix = _look(pod) if pod else "put the Pods into the input of ingc too: their conditions say why"
    field = () if endpoint.serving == endpoint.ready and not recipient.at.field[1:] else (
        "conditions", "ready",
    )  # fmt: skip
    return Cause(Situation.NOT_READY, why, fix, (seen(recipient.at, *field, value="false"),))


def _look(pod: Pod) -> str:
    return f"look why (kubectl describe pod -n {pod.namespace} {pod.name})"
