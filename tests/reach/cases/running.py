"""Situations of Pods that run, end, or are not made."""

from __future__ import annotations

from tests.reach.cases.case import case, crashed
from tests.reach.kubectl import (
    AGE,
    LATER,
    NODES,
    Cluster,
    condition,
    pod,
    workload,
)


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


@case(
    "not-ready",
    "none of the Deployment's Pods is ready, and the input has no Pods",
    "Deployment shop/web has none of its 2 Pods ready (MinimumReplicasUnavailable",
    "put its Pods and Events into the input too",
    fields=("status.readyReplicas", "status.conditions[0].message"),
)
def deployment_without_pods(c: Cluster) -> None:
    c["EndpointSlice web-9kq4z"]["endpoints"] = None
    c.drop(*(key for key in list(c.objects) if key.startswith("Pod ")))
    text = "Deployment does not have minimum availability."
    told = condition("Available", "False", "MinimumReplicasUnavailable", text)
    c["Deployment web"]["status"] = {
        "conditions": [told],
        "observedGeneration": 1,
        "replicas": 2,
        "unavailableReplicas": 2,
    }


@case(
    "no-replicas",
    "zero replicas, while the last Pods end",
    "Deployment shop/web is scaled to zero",
    fields=("spec.replicas",),
)
def zero_replicas_and_pods_that_end(c: Cluster) -> None:
    terminating(c)
    for key in ("Deployment web", "ReplicaSet web-6d5f8c7b9"):
        c[key]["spec"]["replicas"] = 0


@case(
    "crash-loop",
    "crash loop: it runs just now",
    "ends again and again (8 restarts) with exit code 139: it crashed (SIGSEGV)",
    fields=("lastState.terminated.exitCode",),
)
def crashes_now_and_then(c: Cluster) -> None:
    ended = {"containerID": "containerd://00", "exitCode": 139, "reason": "Error"}
    c.set_state({"running": {"startedAt": LATER}}, {"terminated": ended}, restartCount=8)


@case(
    "host-port-taken",
    "two Pods of the host's network with one port",
    "Pod shop/web-6d5f8c7b9-4xk2p does not get port 8080 of Node worker-1, which Pod "
    "shop/proxy-5c6d-ltb4x has",
    fields=("containerPort",),
)
def host_network_port_taken(c: Cluster) -> None:
    waiting, last = crashed(1, "Error")
    c.set_state(waiting, last, restartCount=5)
    for item in c.pods:
        item["spec"]["hostNetwork"] = True
    for name, node in (("proxy-5c6d-ltb4x", "worker-1"), ("proxy-5c6d-w9pzd", "worker-2")):
        other = pod(name, node, NODES[node], labels={"app": "proxy"})
        other["spec"]["hostNetwork"] = True
        c.add(other)
