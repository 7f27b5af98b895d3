"""networking.k8s.io NetworkPolicy, as far as it decides who may send to a Pod."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.k8s.fields import Fields
from ingc.k8s.label_selector import read_label_selector
from ingc.syntax.labels import Selector

VERSION = "networking.k8s.io/v1"


@dataclass(frozen=True, slots=True)
class PolicyPeer:
    """Whom a rule lets in. Of Pods both selectors must take one, where both are given."""

    namespaces: Selector | None
    """``None``: the policy's own namespace alone."""
    pods: Selector | None
    """``None``: all Pods of those namespaces."""
    block: str
    """A network in CIDR form; ``""`` for peers that are Pods."""
    excepted: tuple[str, ...]
    """Networks inside of ``block`` that are not let in."""


@dataclass(frozen=True, slots=True)
class PolicyPort:
    """To which port a rule lets in."""

    port: int | str | None
    """A number, a container port's name; ``None`` for every port."""
    last: int | None
    """The last port of a range that begins at ``port``."""
    protocol: str


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """One entry of ``spec.ingress``."""

    peers: tuple[PolicyPeer, ...]
    """Empty: everybody."""
    ports: tuple[PolicyPort, ...]
    """Empty: every port."""
    origin: Origin


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """A NetworkPolicy. The Pods that one of them selects get only what some rule lets in."""

    namespace: str
    name: str
    pods: Selector
    """``spec.podSelector``."""
    isolates: bool
    """True where it is about what comes in; another one is about egress alone."""
    rules: tuple[PolicyRule, ...]
    origin: Origin


def read_network_policy(fields: Fields, ref: ObjectRef, _version: str) -> NetworkPolicy:
    """Read a NetworkPolicy.

    https://kubernetes.io/docs/concepts/services-networking/network-policies/
    """
    spec = fields.mapping("spec")
    selector = spec.mapping("podSelector") if spec else None
    types = spec.texts("policyTypes") if spec else ()
    return NetworkPolicy(
        namespace=ref.namespace,
        name=ref.name,
        pods=read_label_selector(selector) if selector else Selector(()),
        isolates=spec is not None and (not types or "Ingress" in types),
        rules=tuple(map(_read_rule, spec.mappings("ingress"))) if spec else (),
        origin=fields.origin,
    )


def _read_rule(rule: Fields) -> PolicyRule:
    return PolicyRule(tuple(_read_peers(rule)), tuple(_read_ports(rule)), rule.origin)


def _read_peers(rule: Fields) -> Iterator[PolicyPeer]:
    for peer in rule.mappings("from"):
        namespaces, pods = peer.mapping("namespaceSelector"), peer.mapping("podSelector")
        block = peer.mapping("ipBlock")
        yield PolicyPeer(
            namespaces=read_label_selector(namespaces) if namespaces else None,
            pods=read_label_selector(pods) if pods else None,
            block=block.text("cidr") if block else "",
            excepted=block.texts("except") if block else (),
        )


def _read_ports(rule: Fields) -> Iterator[PolicyPort]:
    for item in rule.mappings("ports"):
        port = item.value.get("port")
        yield PolicyPort(
            port=port if type(port) in (int, str) else None,
            last=item.integer("endPort"),
            protocol=item.text("protocol") or "TCP",
        )
