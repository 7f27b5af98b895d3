"""What the objects tell of an ingress-nginx that watches them, where its nginx.conf does not.

Its Lua looks up certificates and canaries. What it finds follows from the Ingresses alone, and is
read here by ingress-nginx's rules, in ignorance of what is compiled of them.
(kubernetes/ingress-nginx: internal/ingress/controller/controller.go, rootfs/etc/nginx/lua)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from ingc.diagnostics import Sink
from ingc.explain.conf.certificates import NONE_KNOWN, CertifiedHosts
from ingc.explain.question import Question
from ingc.frontend.classes import select_ingresses
from ingc.k8s.backend import ServiceBackend
from ingc.k8s.ingress import HttpPath, Ingress
from ingc.k8s.reading import Name
from ingc.k8s.service import Service
from ingc.k8s.store import Store, read_objects
from ingc.load import Document
from ingc.options import Options
from ingc.resolve.certificate import KeyPair, read_key_pair

_ALWAYS, _NEVER = "always", "never"
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class CanaryRule:
    """A Service that takes a part of another one's requests."""

    service: str
    """``namespace/name``."""
    port: int | str | None
    share: float = 0.0
    """Of the requests that nothing else decides, 0 to 1."""
    header: str = ""
    value: str = ""
    """Of the header; empty: ``always`` and ``never``."""
    pattern: bool = False
    """True where a pattern decides over the header, which is not tried here."""
    cookie: str = ""

    @property
    def name(self) -> str:
        """The name of its upstream, as ingress-nginx gives it."""
        return upstream_name(self.service, self.port)

    def takes(self, question: Question) -> bool | None:
        """Return whether it takes a request by a header or cookie; ``None``: chance decides."""
        sent = {name.lower(): value for name, value in question.headers}
        value = sent.get(self.header.lower()) if self.header else None
        if value is not None and self.value and value == self.value:
            return True
        if value is not None and not self.value and value in (_ALWAYS, _NEVER):
            return value == _ALWAYS
        cookies = (item.strip().partition("=") for item in sent.get("cookie", "").split(";"))
        found = next((text for name, _, text in cookies if self.cookie and name == self.cookie), "")
        return found == _ALWAYS if found in (_ALWAYS, _NEVER) else None


@dataclass(frozen=True, slots=True)
class WatchedObjects:
    """What is known of the objects; without them nothing."""

    certificates: CertifiedHosts = NONE_KNOWN
    canaries: Mapping[tuple[str, str], tuple[CanaryRule, ...]] = field(default_factory=dict)
    """By host and path of their rules."""
    services: frozenset[str] = frozenset()
    """``namespace/name`` of all Services."""
    ports: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """Numbers of the Services' ports, by namespace/name and name."""
    upstreams: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """The Services and ports by the names that ingress-nginx gives to their upstreams."""
    unopened: frozenset[str] = frozenset()
    """The hosts whose TLS the controller passes on, before nginx: with ``ssl-passthrough``."""
    default_backend: str | None = None
    """What ``--default-backend-service`` names, ``namespace/name``; empty: nothing; ``None``: not
    known."""

    def deciding_headers(self) -> Iterator[tuple[tuple[str, str], ...]]:
        """Yield the headers of requests that canaries take by a header or cookie."""
        for rule in (rule for rules in self.canaries.values() for rule in rules):
            if rule.header and not rule.pattern:
                yield ((rule.header, rule.value or _ALWAYS),)
            if rule.cookie:
                yield (("Cookie", f"{rule.cookie}={_ALWAYS}"),)


def evidence_of(documents: Iterable[Document], options: Options, sink: Sink) -> WatchedObjects:
    """Return what the objects of an input tell; what is wrong with them is reported."""
    store = read_objects(documents, sink, namespace=options.namespace)
    ingresses = select_ingresses(store, sink, options)
    return WatchedObjects(
        _certificates(ingresses, store, options),
        _canaries(ingresses, options),
        frozenset(f"{key[0]}/{key[1]}" for key in store.services),
        {(key, name): port for key, name, port in _ports(store.services) if name},
        dict(_upstreams(store.services)),
        frozenset(_unopened(ingresses, options)),
        options.default_backend_service or "",
    )


def _ports(services: Mapping[Name, Service]) -> Iterator[tuple[str, str, int]]:
    for (namespace, name), service in services.items():
        for port in service.ports:
            yield f"{namespace}/{name}", port.name, port.port


def _upstreams(services: Mapping[Name, Service]) -> Iterator[tuple[str, tuple[str, int]]]:
    for service, name, port in _ports(services):
        for text in filter(None, (str(port), name)):
            yield upstream_name(service, text), (service, port)


def upstream_name(service: str, port: object) -> str:
    """Return how ingress-nginx names the upstream of a Service, ``namespace/name``."""
    return f"{service.replace('/', '-')}-{port}"


def _certificates(ingresses: Iterable[Ingress], store: Store, options: Options) -> CertifiedHosts:
    """Return the hosts that Lua has a certificate for: all of Ingresses with ``spec.tls``.

    Where no Secret fits, that is the default one. An alias has the certificate that names it.
    """
    hosts: set[str] = set()
    unsure: set[str] = set()
    for ingress in (item for item in ingresses if item.tls):
        hosts |= {rule.host.lower() for rule in ingress.rules if rule.host}
        text = ingress.meta.annotations.get(f"{options.annotations_prefix}/server-alias", "")
        aliases = {name.strip().lower() for name in text.split(",") if name.strip()}
        namespace = ingress.meta.namespace
        secrets = [store.secrets.get((namespace, entry.secret)) for entry in ingress.tls]
        pairs = [read_key_pair(secret) for secret in secrets if secret is not None]
        for alias in aliases:
            if any(isinstance(pair, KeyPair) and pair.covers(alias) for pair in pairs):
                hosts.add(alias)
            elif None in secrets:
                unsure.add(alias)
    return CertifiedHosts(frozenset(hosts), frozenset(unsure))


def _unopened(ingresses: Iterable[Ingress], options: Options) -> Iterator[str]:
    name = f"{options.annotations_prefix}/ssl-passthrough"
    for ingress in ingresses if options.enable_ssl_passthrough else ():
        if ingress.meta.annotations.get(name) == "true":
            yield from (rule.host.lower() for rule in ingress.rules if rule.host)


def _canaries(
    ingresses: Iterable[Ingress], options: Options
) -> dict[tuple[str, str], tuple[CanaryRule, ...]]:
    """Return the canaries by host and path."""
    found: dict[tuple[str, str], list[CanaryRule]] = {}
    for ingress in ingresses:
        given = {
            name.removeprefix(f"{options.annotations_prefix}/"): text
            for name, text in ingress.meta.annotations.items()
        }
        if given.get("canary") != "true":
            continue
        for rule in ingress.rules:
            for path in rule.paths:
                made = _canary(ingress, path, given)
                if made is not None:
                    found.setdefault((rule.host.lower(), path.path), []).append(made)
    return {key: tuple(rules) for key, rules in found.items()}


def _canary(ingress: Ingress, path: HttpPath, given: dict[str, str]) -> CanaryRule | None:
    backend = path.backend
    if not isinstance(backend, ServiceBackend):
        return None
    total = max(_number(given.get("canary-weight-total", "")), _WHOLE)
    return CanaryRule(
        f"{ingress.meta.namespace}/{backend.name}",
        backend.port,
        min(_number(given.get("canary-weight", "")) / total, 1.0),
        given.get("canary-by-header", ""),
        given.get("canary-by-header-value", ""),
        bool(given.get("canary-by-header-pattern")),
        given.get("canary-by-cookie", ""),
    )


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
