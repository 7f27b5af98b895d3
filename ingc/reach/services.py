"""Causes at the Service: it is not there, leads elsewhere, or lacks the port."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Diagnostic
from ingc.diagnostics.catalogue.objects import NameInvalid
from ingc.k8s.service import Service, ServicePort
from ingc.reach.cause import Cause, Evidence, Situation, listed, seen, word
from ingc.reach.chain import Chain
from ingc.reach.scene import Scene
from ingc.syntax.host import is_label
from ingc.syntax.near import nearest

_SCHEMES = ("http://", "https://")


def dns_name_as_service(
    scene: Scene, namespace: str, findings: Iterable[Diagnostic]
) -> Cause | None:
    """A rule names its Service by a DNS name or URL; the API takes a bare name alone.

    https://kubernetes.io/docs/reference/kubernetes-api/ (IngressServiceBackend.name)
    """
    for finding in findings:
        if not isinstance(finding.entry, NameInvalid) or finding.origin.field[-1:] not in (
            ("name",),
            ("serviceName",),
        ):
            continue
        given = finding.entry.value
        bare, other = _bare_name(given)
        if not bare:
            continue
        why = f'the rule names its Service "{word(given)}", and a bare name belongs there'
        fix = f"write {bare} as the backend's service.name"
        if other and other != namespace:
            why += f": the Ingress is in namespace {namespace}, the Service in {other}"
            fix = (
                f"write {bare} in an Ingress of namespace {other}, for an Ingress reaches the "
                "Services of its own namespace alone"
            )
        evidence = [Evidence(finding.origin, word(given))]
        there = scene.store.services.get((other or namespace, bare))
        if there is not None:
            evidence.append(seen(there.origin, "metadata", "name", value=bare))
        return Cause(Situation.DNS_NAME_AS_SERVICE, why, fix, tuple(evidence))
    return None


def _bare_name(given: str) -> tuple[str, str]:
    """Return the Service's name in a DNS name or URL, and the namespace where it has one."""
    text = given[:1000].lower()
    for scheme in _SCHEMES:
        text = text.removeprefix(scheme)
    host = text.partition("/")[0].partition(":")[0].removesuffix(".")
    labels = host.split(".")
    if not is_label(labels[0]) or labels == [given]:
        return "", ""
    in_cluster = len(labels) == 2 or labels[2:3] == ["svc"]
    return labels[0], labels[1] if in_cluster and is_label(labels[1]) else ""


def service_missing(chain: Chain) -> Cause | None:
    """The Service is not there, as far as the input can tell."""
    if chain.service is not None or not chain.target.namespace:
        return None
    scene, target = chain.scene, chain.target
    near = nearest(target.service, scene.store.service_names.get(target.namespace, ()))
    elsewhere = scene.services_named.get(target.service, ())
    if not (chain.complete or near or elsewhere):
        return None
    name = f"{target.namespace}/{target.service}"
    why = f"the rule names Service {name}, which {_lacks(chain)}"
    evidence = [seen(chain.backend_field("name"), value=target.service)]
    if elsewhere:
        other = elsewhere[0]
        where = listed([item.meta.namespace for item in elsewhere])
        why += f", while namespace {where} has one of that name"
        fix = (
            f"move the rule to an Ingress in namespace {other.meta.namespace}, for an Ingress "
            "reaches the Services of its own namespace alone"
        )
        evidence.append(seen(other.origin, "metadata", "namespace", value=other.meta.namespace))
        if near:
            fix += f", or write {near}, if that is meant"
    elif near:
        why += f" (did you mean {near}?)"
        fix = f"write {near} as the backend's service.name"
        found = scene.store.services[target.namespace, near]
        evidence.append(seen(found.origin, "metadata", "name", value=near))
    else:
        there = scene.store.service_names.get(target.namespace, ())
        has = f" (namespace {target.namespace} has {listed(there)})" if there else ""
        fix = f"create it, or name one that exists{has}"
    return Cause(Situation.SERVICE_MISSING, why, fix, tuple(evidence))


