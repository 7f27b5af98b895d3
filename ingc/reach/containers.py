"""Causes at a container: it does not start, or does not stay."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from ingc.k8s.container import Container, ContainerState
from ingc.k8s.event import Event
from ingc.k8s.pod import Pod
from ingc.reach.cause import Cause, Evidence, Situation, clause, listed, seen, word
from ingc.reach.chain import Recipient
from ingc.reach.scene import Scene

_MOST_READ = 4000
_PULL = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"}
    | {"ImageInspectError", "RegistryUnavailable", "SignatureValidationFailed"}
)
_CONFIG = frozenset({"CreateContainerConfigError"})
_START = frozenset(
    {"CreateContainerError", "RunContainerError", "StartError", "PostStartHookError"}
)
_CREATING = frozenset({"ContainerCreating", "PodInitializing", ""})
_MOUNT = ("FailedMount", "FailedAttachVolume", "FailedMapVolume")
_SANDBOX = ("FailedCreatePodSandBox", "NetworkNotReady", "FailedPodSandBoxStatus")


def _states(pod: Pod) -> Iterator[tuple[Container, ContainerState]]:
    """Yield the containers that are reported of and not yet ended well, with their state."""
    for item in pod.containers:
        state = item.status.state if item.status else None
        if state is None or (item.init and state.kind == "terminated" and not state.exit_code):
            continue
        yield item, state


def volume_not_mounted(scene: Scene, recipient: Recipient) -> Cause | None:
    """A volume of the Pod is not mounted on its Node."""
    event = _creating(scene, recipient, *_MOUNT)
    if event is None:
        return None
    text = event.message[:_MOST_READ].lower()
    if "multi-attach" in text:
        fix = (
            "stop the Pod on the other Node that still has the volume, or use an access mode of "
            "several Nodes"
        )
    elif "not found" in text:
        fix = "create the Secret, ConfigMap or claim that it names, or take it out of spec.volumes"
    else:
        fix = "repair what the message names, on the Node or at the storage"
    why = f"{recipient.name} does not start, for a volume can't be mounted: {clause(event.message)}"
    evidence = seen(event.origin, event.note_field, value=event.message)
    return Cause(Situation.VOLUME_NOT_MOUNTED, why, fix, (evidence,))


def sandbox_failed(scene: Scene, recipient: Recipient) -> Cause | None:
    """The Node makes no sandbox for the Pod: mostly the network plug-in."""
    event = _creating(scene, recipient, *_SANDBOX)
    if event is None:
        return None
    text = event.message[:_MOST_READ].lower()
    node = word(recipient.node) or "its Node"
    fix = f"repair the container runtime of Node {node} (journalctl -u kubelet)"
    if "cni" in text or "network" in text:
        fix = f"repair the network plug-in (CNI) of Node {node}: look at its DaemonSet's Pod there"
        if "no ip addresses available" in text or "failed to allocate" in text:
            fix = f"give Node {node} a larger Pod network, or free addresses: none is left there"
    why = f"{recipient.name} gets no sandbox on Node {node}: {clause(event.message)}"
    evidence = seen(event.origin, event.note_field, value=event.message)
    return Cause(Situation.SANDBOX_FAILED, why, fix, (evidence,))


def _creating(scene: Scene, recipient: Recipient, *reasons: str) -> Event | None:
    """Return the latest Event of some reasons about a Pod whose containers are being created."""
    pod = recipient.pod
    if pod is None or pod.ended or pod.phase == "Running" or not pod.node:
        return None
    waits = [state for _, state in _states(pod) if state.kind != "waiting"]
    if any(state.kind == "running" for state in waits):
        return None
    others = [s for _, s in _states(pod) if s.kind == "waiting" and s.reason not in _CREATING]
    return None if others else next(iter(scene.pod_events(pod, *reasons)), None)


def image_pull(scene: Scene, recipient: Recipient) -> Cause | None:
    """The image of a container does not come.

    https://kubernetes.io/docs/concepts/containers/images/#imagepullbackoff
    """
    pod = recipient.pod
    for container, state in _states(pod) if pod else ():
        if state.kind != "waiting" or state.reason not in _PULL or pod is None:
            continue
        message, evidence = state.message, [seen(state.origin, "reason", value=state.reason)]
        if message:
            evidence.append(seen(state.origin, "message", value=message))
        for event in scene.pod_events(pod, "Failed"):
            if container.image[:200] in event.message and "pull" in event.message.lower():
                message = event.message
                evidence.append(seen(event.origin, event.note_field, value=message))
                break
        evidence.append(seen(container.origin, "image", value=container.image))
        text = message[:_MOST_READ].lower().replace(container.image.lower(), "")
        meaning, fix = _meaning_of_pull(scene, pod, state.reason, text)
        why = (
            f"{recipient.name} does not get the image {word(container.image)} of container "
            f"{word(container.name)} ({': '.join(filter(None, (state.reason, meaning)))})"
        )
        return Cause(Situation.IMAGE_PULL, why, fix, tuple(evidence))
    return None


_PULLS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("toomanyrequests", "rate limit", "429"),
        "the registry limits pulls",
        "pull with an account, from a mirror, or later",
    ),
    (
        ("no such host", "timeout", "connection refused", "dial tcp"),
        "the Node does not reach the registry",
        "let the Nodes reach it (its name, DNS, proxy or firewall)",
    ),
    (
        ("x509", "http response to https"),
        "the Node does not trust the registry",
        "let the Nodes' container runtime trust its certificate",
    ),
    (
        ("no match for platform", "no matching manifest"),
        "it is not built for the Node's architecture",
        "build the image for it too, or select other Nodes",
    ),
    (
        ("unauthorized", "denied", "forbidden", "401", "403", "authoriz"),
        "the registry wants an account, or has no such image",
        "check the image's name, and give the Pod a pull Secret",
    ),
    (
        ("not found", "manifest unknown"),
        "the registry has no such name or tag",
        "write a name and a tag that the registry has, or push this one",
    ),
)
"""What a container runtime says, what that means, and what to do."""


def _meaning_of_pull(scene: Scene, pod: Pod, reason: str, message: str) -> tuple[str, str]:
    """Return why an image does not come, and what to do."""
    if reason == "InvalidImageName":
        return "no valid name", "write it as REGISTRY/NAME:TAG, in lower case, without a scheme"
    if reason == "ErrImageNeverPull":
        fix = "load the image onto the Node, or set imagePullPolicy: IfNotPresent"
        return "the Node does not have it and may not pull it", fix
    for marks, why, fix in _PULLS:
        if any(mark in message for mark in marks):
            secrets = f": {_pull_secrets(scene, pod)}" if "Secret" in fix else ""
            return why, fix + secrets
    fix = "check that the registry has this name and tag, and whether the Pod needs a pull Secret"
    return "", f"{fix}: {_pull_secrets(scene, pod)}"


def _pull_secrets(scene: Scene, pod: Pod) -> str:
    account = scene.store.bystanders.accounts.get((pod.namespace, pod.account or "default"))
    if account is None:
        return "imagePullSecrets of the Pod or of its ServiceAccount"
    has = listed([*map(word, account.pull_secrets)]) or "none"
    return f"imagePullSecrets of the Pod or of ServiceAccount {account.name}, which has {has}"


def config_missing(_cluster: Scene, recipient: Recipient) -> Cause | None:
    """A ConfigMap or Secret that a container needs is not there."""
    for container, state in _states(recipient.pod) if recipient.pod else ():
        if state.kind == "waiting" and state.reason in _CONFIG:
            why = (
                f"{recipient.name} can't make container {word(container.name)}: "
                f"{clause(state.message) or state.reason}"
            )
            fix = (
                f"create what it names in namespace {recipient.pod.namespace}, or mark the "
                "reference optional: true"
                if recipient.pod
                else ""
            )
            evidence = seen(state.origin, "message", value=state.message or state.reason)
            return Cause(Situation.CONFIG_MISSING, why, fix, (evidence,))
    return None


def init_container(_cluster: Scene, recipient: Recipient) -> Cause | None:
    """An init container has not ended well, so that no other container starts."""
    pod = recipient.pod
    for container, state in _states(pod) if pod else ():
        if not container.init or container.sidecar or pod is None:
            continue
        logs = _logs(pod, container)
        if state.kind == "running":
            why = (
                f"{recipient.name} waits for its init container {word(container.name)}, which "
                "still runs"
            )
            fix = f"give it what it waits for ({logs})"
            place = seen(state.origin, value="running")
            return Cause(Situation.INIT_CONTAINER, why, fix, (place,))
        ended, restarts = _end_of(container), container.status.restarts if container.status else 0
        if ended is None:
            continue
        why = (
            f"{recipient.name} does not start, for its init container {word(container.name)} "
            f"{_how(ended, restarts)}"
        )
        evidence = (*_seen_end(container, state, ended),)
        return Cause(Situation.INIT_CONTAINER, why, _fix_of_end(pod, container, ended), evidence)
    return None


def crash_loop(scene: Scene, recipient: Recipient) -> Cause | None:
    """A container ends again and again.

    https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts
    """
    pod = recipient.pod
    for container, state in _states(pod) if pod else ():
        if pod is None or (container.init and not container.sidecar):
            continue
        loops = state.reason == "CrashLoopBackOff" or state.reason in _START
        if not (loops or state.kind == "terminated" or _restarts(scene, pod, container)):
            continue
        restarts = container.status.restarts if container.status else 0
        ended = _end_of(container) or state
        why = f"container {word(container.name)} of {recipient.name} {_how(ended, restarts)}"
        evidence = [*_seen_end(container, state, ended)]
        fix = _fix_of_end(pod, container, ended)
        killed = _killed_by_probe(scene, pod, container)
        if killed is not None and ended.reason != "OOMKilled":
            probe = container.probe("livenessProbe")
            why += f", for the kubelet kills it: {clause(killed.message)}"
            fix = (
                "repair its livenessProbe, or give it more time (initialDelaySeconds, startupProbe)"
            )
            evidence.append(seen(killed.origin, killed.note_field, value=killed.message))
            if probe is not None:
                evidence.append(
                    seen(probe.origin, value=f"{probe.handler} {word(str(probe.port))}")
                )
        return Cause(Situation.CRASH_LOOP, why, fix, tuple(evidence))
    return None


_OFTEN = 3


def _restarts(scene: Scene, pod: Pod, container: Container) -> bool:
    """Return whether a container that runs just now has ended again and again."""
    status = container.status
    if status is None or status.ready or status.restarts < _OFTEN or _end_of(container) is None:
        return False
    probed = scene.pod_events(pod, "Unhealthy")
    return not any(item.message.startswith(("Readiness", "Startup")) for item in probed)


def _end_of(container: Container) -> ContainerState | None:
    status = container.status
    states = (status.state, status.last_state) if status else ()
    ended = (item for item in states if item is not None and item.kind == "terminated")
    return next(ended, None)


def _killed_by_probe(scene: Scene, pod: Pod, container: Container) -> Event | None:
    if container.probe("livenessProbe") is None:
        return None
    for event in scene.pod_events(pod, "Unhealthy", "Killing"):
        if event.message.startswith("Liveness probe") or "failed liveness probe" in event.message:
            return event
    return None


_CODES = {
    126: "its command can't be executed",
    127: "its command is not found",
    128: "it did not start",
    134: "it aborted (SIGABRT)",
    137: "it was killed (SIGKILL)",
    139: "it crashed (SIGSEGV)",
    143: "it was stopped (SIGTERM)",
}


def _how(ended: ContainerState, restarts: int) -> str:
    often = f" again and again ({restarts} restarts)" if restarts > 1 else ""
    if ended.kind != "terminated":
        words = clause(ended.message)
        return f"does not start{often} ({ended.reason}{f': {words}' if words else ''})"
    if ended.reason == "OOMKilled":
        return f"is killed{often} for want of memory (OOMKilled, exit code {ended.exit_code})"
    code = ended.exit_code
    meaning = _CODES.get(code or 0, "")
    reason = "" if ended.reason in ("", "Error") else f", {word(ended.reason)}"
    words = f": {clause(ended.message)}" if ended.message else f": {meaning}" if meaning else ""
    return f"ends{often} with exit code {code}{reason}{words}"


def _seen_end(
    container: Container, state: ContainerState, ended: ContainerState
) -> Iterator[Evidence]:
    if state.kind == "waiting":
        yield seen(state.origin, "reason", value=state.reason)
    if ended.kind == "terminated":
        yield seen(ended.origin, "exitCode", value=ended.exit_code)
        if ended.reason:
            yield seen(ended.origin, "reason", value=ended.reason)
    if ended.message:
        yield seen(ended.origin, "message", value=ended.message)
    if ended.reason == "OOMKilled" and container.memory_limit:
        yield seen(container.origin, "resources", "limits", "memory", value=container.memory_limit)


def _fix_of_end(pod: Pod, container: Container, ended: ContainerState) -> str:
    logs = _logs(pod, container, previous=True)
    if "address already in use" in ended.message[:_MOST_READ]:
        return "let it listen on a port of its own, for another process has this one"
    if ended.reason == "OOMKilled":
        limit = f" above {word(container.memory_limit)}" if container.memory_limit else ""
        return f"raise its resources.limits.memory{limit}, or let it use less"
    if ended.exit_code in (126, 127, 128) or ended.reason in _START | {"ContainerCannotRun"}:
        return "correct its command and args, for the image can't run them, or use another image"
    if ended.exit_code == 0:
        return "let its command run on in the foreground, for it ends by itself"
    if ended.exit_code in (132, 139):
        return (
            f"read its last log ({logs}), and where that is silent look at the image's "
            "architecture and native libraries"
        )
    return f"read its last log ({logs}), and mend what the application reports there"


def _logs(pod: Pod, container: Container, *, previous: bool = False) -> str:
    past = " --previous" if previous else ""
    return f"kubectl logs -n {pod.namespace} {pod.name} -c {quote(word(container.name))}{past}"
