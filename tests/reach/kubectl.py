"""A small healthy cluster, as ``kubectl get … -o yaml`` prints it; each case breaks a copy."""

from __future__ import annotations

import copy
import json
import uuid
from collections.abc import Iterator
from typing import Any

import yaml

Object = dict[str, Any]

HOST = "shop.example.com"
URL = f"http://{HOST}/cart"
AGE = "2026-03-02T08:14:05Z"
LATER = "2026-03-04T11:20:41Z"
IMAGE = "registry.example.com/shop/web:1.4.2"
NODES = {"control-1": "192.168.56.10", "worker-1": "192.168.56.11", "worker-2": "192.168.56.12"}
PLANE = "node-role.kubernetes.io/control-plane"


def meta(name: str, namespace: str | None = "shop", **given: Any) -> Object:
    """Return metadata as the API server completes it; without managedFields."""
    found: Object = {"creationTimestamp": AGE, "name": name, **given}
    if namespace is not None:
        found["namespace"] = namespace
    found["resourceVersion"] = str(100000 + len(name) * 37)
    found["uid"] = str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{namespace}/{name}"))
    return found


def owned(kind: str, name: str) -> list[Object]:
    return [
        {
            "apiVersion": "apps/v1",
            "blockOwnerDeletion": True,
            "controller": True,
            "kind": kind,
            "name": name,
            "uid": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
        }
    ]


def condition(kind: str, status: str, reason: str = "", message: str = "") -> Object:
    found: Object = {
        "lastProbeTime": None,
        "lastTransitionTime": AGE,
        "status": status,
        "type": kind,
    }
    return found | {k: v for k, v in (("reason", reason), ("message", message)) if v}


class Cluster:
    """Objects by ``Kind name``; of one kind a name stands once."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        for item in _healthy():
            self.add(item)

    def add(self, item: Object) -> Object:
        self.objects[f"{item['kind']} {item['metadata']['name']}"] = item
        return item

    def __getitem__(self, key: str) -> Object:
        return self.objects[key]

    def drop(self, *keys: str) -> None:
        for key in keys:
            del self.objects[key]

    @property
    def pods(self) -> list[Object]:
        return [self["Pod web-6d5f8c7b9-4xk2p"], self["Pod web-6d5f8c7b9-zt8qn"]]

    @property
    def endpoints(self) -> list[Object]:
        found: list[Object] = self["EndpointSlice web-9kq4z"]["endpoints"]
        return found

    def set_unready(self) -> None:
        """Take both Pods of the shop out of the EndpointSlice's ready ones."""
        for endpoint in self.endpoints:
            endpoint["conditions"] = {"ready": False, "serving": False, "terminating": False}
        for pod in self.pods:
            why = ("ContainersNotReady", "containers with unready status: [web]")
            conditions = pod["status"]["conditions"]
            for item in conditions:
                if item["type"] in ("Ready", "ContainersReady"):
                    item.update(status="False", reason=why[0], message=why[1])
        status = self["Deployment web"]["status"]
        for key in ("availableReplicas", "readyReplicas"):
            status.pop(key, None)
        status["unavailableReplicas"] = 2

    def set_pending(self, message: str, reason: str = "Unschedulable") -> None:
        """Make both Pods of the shop wait for a Node."""
        self.endpoints.clear()
        self["EndpointSlice web-9kq4z"]["endpoints"] = None
        for pod in self.pods:
            del pod["spec"]["nodeName"]
            told = condition("PodScheduled", "False", reason, message)
            pod["status"] = {"conditions": [told], "phase": "Pending", "qosClass": "Burstable"}

    def set_state(self, state: Object, last: Object | None = None, **given: Any) -> None:
        """Put the container of both Pods of the shop into a state."""
        self.set_unready()
        for pod in self.pods:
            found = pod["status"]["containerStatuses"][0]
            found.update(ready=False, started=False, state=copy.deepcopy(state), **given)
            if last is not None:
                found["lastState"] = copy.deepcopy(last)

    def set_creating(self) -> None:
        """Let both Pods of the shop be on their Nodes, and no container made."""
        self.set_state({"waiting": {"reason": "ContainerCreating"}}, restartCount=0)
        for pod in self.pods:
            pod["status"]["phase"] = "Pending"
            del pod["status"]["podIP"], pod["status"]["podIPs"]
        self["EndpointSlice web-9kq4z"]["endpoints"] = None

    def event(self, of: Object, reason: str, message: str, kind: str = "Warning") -> Object:
        about = of["metadata"]
        namespace = about.get("namespace", "default")
        name = f"{about['name']}.17c0{len(self.objects):04x}"
        return self.add(
            {
                "apiVersion": "v1",
                "count": 7,
                "eventTime": None,
                "firstTimestamp": AGE,
                "involvedObject": {
                    "apiVersion": of["apiVersion"],
                    "kind": of["kind"],
                    "name": about["name"],
                    "namespace": namespace,
                    "uid": about["uid"],
                },
                "kind": "Event",
                "lastTimestamp": LATER,
                "message": message,
                "metadata": meta(name, namespace),
                "reason": reason,
                "reportingComponent": "",
                "reportingInstance": "",
                "source": {"component": "kubelet", "host": "worker-1"},
                "type": kind,
            }
        )

    def items(self) -> list[Object]:
        """Return copies that share nothing, or YAML would have anchors."""
        found: list[Object] = json.loads(json.dumps([*self.objects.values()]))
        return found

    def as_yaml(self) -> str:
        """Return what ``kubectl get KIND,… -A -o yaml`` prints: one List, its keys sorted."""
        return yaml.safe_dump(self._list(), width=100000)

    def as_json(self) -> str:
        return json.dumps(self._list(), indent=4)

    def as_typed_lists(self) -> str:
        """Return a List of each kind, as the API itself answers: items without their kind."""
        by_kind: dict[tuple[str, str], list[Object]] = {}
        for item in self.items():
            by_kind.setdefault((item.pop("apiVersion"), item.pop("kind")), []).append(item)
        documents = [
            {"apiVersion": version, "kind": f"{kind}List", "items": items, "metadata": {}}
            for (version, kind), items in by_kind.items()
        ]
        return yaml.safe_dump_all(documents, width=100000)

    def _list(self) -> Object:
        return {
            "apiVersion": "v1",
            "items": self.items(),
            "kind": "List",
            "metadata": {"resourceVersion": ""},
        }


