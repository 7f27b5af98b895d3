"""The requests to nginx's stream block: Services on TCP and UDP ports, and TLS left unopened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.stream import (
    PortServiceInvalid,
    PortServicesMissing,
    PortUnusable,
)
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.k8s.backend import ServiceBackend, is_port_name, is_port_number
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.syntax.host import is_label

Protocol = Literal["tcp", "udp"]

_PORT_NUMBER = re.compile(r"[1-9][0-9]{0,4}", re.ASCII).fullmatch

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class PortTarget:
    """A Service port, and who speaks of the client by the PROXY protocol."""

    namespace: str
    service: str
    port: int | str
    accepts_proxy: bool = False
    """Connections begin with a PROXY line."""
    sends_proxy: bool = False
    """The Service is sent a PROXY line."""

    def __str__(self) -> str:
        accepts, sends = (
            "PROXY" if item else "" for item in (self.accepts_proxy, self.sends_proxy)
        )
        rest = f":{accepts}:{sends}".rstrip(":")
        return f"{self.namespace}/{self.service}:{self.port}{rest}"


@dataclass(frozen=True, slots=True)
class PortWish:
    """An entry of the operator's ConfigMap: a port of nginx and the Service behind it."""

    protocol: Protocol
    port: int
    target: PortTarget
    backend: ServiceBackend
    origin: Origin


def _target(tokens: tuple[str, ...]) -> PortTarget:
    namespace, service, port, *proxies = tokens
    if not is_label(namespace) or not is_label(service):
        raise BadValue(
            f'"{namespace}/{service}" can be no Service: a name has at most 63 characters'
        )
    accepts, sends = (*"".join(proxies).upper().split(":")[1:], "", "")[:2]
    return PortTarget(namespace, service, _port(port), bool(accepts), bool(sends))


def _port(text: str) -> int | str:
    if text.isdigit():
        if _PORT_NUMBER(text) and is_port_number(int(text)):
            return int(text)
        raise BadValue(f'"{text}" is not a port of 1 to 65535')
    if not is_port_name(text):
        raise BadValue(f'"{text}" is no name of a port')
    return text


PORT_SERVICE = Grammar(
    name="service port",
    rule="port_service",
    words="namespace/service:port, with :PROXY behind it for clients and :PROXY for the Service",
    examples=("shop/db:5432", "shop/web:https:PROXY", "shop/web:80::PROXY", "a/b:1:PROXY:PROXY"),
    wrong=(
        "",
        "shop/db",
        "db:5432",
        "shop/db:0",
        "shop/db:70000",
        "shop/db:5432:TLS",
        "shop/db:5432:PROXY:PROXY:PROXY",
        "shop/db:5432; }",
        "shop/a.b:80",
        "shop/$db:80",
    ),
    make=_target,
    write=str,
)


def read_port_services(store: Store, sink: Sink, options: Options) -> tuple[PortWish, ...]:
    """Return what the ConfigMaps request that the options name, by protocol and port."""
    return (
        *_read("tcp", options.tcp_services_configmap, store, sink, options),
        *_read("udp", options.udp_services_configmap, store, sink, options),
    )


def _read(
    protocol: Protocol, named: str | None, store: Store, sink: Sink, options: Options
) -> tuple[PortWish, ...]:
    if named is None:
        return ()
    namespace, _, name = named.partition("/")
    found = store.config_maps.get((namespace, name))
    if found is None:
        option = f"--{protocol}-services-configmap"
        sink.report(PortServicesMissing(config_map=named, option=option), Origin())
        return ()
    taken = _taken(options) if protocol == "tcp" else {}
    wishes = _entries(protocol, found, taken, sink)
    return tuple(sorted(wishes, key=lambda wish: wish.port))


def _taken(options: Options) -> dict[int, str]:
    taken = {options.http_port: "--http-port", options.https_port: "--https-port"}
    if options.enable_ssl_passthrough:
        taken[options.ssl_passthrough_proxy_port] = "--ssl-passthrough-proxy-port"
        taken[options.ssl_passthrough_backend_port] = "--ssl-passthrough-backend-port"
    return taken


def _entries(
    protocol: Protocol, found: ConfigMap, taken: dict[int, str], sink: Sink
) -> Iterator[PortWish]:
    """Yield the entries that can be read, and report the others."""
    for key, text in found.data.items():
        place = found.place_of(key)
        why = ""
        if not _PORT_NUMBER(key) or not is_port_number(int(key)):
            why = "it must be a number of 1 to 65535"
        elif int(key) in taken:
            why = f"{taken[int(key)]} has it"
        if why:
            entry = PortUnusable(port=_cut(key), protocol=protocol.upper(), why=why)
            sink.report(entry, place.at(key=True))
            continue
        try:
            target = PORT_SERVICE.read(text.strip())
            if protocol == "udp" and (target.accepts_proxy or target.sends_proxy):
                raise BadValue("the PROXY protocol is for TCP alone")
        except BadValue as error:
            invalid = PortServiceInvalid(
                port=key,
                value=_cut(text),
                why=str(error),
                words=PORT_SERVICE.words if protocol == "tcp" else _UDP_WORDS,
                examples=PORT_SERVICE.examples[: 3 if protocol == "tcp" else 1],
            )
            sink.report(invalid, place)
            continue
        backend = ServiceBackend(target.service, target.port, place)
        yield PortWish(protocol, int(key), target, backend, place)


_UDP_WORDS = "namespace/service:port"


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
