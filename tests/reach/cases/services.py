"""Situations at the Service."""

from __future__ import annotations

from tests.reach.cases.case import backend, case
from tests.reach.kubectl import (
    Cluster,
    endpoint_slice,
    namespace,
    service,
)


@case(
    "service-missing",
    "no such Service",
    "Service shop/wbe, which does not exist",
    "did you mean web?",
    "write web as",
    fields=("backend.service.name", "metadata.name"),
)
def no_such_service(c: Cluster) -> None:
    backend(c)["name"] = "wbe"


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
    backend(c)["name"] = "invoices"


@case(
    "service-missing",
    "no such Service, and none is like it",
    "Service shop/checkout, which does not exist",
    "namespace shop has web",
    fields=("backend.service.name",),
)
def no_service_like_it(c: Cluster) -> None:
    backend(c)["name"] = "checkout"


@case(
    "dns-name-as-service",
    "a DNS name where a Service's name belongs",
    '"web.shop.svc.cluster.local"',
    "write web as the backend's service.name.",
    fields=("backend.service.name",),
    errors=True,
)
def dns_name_as_service(c: Cluster) -> None:
    backend(c)["name"] = "web.shop.svc.cluster.local"


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
    backend(c)["name"] = "invoices.billing.svc"


@case(
    "external-name-loop",
    "an ExternalName that leads back to a host of these rules",
    "ExternalName for shop.example.com",
    "request loops",
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
    backend(c)["port"] = {"number": 8080}
    c["Service web"]["spec"]["ports"][0]["targetPort"] = 8080


@case(
    "port-missing",
    "the port's name is not in the Service",
    "Service shop/web has no port https, but 80 (http)",
    "write http in the rule",
    fields=("backend.service.port.name", "spec.ports"),
)
def port_name_not_in_service(c: Cluster) -> None:
    backend(c)["port"] = {"name": "https"}


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
    "the selector app=wbe of Service shop/web matches no Pod",
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
    "the targetPort of Service shop/web is web",
    "no container of Pod shop/web-6d5f8c7b9-4xk2p has a port named web",
    "declared is 8080 (http)",
    "write targetPort: http",
    fields=("containerPort", "spec.ports"),
)
def target_port_name(c: Cluster) -> None:
    c["Service web"]["spec"]["ports"][0]["targetPort"] = "web"
    c["EndpointSlice web-9kq4z"].update(endpoints=None, ports=None)


@case(
    "target-port-missing",
    "targetPort is a number that no container declares",
    "the targetPort of Service shop/web is 80",
    "declared is 8080 (http)",
    "write targetPort: 8080",
    fields=("containerPort", "spec.ports"),
)
def target_port_number(c: Cluster) -> None:
    c["Service web"]["spec"]["ports"][0]["targetPort"] = 80
    c["EndpointSlice web-9kq4z"]["ports"][0]["port"] = 80


@case(
    "external-name-loop",
    "an ExternalName that names nginx's own Service",
    "ExternalName for ingress-nginx-controller.ingress-nginx.svc.cluster.local, the Service of "
    "this nginx",
    fields=("spec.externalName",),
)
def external_name_of_nginx(c: Cluster) -> None:
    external_name_loop(c)
    name = "ingress-nginx-controller.ingress-nginx.svc.cluster.local"
    c["Service web"]["spec"]["externalName"] = name