def ingress(name: str = "web", *, service: str = "web", port: Object | None = None) -> Object:
    backend = {"service": {"name": service, "port": port or {"number": 80}}}
    path = {"backend": backend, "path": "/cart", "pathType": "Prefix"}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": meta(name, annotations={}, generation=1),
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": HOST, "http": {"paths": [path]}}],
        },
        "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}},
    }


def service(
    name: str, selector: Object | None, namespace: str = "shop", ip: str = "10.96.41.7", **spec: Any
) -> Object:
    port = {"name": "http", "port": 80, "protocol": "TCP", "targetPort": "http"}
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": meta(name, namespace, labels={"app": name}),
        "spec": {
            "clusterIP": ip,
            "clusterIPs": [ip],
            "internalTrafficPolicy": "Cluster",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "ports": [port],
            **({"selector": selector} if selector else {}),
            "sessionAffinity": "None",
            "type": "ClusterIP",
            **spec,
        },
        "status": {"loadBalancer": {}},
    }


def container(name: str = "web", image: str = IMAGE) -> Object:
    return {
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "name": name,
        "ports": [{"containerPort": 8080, "name": "http", "protocol": "TCP"}],
        "readinessProbe": {
            "failureThreshold": 3,
            "httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"},
            "periodSeconds": 10,
            "successThreshold": 1,
            "timeoutSeconds": 1,
        },
        "resources": {
            "limits": {"memory": "256Mi"},
            "requests": {"cpu": "250m", "memory": "128Mi"},
        },
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
    }


def container_status(name: str = "web", image: str = IMAGE) -> Object:
    return {
        "containerID": f"containerd://{uuid.uuid5(uuid.NAMESPACE_DNS, name).hex}",
        "image": image,
        "imageID": f"{image.partition(':')[0]}@sha256:{'5f' * 32}",
        "lastState": {},
        "name": name,
        "ready": True,
        "restartCount": 0,
        "started": True,
        "state": {"running": {"startedAt": AGE}},
    }


def pod(name: str, node: str, address: str, namespace: str = "shop", **given: Any) -> Object:
    labels = given.pop("labels", {"app": "web", "pod-template-hash": "6d5f8c7b9"})
    ready = ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled")
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": meta(
            name,
            namespace,
            generateName=name.rpartition("-")[0] + "-",
            labels=labels,
            ownerReferences=owned("ReplicaSet", name.rpartition("-")[0]),
        ),
        "spec": {
            "containers": [container()],
            "dnsPolicy": "ClusterFirst",
            "enableServiceLinks": True,
            "nodeName": node,
            "preemptionPolicy": "PreemptLowerPriority",
            "priority": 0,
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "securityContext": {},
            "serviceAccount": "default",
            "serviceAccountName": "default",
            "terminationGracePeriodSeconds": 30,
            "tolerations": [
                {
                    "effect": "NoExecute",
                    "key": "node.kubernetes.io/not-ready",
                    "operator": "Exists",
                    "tolerationSeconds": 300,
                }
            ],
            "volumes": [],
            **given,
        },
        "status": {
            "conditions": [condition(kind, "True") for kind in ready],
            "containerStatuses": [container_status()],
            "hostIP": NODES[node],
            "hostIPs": [{"ip": NODES[node]}],
            "phase": "Running",
            "podIP": address,
            "podIPs": [{"ip": address}],
            "qosClass": "Burstable",
            "startTime": AGE,
        },
    }


