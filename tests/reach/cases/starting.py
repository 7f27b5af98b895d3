"""Situations of Pods that do not start."""

from __future__ import annotations

import copy

from tests.reach.cases.case import case, crashed
from tests.reach.kubectl import (
    AGE,
    IMAGE,
    Cluster,
    Object,
    container,
    container_status,
)


@case(
    "image-pull",
    "image pull: the tag is not there",
    f"does not get the image {IMAGE} of container web (ImagePullBackOff: the registry has no such "
    "name or tag)",
    "write a name and a tag that the registry has",
    fields=("state.waiting.reason", "message", "containers[0].image"),
)
def image_not_found(c: Cluster) -> None:
    c.set_state(
        {
            "waiting": {
                "message": f'Back-off pulling image "{IMAGE}"',
                "reason": "ImagePullBackOff",
            }
        }
    )
    for item in c.pods:
        item["status"]["phase"] = "Pending"
        c.event(
            item,
            "Failed",
            f'Failed to pull image "{IMAGE}": rpc error: code = NotFound desc = failed to pull and '
            f'unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": {IMAGE}: not found',
        )


@case(
    "image-pull",
    "image pull: the registry wants an account",
    "(ErrImagePull: the registry wants an account, or has no such image)",
    "give the Pod a pull Secret: imagePullSecrets of the Pod or of ServiceAccount default, which "
    "has none",
    fields=("state.waiting.reason", "state.waiting.message", "image"),
)
def image_denied(c: Cluster) -> None:
    why = (
        f'failed to pull and unpack image "{IMAGE}": failed to resolve reference "{IMAGE}": pull '
        "access denied, repository does not exist or may require authorization: server message: "
        "insufficient_scope: authorization failed"
    )
    c.set_state({"waiting": {"message": why, "reason": "ErrImagePull"}})


@case(
    "crash-loop",
    "crash loop: the application ends with an error",
    "container web of Pod shop/web-6d5f8c7b9-4xk2p ends again and again (14 restarts) "
    "with exit code 1",
    "kubectl logs -n shop web-6d5f8c7b9-4xk2p -c web --previous",
    fields=("state.waiting.reason", "lastState.terminated.exitCode"),
)
def crash_loop(c: Cluster) -> None:
    c.set_state(*crashed(1, "Error"), restartCount=14)


@case(
    "crash-loop",
    "crash loop: out of memory",
    "is killed again and again (6 restarts) for want of memory (OOMKilled, exit code 137)",
    "raise its resources.limits.memory above 256Mi",
    fields=("lastState.terminated.reason", "resources.limits.memory"),
)
def out_of_memory(c: Cluster) -> None:
    c.set_state(*crashed(137, "OOMKilled"), restartCount=6)


@case(
    "crash-loop",
    "crash loop: the command is not in the image",
    "with exit code 128, StartError",
    'exec: "/app/serve": stat /app/serve: no such file or directory',
    "correct its command and args",
    fields=("lastState.terminated.message",),
)
def command_not_found(c: Cluster) -> None:
    text = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
        'exec: "/app/serve": stat /app/serve: no such file or directory: unknown'
    )
    c.set_state(*crashed(128, "StartError", text), restartCount=3)


@case(
    "crash-loop",
    "crash loop: the liveness probe fails",
    "for the kubelet kills it",
    "Liveness probe failed: HTTP probe failed with statuscode: 404",
    "repair its livenessProbe",
    fields=("exitCode", "message", "livenessProbe"),
)
def liveness_fails(c: Cluster) -> None:
    c.set_state(*crashed(143, "Error"), restartCount=9)
    for item in c.pods:
        probe = {"httpGet": {"path": "/alive", "port": "http", "scheme": "HTTP"}}
        item["spec"]["containers"][0]["livenessProbe"] = probe
        text = "Liveness probe failed: HTTP probe failed with statuscode: 404"
        c.event(item, "Unhealthy", text)


@case(
    "config-missing",
    "a container's ConfigMap or Secret is not there",
    'can\'t make container web: configmap "web-settings" not found',
    "create what it names in namespace shop",
    fields=("state.waiting.message",),
)
def config_missing(c: Cluster) -> None:
    why = {
        "message": 'configmap "web-settings" not found',
        "reason": "CreateContainerConfigError",
    }
    c.set_state({"waiting": why})


@case(
    "init-container",
    "an init container fails",
    "does not start, for its init container migrate ends again and again (5 restarts) with exit "
    "code 1",
    "kubectl logs -n shop web-6d5f8c7b9-4xk2p -c migrate --previous",
    fields=("initContainerStatuses[0].state.waiting.reason", "exitCode"),
)
def init_container_fails(c: Cluster) -> None:
    waiting, ended = crashed(1, "Error")
    _init(c, waiting, ended)


def _init(c: Cluster, state: Object, last: Object) -> None:
    c.set_creating()
    for item in c.pods:
        item["spec"]["initContainers"] = [container("migrate")]
        found = container_status("migrate")
        found.update(ready=False, started=False, state=state, lastState=last, restartCount=5)
        item["status"]["initContainerStatuses"] = [copy.deepcopy(found)]
        item["status"]["containerStatuses"][0]["state"]["waiting"]["reason"] = "PodInitializing"


@case(
    "init-container",
    "an init container does not end",
    "waits for its init container migrate, which still runs",
    "give it what it waits for",
    fields=("initContainerStatuses[0].state.running",),
)
def init_container_waits(c: Cluster) -> None:
    _init(c, {"running": {"startedAt": AGE}}, {})


@case(
    "volume-not-mounted",
    "a volume can't be mounted",
    'MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found',
    "create the Secret, ConfigMap or claim that it names",
    fields=("message",),
)
def volume_not_mounted(c: Cluster) -> None:
    c.set_creating()
    for item in c.pods:
        c.event(
            item,
            "FailedMount",
            'MountVolume.SetUp failed for volume "tls" : secret "web-tls" not found',
        )


@case(
    "sandbox-failed",
    "the network plug-in makes no sandbox",
    "gets no sandbox on Node worker-1",
    "cni plugin not initialized",
    "repair the network plug-in (CNI) of Node worker-1",
    fields=("message",),
)
def sandbox_failed(c: Cluster) -> None:
    c.set_creating()
    for item in c.pods:
        c.event(
            item,
            "FailedCreatePodSandBox",
            "Failed to create pod sandbox: rpc error: code = Unknown desc = failed to setup "
            'network for sandbox "8b1a9953": cni plugin not initialized',
        )