def _lacks(chain: Chain) -> str:
    return "does not exist" if chain.complete else "is not in the input"


def external_name_loop(chain: Chain) -> Cause | None:
    """An ExternalName names a host of the same rules: its requests come back to nginx."""
    service = chain.service
    if service is None or service.type != "ExternalName":
        return None
    name = service.external_name.removesuffix(".").lower()
    host = chain.scene.serves(name)
    if not host and not chain.scene.leads_to_nginx(name):
        return None
    rule = next(
        (
            route.origin
            for item in chain.scene.config.hosts
            if host and host in item.names
            for route in item.routes
            if route.origin.name
        ),
        None,
    )
    by = f" of Ingress {rule.ingress}" if rule else ""
    what = f"a host{by} that this nginx serves itself" if host else "the Service of this nginx"
    why = (
        f"Service {_name(service)} is an ExternalName for {word(name)}, {what}, so that the "
        "request loops"
    )
    fix = (
        "let the rule name the Service that has the Pods, or give spec.externalName a name that "
        "does not lead to this nginx"
    )
    evidence = [seen(service.origin, "spec", "externalName", value=service.external_name)]
    return Cause(Situation.EXTERNAL_NAME_LOOP, why, fix, tuple(evidence))


def port_missing(chain: Chain) -> Cause | None:
    """The Service has no such port."""
    service = chain.service
    if service is None or service.type == "ExternalName" or chain.port is not None:
        return None
    wanted = chain.target.port
    ports = [_port_text(port) for port in service.ports]
    key = "name" if isinstance(wanted, str) else "number"
    why = f"Service {_name(service)} has no port {word(str(wanted))}"
    evidence = [seen(chain.backend_field("port", key), value=wanted)]
    behind = next((port for port in service.ports if port.target_port == wanted), None)
    names = sorted(port.name for port in service.ports if port.name)
    near = nearest(wanted, names) if isinstance(wanted, str) else ""
    if not ports:
        udp = next((port for port in service.udp_ports if wanted in (port.port, port.name)), None)
        fix = "give it one under spec.ports" if udp is None else "give it that port for TCP too"
        evidence.append(seen(service.origin, "spec", "ports", value="none for TCP"))
        return Cause(Situation.PORT_MISSING, why, fix, tuple(evidence))
    why += f", but {listed(ports)}"
    if behind is not None:
        fix = (
            f"write its port {_port_text(behind)} in the rule: {wanted} is the targetPort, the "
            "Pods' own, and a rule names the Service's"
        )
    elif near:
        why += f" (did you mean {near}?)"
        fix = f"write {near} in the rule, or add the port to the Service"
    elif len(service.ports) == 1:
        fix = f"write {service.ports[0].port} in the rule, or add the port to the Service"
    else:
        fix = "write one of these in the rule, or add the port to the Service"
    evidence.append(seen(service.origin, "spec", "ports", value=", ".join(ports)))
    return Cause(Situation.PORT_MISSING, why, fix, tuple(evidence))


def no_selector(chain: Chain) -> Cause | None:
    """Nothing chooses the Service's Pods, and no slice lists an address."""
    service = chain.service
    if service is None or service.selector or service.type == "ExternalName" or chain.listed:
        return None
    if chain.slices is None and (chain.endpoints or not chain.scene.store.slices):
        return None  # it may be served by what the input does not have
    why = (
        f"Service {_name(service)} has no selector, and no EndpointSlice gives it an address, so "
        "that nobody stands behind it"
    )
    fix = "give it the labels of its Pods as spec.selector, or an EndpointSlice with the addresses"
    evidence = (seen(service.origin, "spec", "selector", value="none"),)
    return Cause(Situation.NO_SELECTOR, why, fix, evidence)


def _name(service: Service) -> str:
    return f"{service.meta.namespace}/{service.meta.name}"


def _port_text(port: ServicePort) -> str:
    return f"{port.port} ({word(port.name)})" if port.name else str(port.port)
