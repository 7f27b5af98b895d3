"""The situations: what breaks the healthy cluster, and what the sentence has to name."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from tests.reach.kubectl import (
    AGE,
    IMAGE,
    LATER,
    NODES,
    Cluster,
    Object,
    condition,
    container,
    container_status,
    endpoint_slice,
    meta,
    namespace,
    owned,
    pod,
    service,
    workload,
)


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


CASES: list[Case] = []


def case(
    situation: str,
    title: str,
    *words: str,
    fields: tuple[str, ...] = (),
    part: bool = False,
    errors: bool = False,
) -> Callable[[Callable[[Cluster], None]], Callable[[Cluster], None]]:
    def add(make: Callable[[Cluster], None]) -> Callable[[Cluster], None]:
        CASES.append(
            Case(make.__name__, situation, title, make, words, fields, part=part, errors=errors)
        )
        return make

    return add


def _backend(c: Cluster) -> Object:
    found: Object = c["Ingress web"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    return found


# The Service


@case(
    "service-missing",
    "no such Service",
    "Service shop/wbe, which does not exist",
    "did you mean web?",
    "write web as",
    fields=("backend.service.name", "metadata.name"),
)
def no_such_service(c: Cluster) -> None:
    _backend(c)["name"] = "wbe"


@case(
    "service-missing",
    "the Service is in another namespace",
    "namespace billing has one of that name",
    "move the rule to an Ingress in namespace billing",
    fields=("backend.service.name", "metadata.namespace"),
)
def service_of_another_namespace(c: Cluster) -> None:
    c.add(namespace("billing"))
    c.add(service("invoices", {"app": "invoices"}, "billing", "10.96.50.3"))
    _backend(c)["name"] = "invoices"


@case(
    "service-missing",
    "no such Service, and none is like it",
    "Service shop/checkout, which does not exist",
    "namespace shop has web",
    fields=("backend.service.name",),
)
def no_service_like_it(c: Cluster) -> None:
    _backend(c)["name"] = "checkout"


@case(
    "dns-name-as-service",
    "a DNS name where a Service's name belongs",
    '"web.shop.svc.cluster.local"',
    "write web.",
    fields=("backend.service.name",),
    errors=True,
)
def dns_name_as_service(c: Cluster) -> None:
    _backend(c)["name"] = "web.shop.svc.cluster.local"


@case(
    "dns-name-as-service",
    "a DNS name of another namespace's Service",
    "the Ingress is in namespace shop, the Service in billing",
    "write invoices in an Ingress of namespace billing",
    fields=("backend.service.name", "metadata.name"),
    errors=True,
)
def dns_name_of_another_namespace(c: Cluster) -> None:
    c.add(service("invoices", {"app": "invoices"}, "billing", "10.96.50.3"))
    _backend(c)["name"] = "invoices.billing.svc"


@case(
    "external-name-loop",
    "an ExternalName that leads back to a host of these rules",
    "ExternalName for shop.example.com",
    "in a circle",
    "spec.externalName",
    fields=("spec.externalName",),
)
def external_name_loop(c: Cluster) -> None:
    spec = c["Service web"]["spec"]
    spec.clear()
    spec.update(type="ExternalName", externalName="shop.example.com", sessionAffinity="None")
    c.drop("EndpointSlice web-9kq4z")


@case(
    "port-missing",
    "the port is not in the Service",
    "Service shop/web has no port 8080",
    "write its port 80 (http) in the rule: 8080 is the targetPort",
    fields=("backend.service.port.number", "spec.ports"),
)
def port_not_in_service(c: Cluster) -> None:
    _backend(c)["port"] = {"number": 8080}
    c["Service web"]["spec"]["ports"][0]["targetPort"] = 8080


@case(
    "port-missing",
    "the port's name is not in the Service",
    "Service shop/web has no port https, but 80 (http)",
    "write 80 in the rule",
    fields=("backend.service.port.name", "spec.ports"),
)
def port_name_not_in_service(c: Cluster) -> None:
    _backend(c)["port"] = {"name": "https"}


@case(
    "no-selector",
    "a Service without selector and without endpoints",
    "Service shop/web has no selector",
    "spec.selector",
    fields=("spec.selector",),
)
def no_selector(c: Cluster) -> None:
    del c["Service web"]["spec"]["selector"]
    c.drop("EndpointSlice web-9kq4z")
    c.add(endpoint_slice("web", "web-hand") | {"endpoints": None, "ports": None})


@case(
    "selector-matches-nothing",
    "the selector matches nothing: a label is written otherwise",
    "the selector app=wbe of Service shop/web takes no Pod",
    "Deployment shop/web, has app=web",
    "write app=web in the Service's selector",
    fields=("spec.selector", "spec.template.metadata.labels"),
)
def selector_misspelt(c: Cluster) -> None:
    c["Service web"]["spec"]["selector"] = {"app": "wbe"}
    c["EndpointSlice web-9kq4z"].update(endpoints=None, ports=None)


@case(
    "selector-matches-nothing",
    "the selector matches nothing: a label is missing",
    "has no label tier",
    "give the Pod template the label tier=front",
    fields=("spec.selector", "spec.template.metadata.labels"),
)
def selector_wants_more(c: Cluster) -> None:
    c["Service web"]["spec"]["selector"] = {"app": "web", "tier": "front"}
    c["EndpointSlice web-9kq4z"].update(endpoints=None, ports=None)


@case(
    "selector-matches-nothing",
    "the selector matches Pods of another namespace alone",
    "while namespace ingress-nginx has some",
    "move the Service and its Ingress there",
    fields=("spec.selector", "metadata.labels"),
)
def selector_of_another_namespace(c: Cluster) -> None:
    labels = {"app.kubernetes.io/name": "ingress-nginx"}
    c["Service web"]["spec"]["selector"] = labels
    c["EndpointSlice web-9kq4z"].update(endpoints=None, ports=None)


@case(
    "target-port-missing",
    "targetPort is a name that no container has",
    "the Service's targetPort is web",
    "no container of Pod shop/web-6d5f8c7b9-4xk2p has a port named web",
    "declared is 8080 (http)",
    "write targetPort: http",
    fields=("containerPort",),
)
def target_port_name(c: Cluster) -> None:
    c["Service web"]["spec"]["ports"][0]["targetPort"] = "web"
    c["EndpointSlice web-9kq4z"].update(endpoints=None, ports=None)


@case(
    "target-port-missing",
    "targetPort is a number that no container declares",
    "the Service's targetPort is 80",
    "declared is 8080 (http)",
    "write targetPort: 8080",
    fields=("containerPort",),
)
def target_port_number(c: Cluster) -> None:
    c["Service web"]["spec"]["ports"][0]["targetPort"] = 80
    c["EndpointSlice web-9kq4z"]["ports"][0]["port"] = 80


# Pods that no Node takes


def _unscheduled(c: Cluster, *reasons: str) -> None:
    no_victims = "3 Preemption is not helpful for scheduling"
    c.set_pending(
        f"0/3 nodes are available: {', '.join(reasons)}. preemption: 0/3 nodes are available: "
        f"{no_victims}."
    )


PLANE_TAINT = "1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }"


@case(
    "unschedulable",
    "Pending: too little CPU",
    "no Node takes Pod shop/web-6d5f8c7b9-4xk2p",
    "2 Insufficient cpu",
    "lower the Pod's resources.requests.cpu",
    fields=("status.conditions[0].message", "resources.requests.cpu"),
)
def too_little_cpu(c: Cluster) -> None:
    for item in c.pods:
        item["spec"]["containers"][0]["resources"]["requests"]["cpu"] = "4"
    _unscheduled(c, PLANE_TAINT, "2 Insufficient cpu")


@case(
    "unschedulable",
    "Pending: too little memory, known from an Event alone",
    "2 Insufficient memory",
    "lower the Pod's resources.requests.memory",
    fields=("message", "resources.requests.memory"),
)
def too_little_memory(c: Cluster) -> None:
    c.set_pending("")
    for item in c.pods:
        item["status"] = {"phase": "Pending", "qosClass": "Burstable"}
        c.event(
            item,
            "FailedScheduling",
            f"0/3 nodes are available: {PLANE_TAINT}, 2 Insufficient memory. preemption: 0/3 nodes "
            "are available: 3 No preemption victims found for incoming pod.",
        )


@case(
    "unschedulable",
    "Pending: no GPU, or another extended resource",
    "3 Insufficient nvidia.com/gpu",
    "run the device plugin of nvidia.com/gpu, which no Node offers",
    fields=("message", "resources.requests[nvidia.com/gpu]"),
)
def no_gpu(c: Cluster) -> None:
    for item in c.pods:
        resources = item["spec"]["containers"][0]["resources"]
        resources["requests"]["nvidia.com/gpu"] = resources["limits"]["nvidia.com/gpu"] = "1"
    _unscheduled(c, "3 Insufficient nvidia.com/gpu")


@case(
    "unschedulable",
    "Pending: a taint that is not tolerated",
    "untolerated taint {dedicated: batch}",
    "toleration of dedicated",
    "kubectl taint nodes NODE dedicated-",
    fields=("message",),
)
def tainted(c: Cluster) -> None:
    for name in ("worker-1", "worker-2"):
        taint = {"effect": "NoSchedule", "key": "dedicated", "value": "batch"}
        c[f"Node {name}"]["spec"]["taints"] = [taint]
    _unscheduled(c, PLANE_TAINT, "2 node(s) had untolerated taint {dedicated: batch}")


@case(
    "unschedulable",
    "Pending: node affinity or selector",
    "didn't match Pod's node affinity/selector",
    "label a Node as the Pod's nodeSelector or nodeAffinity wants",
    fields=("message",),
)
def affinity(c: Cluster) -> None:
    for item in c.pods:
        item["spec"]["nodeSelector"] = {"disk": "ssd"}
    _unscheduled(c, "3 node(s) didn't match Pod's node affinity/selector")


@case(
    "unschedulable",
    "Pending: anti-affinity of Pods",
    "didn't match pod anti-affinity rules",
    "relax the podAntiAffinity",
    fields=("message",),
)
def anti_affinity(c: Cluster) -> None:
    _unscheduled(c, PLANE_TAINT, "2 node(s) didn't match pod anti-affinity rules")


@case(
    "unschedulable",
    "Pending: every Node is cordoned",
    "3 node(s) were unschedulable",
    "kubectl uncordon",
    fields=("message",),
)
def cordoned(c: Cluster) -> None:
    for name in NODES:
        c[f"Node {name}"]["spec"]["unschedulable"] = True
    _unscheduled(c, "3 node(s) were unschedulable")


@case(
    "unschedulable",
    "Pending: no scheduler runs",
    "no scheduler has looked at it",
    "kube-scheduler",
    fields=("status.phase",),
)
def no_scheduler(c: Cluster) -> None:
    c.set_pending("")
    for item in c.pods:
        item["status"] = {"phase": "Pending", "qosClass": "Burstable"}


def _claim(name: str, storage_class: str | None, phase: str = "Pending") -> Object:
    spec: Object = {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "10Gi"}},
        "volumeMode": "Filesystem",
    }
    if storage_class is not None:
        spec["storageClassName"] = storage_class
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": meta(name, finalizers=["kubernetes.io/pvc-protection"]),
        "spec": spec,
        "status": {"phase": phase},
    }


def _volume(name: str, storage_class: str, size: str, mode: str = "ReadWriteOnce") -> Object:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": meta(name, None),
        "spec": {
            "accessModes": [mode],
            "capacity": {"storage": size},
            "hostPath": {"path": f"/srv/{name}", "type": ""},
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": storage_class,
        },
        "status": {"phase": "Available"},
    }


def _claiming(c: Cluster, name: str) -> None:
    for item in c.pods:
        claim = {"name": "data", "persistentVolumeClaim": {"claimName": name}}
        item["spec"]["volumes"] = [claim]


@case(
    "claim-unbound",
    "Pending: an unbound claim, and no volume of its class",
    "waits for PersistentVolumeClaim data (of class fast, 10Gi ReadWriteOnce), which is Pending",
    'storageclass.storage.k8s.io "fast" not found',
    "no PersistentVolume of its class is Available (those that are have class slow)",
    "create a PersistentVolume of class fast",
    fields=("message", "status.phase", "spec.storageClassName"),
)
def claim_of_no_class(c: Cluster) -> None:
    _claiming(c, "data")
    claim = c.add(_claim("data", "fast"))
    c.add(_volume("pv-1", "slow", "20Gi"))
    c.event(claim, "ProvisioningFailed", 'storageclass.storage.k8s.io "fast" not found')
    c.set_pending(
        "0/3 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: "
        "0/3 nodes are available: 3 Preemption is not helpful for scheduling."
    )


@case(
    "claim-unbound",
    "Pending: an unbound claim, and the volume is too small",
    "PersistentVolumeClaim data (of class slow, 10Gi ReadWriteOnce)",
    "no PersistentVolume fits: pv-1 has 5Gi alone",
    fields=("status.phase", "spec.storageClassName"),
)
def volume_too_small(c: Cluster) -> None:
    _claiming(c, "data")
    c.add(_claim("data", "slow"))
    c.add(_volume("pv-1", "slow", "5Gi"))
    _unscheduled(c, "3 node(s) didn't find available persistent volumes to bind")


@case(
    "claim-unbound",
    "Pending: a claim without a class, and no default class",
    "PersistentVolumeClaim data (without a class, 10Gi ReadWriteOnce), which is Pending",
    "no persistent volumes available for this claim and no storage class is set",
    "set its storageClassName, mark a StorageClass as default",
    fields=("message", "status.phase"),
)
def claim_without_class(c: Cluster) -> None:
    _claiming(c, "data")
    claim = c.add(_claim("data", None))
    text = "no persistent volumes available for this claim and no storage class is set"
    c.event(claim, "FailedBinding", text, "Normal")
    _unscheduled(c, "pod has unbound immediate PersistentVolumeClaims")


@case(
    "claim-unbound",
    "Pending: the claim is not there",
    "waits for PersistentVolumeClaim data, which is not there",
    "create it in namespace shop",
    fields=("message", "spec.volumes"),
)
def claim_missing(c: Cluster) -> None:
    _claiming(c, "data")
    c.set_pending(
        '0/3 nodes are available: persistentvolumeclaim "data" not found. preemption: 0/3 nodes '
        "are available: 3 Preemption is not helpful for scheduling."
    )


@case(
    "host-port-taken",
    "a hostPort that is taken twice",
    "finds no Node where hostPort 8443 is free",
    "Pod shop/metrics-5c6d-ltb4x on Node worker-1",
    "leave out hostPort",
    fields=("message", "hostPort"),
)
def host_port_taken(c: Cluster) -> None:
    for item in c.pods:
        item["spec"]["containers"][0]["ports"][0]["hostPort"] = 8443
    for name, node in (("metrics-5c6d-ltb4x", "worker-1"), ("metrics-5c6d-w9pzd", "worker-2")):
        other = pod(name, node, "10.244.1.40", labels={"app": "metrics"})
        other["spec"]["containers"][0]["ports"][0]["hostPort"] = 8443
        c.add(other)
    _unscheduled(c, PLANE_TAINT, "2 node(s) didn't have free ports for the requested pod ports")


# Pods that do not start


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
    c.set_state(*_crashed(1, "Error"), restartCount=14)


def _crashed(code: int, reason: str, message: str = "") -> tuple[Object, Object]:
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


@case(
    "crash-loop",
    "crash loop: out of memory",
    "is killed again and again (6 restarts) for want of memory (OOMKilled, exit code 137)",
    "raise its resources.limits.memory above 256Mi",
    fields=("lastState.terminated.reason", "resources.limits.memory"),
)
def out_of_memory(c: Cluster) -> None:
    c.set_state(*_crashed(137, "OOMKilled"), restartCount=6)


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
    c.set_state(*_crashed(128, "StartError", text), restartCount=3)


@case(
    "crash-loop",
    "crash loop: the liveness probe fails",
    "for the kubelet kills it",
    "Liveness probe failed: HTTP probe failed with statuscode: 404",
    "repair its livenessProbe",
    fields=("exitCode", "message", "livenessProbe"),
)
def liveness_fails(c: Cluster) -> None:
    c.set_state(*_crashed(143, "Error"), restartCount=9)
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
    waiting, ended = _crashed(1, "Error")
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


# Pods that run


@case(
    "readiness-probe",
    "the readiness probe fails: nothing listens",
    "container web of Pod shop/web-6d5f8c7b9-4xk2p runs and does not pass its readiness probe "
    "(httpGet /healthz port http)",
    "connect: connection refused",
    "let the application listen on port http",
    fields=("containerStatuses[0].ready", "readinessProbe", "message"),
)
def readiness_refused(c: Cluster) -> None:
    c.set_state({"running": {"startedAt": AGE}})
    for item in c.pods:
        item["status"]["containerStatuses"][0]["started"] = True
        c.event(
            item,
            "Unhealthy",
            'Readiness probe failed: Get "http://10.244.1.17:8080/healthz": dial tcp '
            "10.244.1.17:8080: connect: connection refused",
        )


@case(
    "readiness-probe",
    "the readiness probe fails: no such path",
    "Readiness probe failed: HTTP probe failed with statuscode: 404",
    "write a path in its readinessProbe that the application answers with 200",
    fields=("containerStatuses[0].ready", "readinessProbe", "message"),
)
def readiness_not_found(c: Cluster) -> None:
    c.set_state({"running": {"startedAt": AGE}})
    for item in c.pods:
        item["status"]["containerStatuses"][0]["started"] = True
        text = "Readiness probe failed: HTTP probe failed with statuscode: 404"
        c.event(item, "Unhealthy", text)


@case(
    "startup-probe",
    "the startup probe fails",
    "does not pass its startup probe (tcpSocket port 9000)",
    "listen on port 9000",
    "(the container declares 8080 (http))",
    fields=("containerStatuses[0].started", "startupProbe", "message"),
)
def startup_fails(c: Cluster) -> None:
    c.set_state({"running": {"startedAt": AGE}})
    for item in c.pods:
        probe = {"failureThreshold": 30, "periodSeconds": 10, "tcpSocket": {"port": 9000}}
        item["spec"]["containers"][0]["startupProbe"] = probe
        text = "Startup probe failed: dial tcp 10.244.1.17:9000: connect: connection refused"
        c.event(item, "Unhealthy", text)


@case(
    "readiness-gate",
    "a readiness gate is closed",
    "the readiness gate target-health.elbv2.k8s.aws/web of Pod shop/web-6d5f8c7b9-4xk2p was "
    "never set",
    "let the controller that owns this condition set it",
    fields=("spec.readinessGates[0].conditionType",),
)
def readiness_gate(c: Cluster) -> None:
    c.set_unready()
    for item in c.pods:
        gate = "target-health.elbv2.k8s.aws/web"
        item["spec"]["readinessGates"] = [{"conditionType": gate}]
        for found in item["status"]["conditions"]:
            if found["type"] == "ContainersReady":
                found["status"] = "True"


@case(
    "terminating",
    "the Pods are being deleted, and held",
    "is being deleted (since 2026-03-04T11:20:41Z)",
    "held by its finalizer example.com/drain",
    fields=("metadata.deletionTimestamp", "metadata.finalizers"),
)
def terminating(c: Cluster) -> None:
    c.set_unready()
    for item in c.pods:
        item["metadata"].update(
            deletionGracePeriodSeconds=30, deletionTimestamp=LATER, finalizers=["example.com/drain"]
        )
    for found in c.endpoints:
        found["conditions"]["terminating"] = True


@case(
    "ended",
    "the Pods have ended",
    "has ended (Failed, Evicted: The node was low on resource: memory)",
    "free what its Node lacks",
    fields=("status.phase", "status.reason", "status.message"),
)
def evicted(c: Cluster) -> None:
    c["EndpointSlice web-9kq4z"]["endpoints"] = None
    for item in c.pods:
        item["status"] = {
            "message": "The node was low on resource: memory.",
            "phase": "Failed",
            "reason": "Evicted",
            "startTime": AGE,
        }


@case(
    "no-replicas",
    "zero replicas",
    "Deployment shop/web is scaled to zero",
    "kubectl scale deployment/web -n shop --replicas=1",
    fields=("spec.replicas",),
)
def zero_replicas(c: Cluster) -> None:
    c.drop("Pod web-6d5f8c7b9-4xk2p", "Pod web-6d5f8c7b9-zt8qn")
    c["EndpointSlice web-9kq4z"]["endpoints"] = None
    for key in ("Deployment web", "ReplicaSet web-6d5f8c7b9"):
        c[key]["spec"]["replicas"] = 0
        c[key]["status"] = {"observedGeneration": 2}


@case(
    "no-replicas",
    "a DaemonSet for no Node",
    "DaemonSet shop/agent makes no Pod",
    "nodeSelector",
    fields=("status.desiredNumberScheduled",),
)
def daemon_set_for_no_node(c: Cluster) -> None:
    zero_replicas(c)
    c.drop("Deployment web", "ReplicaSet web-6d5f8c7b9")
    daemon = workload("DaemonSet", "agent", {"app": "web"})
    daemon["status"] = {
        "currentNumberScheduled": 0,
        "desiredNumberScheduled": 0,
        "numberMisscheduled": 0,
        "numberReady": 0,
    }
    del daemon["spec"]["replicas"]
    c.add(daemon)


@case(
    "pods-not-created",
    "Pods are not created: their ServiceAccount is not there",
    "ReplicaSet shop/web-6d5f8c7b9 can't create its Pods",
    'serviceaccount "web" not found',
    "create the ServiceAccount that the Pod template names",
    fields=("message",),
)
def no_service_account(c: Cluster) -> None:
    c.drop("Pod web-6d5f8c7b9-4xk2p", "Pod web-6d5f8c7b9-zt8qn")
    c["EndpointSlice web-9kq4z"]["endpoints"] = None
    text = 'pods "web-6d5f8c7b9-" is forbidden: error looking up service account shop/web: '
    text += 'serviceaccount "web" not found'
    for key in ("Deployment web", "ReplicaSet web-6d5f8c7b9"):
        c[key]["spec"]["template"]["spec"]["serviceAccountName"] = "web"
        c[key]["status"] = {
            "conditions": [condition("ReplicaFailure", "True", "FailedCreate", text)],
            "observedGeneration": 1,
            "replicas": 0,
        }
    c["Deployment web"]["status"]["conditions"][0]["status"] = "False"


@case(
    "pods-not-created",
    "Pods are not created: a quota is used up",
    "exceeded quota: compute",
    "raise the namespace's ResourceQuota",
    fields=("message",),
)
def over_quota(c: Cluster) -> None:
    no_service_account(c)
    for key in ("Deployment web", "ReplicaSet web-6d5f8c7b9"):
        c[key]["status"] = {"observedGeneration": 1, "replicas": 0}
    text = 'Error creating: pods "web-6d5f8c7b9-7xbfl" is forbidden: exceeded quota: compute, '
    text += "requested: requests.cpu=250m, used: requests.cpu=4, limited: requests.cpu=4"
    c.event(c["ReplicaSet web-6d5f8c7b9"], "FailedCreate", text)


# Nodes and the network


def _node_is(c: Cluster, status: str, reason: str, message: str) -> None:
    for name in ("worker-1", "worker-2"):
        conditions = c[f"Node {name}"]["status"]["conditions"]
        conditions[-1] = condition("Ready", status, reason, message)


@case(
    "node-not-ready",
    "the Node is not ready, while the endpoint claims to be",
    "Node worker-1 is not ready (NodeStatusUnknown: Kubelet stopped posting node status)",
    "though its EndpointSlice claims it to be ready",
    "systemctl status kubelet",
    fields=("status.conditions[3].status", "endpoints[0].conditions.ready"),
)
def node_not_ready(c: Cluster) -> None:
    _node_is(c, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")


@case(
    "network-not-ready",
    "the Node's network is not ready, while the endpoint claims to be",
    "the network of Node worker-1 is not ready",
    "cni plugin not initialized",
    "repair the network plug-in of Node worker-1, Pod kube-flannel/kube-flannel-ds-7kq2v",
    fields=(
        "status.conditions[3].message",
        "status.conditions[2].status",
        "endpoints[0].conditions.ready",
    ),
)
def network_not_ready(c: Cluster) -> None:
    _node_is(
        c,
        "False",
        "KubeletNotReady",
        "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
        "message:Network plugin returns error: cni plugin not initialized",
    )
    flannel = pod("kube-flannel-ds-7kq2v", "worker-1", NODES["worker-1"], "kube-flannel")
    flannel["spec"]["hostNetwork"] = True
    flannel["metadata"]["ownerReferences"] = owned("DaemonSet", "kube-flannel-ds")
    for item in flannel["status"]["conditions"]:
        if item["type"] == "Ready":
            item.update(status="False", reason="ContainersNotReady", message="kube-flannel")
    c.add(flannel)


@case(
    "node-gone",
    "the Node is gone",
    "is said to be on Node worker-9, which is not there any more",
    "kubectl delete pod --force",
    fields=("nodeName",),
)
def node_gone(c: Cluster) -> None:
    for found, item in zip(c.endpoints, c.pods, strict=True):
        found["nodeName"] = item["spec"]["nodeName"] = "worker-9"


@case(
    "pod-gone",
    "a stale slice: the Pod is gone",
    "EndpointSlice shop/web-9kq4z still lists Pod web-6d5f8c7b9-gone1 at 10.244.1.17",
    "kube-controller-manager",
    fields=("endpoints[0].targetRef.name",),
)
def pod_gone(c: Cluster) -> None:
    for number, found in enumerate(c.endpoints, 1):
        found["targetRef"]["name"] = f"web-6d5f8c7b9-gone{number}"


@case(
    "address-changed",
    "a stale slice: the Pod has another address",
    "EndpointSlice shop/web-9kq4z lists Pod shop/web-6d5f8c7b9-4xk2p at 10.244.1.17, while its "
    "address is 10.244.1.99",
    fields=("endpoints[0].addresses[0]", "status.podIP"),
)
def address_changed(c: Cluster) -> None:
    for number, item in enumerate(c.pods, 99):
        item["status"].update(podIP=f"10.244.1.{number}", podIPs=[{"ip": f"10.244.1.{number}"}])


@case(
    "pod-gone",
    "a stale slice: one of two Pods is gone",
    "1 of 2 endpoints does not answer",
    fields=("endpoints[1].targetRef.name",),
    part=True,
)
def one_pod_gone(c: Cluster) -> None:
    c.endpoints[1]["targetRef"]["name"] = "web-6d5f8c7b9-gone2"


@case(
    "same-address",
    "two Nodes with one address: the NAT interface of virtual machines",
    "Nodes control-1, worker-1, worker-2 have one address, 10.0.2.15, the NAT interface",
    "lives and can't be reached",
    "--node-ip=ADDRESS",
    "flannel with --iface=INTERFACE",
    "IP_AUTODETECTION_METHOD=interface=INTERFACE",
    fields=("status.addresses[0].address",),
)
def nodes_behind_nat(c: Cluster) -> None:
    for name in NODES:
        found = c[f"Node {name}"]
        found["status"]["addresses"][0]["address"] = "10.0.2.15"
        found["metadata"]["annotations"]["flannel.alpha.coreos.com/public-ip"] = "10.0.2.15"


@case(
    "same-address",
    "flannel took the NAT interface, while the kubelets did not",
    "have one address, 10.0.2.15",
    "start flannel with --iface=INTERFACE",
    fields=("metadata.annotations[flannel.alpha.coreos.com/public-ip]",),
)
def flannel_behind_nat(c: Cluster) -> None:
    for name in NODES:
        annotations = c[f"Node {name}"]["metadata"]["annotations"]
        annotations["flannel.alpha.coreos.com/public-ip"] = "10.0.2.15"


@case(
    "same-address",
    "Calico took the NAT interface",
    "start Calico with IP_AUTODETECTION_METHOD=interface=INTERFACE",
    fields=("metadata.annotations[projectcalico.org/IPv4Address]",),
)
def calico_behind_nat(c: Cluster) -> None:
    for name in NODES:
        annotations = c[f"Node {name}"]["metadata"]["annotations"]
        annotations.clear()
        annotations["projectcalico.org/IPv4Address"] = "10.0.2.15/24"


@case(
    "same-address",
    "two Pods with one address",
    "Pod shop/web-6d5f8c7b9-4xk2p and shop/web-6d5f8c7b9-zt8qn have one address, 10.244.1.17",
    "Nodes worker-1 and worker-2 have one network, 10.244.1.0/24",
    "give each Node a spec.podCIDR of its own",
    fields=("status.podIP", "spec.podCIDR"),
)
def pods_with_one_address(c: Cluster) -> None:
    c.pods[1]["status"].update(podIP="10.244.1.17", podIPs=[{"ip": "10.244.1.17"}])
    c.endpoints[1]["addresses"] = ["10.244.1.17"]
    c["Node worker-2"]["spec"].update(podCIDR="10.244.1.0/24", podCIDRs=["10.244.1.0/24"])


@case(
    "network-policy",
    "a NetworkPolicy keeps the controller out",
    "NetworkPolicy shop/default-deny selects Pod shop/web-6d5f8c7b9-4xk2p and lets in nobody of "
    "namespace ingress-nginx",
    "kubernetes.io/metadata.name: ingress-nginx",
    fields=("spec.ingress",),
)
def network_policy(c: Cluster) -> None:
    c.add(_policy("default-deny", None))


@case(
    "network-policy",
    "a NetworkPolicy lets in another namespace alone",
    "NetworkPolicies shop/default-deny, shop/from-monitoring",
    "let in nobody of namespace ingress-nginx",
    fields=("spec.ingress",),
)
def network_policy_for_others(c: Cluster) -> None:
    c.add(_policy("default-deny", None))
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    same = {"podSelector": {}}
    c.add(_policy("from-monitoring", [{"from": [peer, same], "ports": [{"port": 8080}]}]))


def _policy(name: str, rules: list[Object] | None) -> Object:
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": meta(name, generation=1),
        "spec": {
            "podSelector": {},
            "policyTypes": ["Ingress"],
            **({"ingress": rules} if rules is not None else {}),
        },
    }


@case(
    "dns-down",
    "CoreDNS does not run, and nginx has to resolve a name",
    "nginx has to resolve db.example.net, and the cluster's DNS (CoreDNS) does not run",
    "container coredns of Pod kube-system/coredns-7c65d6cfc9-b5xk9 ends again and again",
    fields=("state.waiting.reason", "exitCode"),
)
def dns_down(c: Cluster) -> None:
    _external(c)
    waiting, ended = _crashed(1, "Error")
    for name in ("coredns-7c65d6cfc9-b5xk9", "coredns-7c65d6cfc9-q2mzt"):
        found = c[f"Pod {name}"]
        found["spec"]["containers"] = [container("coredns", "registry.k8s.io/coredns:v1.11.3")]
        status = container_status("coredns", "registry.k8s.io/coredns:v1.11.3")
        status.update(ready=False, started=False, state=copy.deepcopy(waiting))
        status.update(lastState=copy.deepcopy(ended), restartCount=21)
        found["status"]["containerStatuses"] = [status]
        for item in found["status"]["conditions"]:
            if item["type"] in ("Ready", "ContainersReady"):
                item.update(status="False", reason="ContainersNotReady", message="coredns")


def _external(c: Cluster) -> None:
    spec = c["Service web"]["spec"]
    spec.clear()
    spec.update(type="ExternalName", externalName="db.example.net", sessionAffinity="None")
    c.drop("EndpointSlice web-9kq4z")


@case(
    "dns-down",
    "CoreDNS is scaled to zero",
    "Deployment kube-system/coredns is scaled to zero",
    "kubectl scale deployment/coredns -n kube-system --replicas=2",
    fields=("spec.replicas",),
)
def dns_scaled_to_zero(c: Cluster) -> None:
    _external(c)
    c.drop("Pod coredns-7c65d6cfc9-b5xk9", "Pod coredns-7c65d6cfc9-q2mzt")
    c["Deployment coredns"]["spec"]["replicas"] = 0
    c["Deployment coredns"]["status"] = {"observedGeneration": 2}


@case(
    "no-load-balancer",
    "the controller's LoadBalancer has no address",
    "Service ingress-nginx/ingress-nginx-controller is a LoadBalancer without an address",
    "MetalLB",
    fields=("status.loadBalancer",),
)
def no_load_balancer(c: Cluster) -> None:
    c["Service ingress-nginx-controller"]["status"]["loadBalancer"] = {}
    c["Ingress web"]["status"]["loadBalancer"] = {}


@case(
    "not-listed",
    "the slices do not list a Pod that is ready",
    "Pod shop/web-6d5f8c7b9-4xk2p is ready, and no EndpointSlice of its Service lists it",
    "EndpointSlice controller",
    fields=("status.conditions[2].status",),
)
def not_listed(c: Cluster) -> None:
    c["EndpointSlice web-9kq4z"]["endpoints"] = None


@case(
    "not-ready",
    "the endpoint is not ready, and the input has no Pods",
    "EndpointSlice shop/web-9kq4z lists 10.244.1.17 as not ready",
    "put the Pods into the input too",
    fields=("endpoints[0].conditions.ready",),
)
def unready_without_pods(c: Cluster) -> None:
    c.set_unready()
    c.drop(*(key for key in list(c.objects) if key.startswith("Pod ")))


@case(
    "reported",
    "anything else for which nginx answers 503",
    "Backend StorageBucket static is not a Service",
    fields=("backend",),
)
def other_resource(c: Cluster) -> None:
    resource = {"apiGroup": "k8s.example.com", "kind": "StorageBucket", "name": "static"}
    path = c["Ingress web"]["spec"]["rules"][0]["http"]["paths"][0]
    path["backend"] = {"resource": resource}