def workload(kind: str, name: str, labels: Object, namespace: str = "shop", n: int = 2) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": meta(name, namespace, generation=1, labels=labels),
        "spec": {
            "replicas": n,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"creationTimestamp": None, "labels": labels},
                "spec": {"containers": [container()], "serviceAccountName": "default"},
            },
        },
        "status": {
            "availableReplicas": n,
            "observedGeneration": 1,
            "readyReplicas": n,
            "replicas": n,
        },
    }


def endpoint(address: str, name: str, node: str) -> Object:
    return {
        "addresses": [address],
        "conditions": {"ready": True, "serving": True, "terminating": False},
        "nodeName": node,
        "targetRef": {
            "kind": "Pod",
            "name": name,
            "namespace": "shop",
            "uid": str(uuid.uuid5(uuid.NAMESPACE_DNS, f"shop/{name}")),
        },
    }


def endpoint_slice(of: str, name: str, *endpoints: Object, port: str = "http") -> Object:
    return {
        "addressType": "IPv4",
        "apiVersion": "discovery.k8s.io/v1",
        "endpoints": [*endpoints],
        "kind": "EndpointSlice",
        "metadata": meta(
            name,
            generateName=f"{of}-",
            generation=3,
            labels={
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
                "kubernetes.io/service-name": of,
            },
        ),
        "ports": [{"name": port, "port": 8080, "protocol": "TCP"}],
    }


def node(name: str, address: str, number: int) -> Object:
    plane = name.startswith("control")
    taint = {"effect": "NoSchedule", "key": PLANE}
    kinds = ("MemoryPressure", "DiskPressure", "PIDPressure")
    calm = [condition(kind, "False", f"KubeletHasNo{kind}") for kind in kinds]
    ready = condition("Ready", "True", "KubeletReady", "kubelet is posting ready status")
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": meta(
            name,
            None,
            annotations={"flannel.alpha.coreos.com/public-ip": address},
            labels={"kubernetes.io/hostname": name, **({PLANE: ""} if plane else {})},
        ),
        "spec": {
            "podCIDR": f"10.244.{number}.0/24",
            "podCIDRs": [f"10.244.{number}.0/24"],
            **({"taints": [taint]} if plane else {}),
        },
        "status": {
            "addresses": [
                {"address": address, "type": "InternalIP"},
                {"address": name, "type": "Hostname"},
            ],
            "allocatable": {"cpu": "2", "memory": "3919236Ki", "pods": "110"},
            "capacity": {"cpu": "2", "memory": "4021636Ki", "pods": "110"},
            "conditions": [*calm, ready],
            "nodeInfo": {"kubeletVersion": "v1.31.4", "operatingSystem": "linux"},
        },
    }


def namespace(name: str) -> Object:
    labels = {"kubernetes.io/metadata.name": name}
    return {
        "apiVersion": "v1",
        "kind": "Namespace",
        "metadata": meta(name, None, labels=labels),
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def _healthy() -> Iterator[Object]:
    for name in ("ingress-nginx", "kube-system", "shop"):
        yield namespace(name)
    for number, (name, address) in enumerate(NODES.items()):
        yield node(name, address, number)
    yield ingress()
    yield service("web", {"app": "web"})
    yield workload("Deployment", "web", {"app": "web"})
    replicas = workload(
        "ReplicaSet", "web-6d5f8c7b9", {"app": "web", "pod-template-hash": "6d5f8c7b9"}
    )
    replicas["metadata"]["ownerReferences"] = owned("Deployment", "web")
    yield replicas
    yield pod("web-6d5f8c7b9-4xk2p", "worker-1", "10.244.1.17")
    yield pod("web-6d5f8c7b9-zt8qn", "worker-2", "10.244.2.23")
    yield endpoint_slice(
        "web",
        "web-9kq4z",
        endpoint("10.244.1.17", "web-6d5f8c7b9-4xk2p", "worker-1"),
        endpoint("10.244.2.23", "web-6d5f8c7b9-zt8qn", "worker-2"),
    )
    yield {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": meta("default"),
        "secrets": [{"name": "default-token-x7k2p"}],
    }
    yield from _system()


def _system() -> Iterator[Object]:
    labels = {
        "app.kubernetes.io/component": "controller",
        "app.kubernetes.io/instance": "ingress-nginx",
        "app.kubernetes.io/name": "ingress-nginx",
    }
    name = "ingress-nginx-controller"
    yield pod(f"{name}-7d9f6b5c4-8vj2m", "worker-1", "10.244.1.5", "ingress-nginx", labels=labels)
    front = service(name, labels, "ingress-nginx", "10.96.120.44", type="LoadBalancer")
    front["status"]["loadBalancer"] = {"ingress": [{"ip": "203.0.113.7", "ipMode": "VIP"}]}
    yield front
    dns = {"k8s-app": "kube-dns"}
    yield service("kube-dns", dns, "kube-system", "10.96.0.10")
    yield workload("Deployment", "coredns", dns, "kube-system")
    yield pod("coredns-7c65d6cfc9-b5xk9", "worker-1", "10.244.1.2", "kube-system", labels=dns)
    yield pod("coredns-7c65d6cfc9-q2mzt", "worker-2", "10.244.2.3", "kube-system", labels=dns)
