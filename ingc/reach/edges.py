"""Causes at the two ends: names that nginx has to resolve, and the way in from outside."""

from __future__ import annotations

from ingc.k8s.service import Service
from ingc.reach.cause import Cause, Evidence, Situation, seen, word
from ingc.reach.chain import Chain, Recipient
from ingc.reach.recipients import chief, trouble
from ingc.reach.scene import Scene

_SYSTEM = "kube-system"
_DNS = {"k8s-app": "kube-dns"}
"""The label that CoreDNS keeps of its predecessor."""


def dns_down(chain: Chain) -> Cause | None:
    """Nginx has to resolve the name of the backend, and the cluster's DNS does not run.

    https://kubernetes.io/docs/tasks/administer-cluster/dns-debugging-resolution/
    """
    name = next((item.address for item in chain.endpoints if item.dns), "")
    if not name or not _asks_cluster(chain.scene):
        return None
    found = _why_down(chain.scene)
    if found is None:
        return None
    why, fix, evidence = found
    why = (
        f"the backend is {word(name)}, a name that nginx has to resolve, and the cluster's DNS "
        f"(CoreDNS) does not run: {why}"
    )
    return Cause(Situation.DNS_DOWN, why, fix, evidence)


def _asks_cluster(scene: Scene) -> bool:
    """Return whether nginx asks the cluster's own DNS, as far as that is known."""
    resolvers = scene.config.settings.resolver
    service = scene.store.services.get((_SYSTEM, "kube-dns"))
    if not resolvers or service is None or not service.allocated:
        return True
    return any(service.cluster_ip in item or "kube-dns" in item for item in resolvers)


def _why_down(scene: Scene) -> tuple[str, str, tuple[Evidence, ...]] | None:
    pods = scene.selected(_SYSTEM, _DNS)
    found = [trouble(scene, Recipient(pod)) for pod in pods]
    causes = [item for item in found if item is not None]
    if pods:
        if len(causes) < len(pods):
            return None
        cause = chief(causes)
        return cause.why, cause.fix, cause.evidence
    for maker in scene.makers(_SYSTEM, _DNS):
        if maker.ready == 0:
            name = f"{maker.kind} {_SYSTEM}/{maker.name}"
            where = f"{maker.kind.lower()}/{maker.name} -n {_SYSTEM}"
            if maker.wanted == 0:
                place = seen(maker.origin, *maker.wanted_field, value=0)
                fix = f"scale it up (kubectl scale {where} --replicas=2)"
                return f"{name} is scaled to zero", fix, (place,)
            place = seen(maker.origin, "status", "readyReplicas", value=0)
            why = f"{name} has none of its {maker.wanted} Pods ready"
            return why, f"look why (kubectl describe {where})", (place,)
    slices = scene.store.slices.get((_SYSTEM, "kube-dns"))
    if slices and not any(item.ready for found in slices for item in found.endpoints):
        place = seen(slices[0].origin, "endpoints", value="none is ready")
        fix = f"look at its Pods (kubectl get pods -n {_SYSTEM} -l k8s-app=kube-dns)"
        return "its Service has no ready endpoint", fix, (place,)
    return None


def no_load_balancer(chain: Chain) -> Cause | None:
    """The Service that nginx is reached by from outside, or the rule's, waits for an address."""
    service = chain.service
    if service is not None and _waits(service) and not chain.endpoints:
        return _pending(service, "so that nobody outside of the cluster reaches its Pods")
    for item in chain.scene.fronts:
        if _waits(item):
            return _pending(item, "so that no request from outside comes to nginx at all")
    return None


def _waits(service: Service) -> bool:
    return service.type == "LoadBalancer" and not service.balancers and not service.external_ips


def _pending(service: Service, effect: str) -> Cause:
    name = f"{service.meta.namespace}/{service.meta.name}"
    why = f"Service {name} is a LoadBalancer without an address (pending), {effect}"
    fix = (
        "install what gives out addresses (a cloud controller, MetalLB), look at its Events "
        f"(kubectl describe service -n {service.meta.namespace} {service.meta.name}), or use its "
        "NodePort"
    )
    place = seen(service.origin, "status", "loadBalancer", value="{}")
    return Cause(Situation.NO_LOAD_BALANCER, why, fix, (place,))
