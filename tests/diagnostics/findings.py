"""One fixed list of diagnostics that every renderer shows, and a source to take them from."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import (
    Diagnostic,
    Entry,
    FieldPath,
    ObjectRef,
    Origin,
    Related,
    Severity,
    Span,
)
from ingc.diagnostics.catalogue.annotations import ProtectionNotSupported
from ingc.diagnostics.catalogue.backends import NamesResolvedAtStart
from ingc.diagnostics.catalogue.hosts_paths import (
    HostInvalid,
    PathHasForbiddenPart,
    PathHasQuery,
    PathTypeMissing,
    RouteNeverReached,
    RouteRepeated,
)
from ingc.diagnostics.catalogue.internal import ProofFailed
from ingc.diagnostics.catalogue.objects import ClassPassedOver, ObjectRepeated
from ingc.diagnostics.catalogue.tls import SecretNotBase64

Marks = tuple[tuple[FieldPath, int, str], ...]


@dataclass(frozen=True)
class Manifest:
    """A file in memory. Each mark says in which line a field stands, and as what."""

    file: str
    text: str
    marks: Marks = ()

    def span(self, field: FieldPath, *, key: bool = False) -> Span | None:
        """Return the place of the field or of its nearest marked parent."""
        for length in range(len(field), -1, -1):
            for marked, number, what in self.marks:
                if marked == field[:length]:
                    line = self.text.split("\n")[number - 1]
                    wanted = str(field[length - 1]) if key else what
                    return Span(number, line.index(wanted) + 1, len(wanted), line)
        return None


def ingress(name: str, namespace: str = "shop") -> ObjectRef:
    """Return a reference to an Ingress."""
    return ObjectRef("Ingress", namespace, name)


def path_field(number: int, rule: int = 0) -> FieldPath:
    """Return the field of a rule's path entry."""
    return ("spec", "rules", rule, "http", "paths", number)


def found(
    entry: Entry, origin: Origin, *also: Related, severity: Severity | None = None
) -> Diagnostic:
    """Return a diagnostic as a sink makes it."""
    return Diagnostic(entry, origin, severity or entry.severity, also)


SHOP = Manifest(
    "shop.yaml",
    """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  namespace: shop
spec:
  rules:
  - host: shop.example.com
    http:
      paths:
        - path: /a
          pathType: Exact
          backend: {service: {name: a, port: {number: 80}}}
        - path: /a/../b
          pathType: Prefix
          backend: {service: {name: b, port: {number: 80}}}
  - host: Kö日本.example.com
""",
    (
        ((), 1, "apiVersion"),
        ((*path_field(0), "path"), 11, "/a"),
        ((*path_field(1), "path"), 14, "/a/../b"),
        (("spec", "rules", 1, "host"), 17, "Kö日本.example.com"),
    ),
)

COPY = Manifest(
    "copies/web, 100% old:1.yaml",
    "\napiVersion: networking.k8s.io/v1\n",
    (((), 2, "apiVersion"),),
)

ONE_LINE = Manifest(
    "<stdin>",
    '{"kind": "Ingress", "metadata": {"annotations": {"note": "'
    + "x" * 150
    + '"}}, "spec": {"rules": [{"http": {"paths": [{"path": "/find?q=1", "pathType": "Prefix"'
    + ', "backend": {"service": {"name": "find", "port": {"number": 80}}}}]}}]}}',
    (((*path_field(0), "path"), 1, '"/find?q=1"'),),
)

SECRET = Manifest(
    "tls.yaml",
    "kind: Secret\ndata:\n  tls.key: c2VjcmV0 # not padded\n",
    ((("data", "tls.key"), 3, "c2VjcmV0"),),
)

ODD = Manifest(
    "odd\x1b[31m\n.yaml",
    "metadata:\n  annotations:\n\tnginx.ingress.kubernetes.io/auth-type:\t\x07\u202ebasic\u0301\n",
    ((("metadata", "annotations"), 3, "\x07\u202ebasic\u0301"),),
)

MANY = Manifest(
    "many.yaml",
    "\n".join(f"    - path: /p{number}" for number in range(16)),
    tuple(((*path_field(number), "path"), number + 1, f"/p{number}") for number in range(16)),
)


def _untyped(number: int) -> Diagnostic:
    at = Origin(ingress("many"), (*path_field(number), "path"), MANY)
    return found(PathTypeMissing(path=f"/p{number}"), at)


WEB = ingress("web")
AUTH_TYPE = "nginx.ingress.kubernetes.io/auth-type"

FINDINGS = (
    found(
        ObjectRepeated(ref=str(WEB)),
        Origin(WEB, (), COPY),
        Related(Origin(WEB, (), SHOP), "first defined here"),
    ),
    *map(_untyped, range(16)),
    found(
        ProtectionNotSupported(
            annotation=AUTH_TYPE,
            support="refused",
            why="raw directives are not taken",
            instead="write an annotation",
        ),
        Origin(ingress("odd", ""), ("metadata", "annotations", AUTH_TYPE), ODD),
    ),
    found(ClassPassedOver(count=2, classes=("haproxy", "traefik")), Origin(None, (), SHOP)),
    found(
        PathHasForbiddenPart(
            path="/a/../b", path_type="Prefix", part='a "." or ".." segment', normal="/b"
        ),
        Origin(WEB, (*path_field(1), "path"), SHOP),
    ),
    found(HostInvalid(host="Kö日本.example.com"), Origin(WEB, ("spec", "rules", 1, "host"), SHOP)),
    found(
        RouteRepeated(host="shop.example.com", path="/a", winner="Ingress shop/api"),
        Origin(WEB, (*path_field(0), "path"), SHOP),
        Related(Origin(ingress("api"), (*path_field(3), "path")), "this rule is used"),
    ),
    found(
        PathHasQuery(path="/find?q=1", char="?", escape="%3F"),
        Origin(ingress("find"), (*path_field(0), "path"), ONE_LINE),
    ),
    found(
        SecretNotBase64(key="tls.key"),
        Origin(ObjectRef("Secret", "shop", "tls"), ("data", "tls.key"), SECRET),
    ),
    found(
        RouteNeverReached(path="/foo", why="/foo/ takes them all", fix="remove the rule"),
        Origin(ingress("made-in-memory"), (*path_field(0), "path")),
        severity=Severity.ERROR,
    ),
    found(NamesResolvedAtStart(names=tuple(f"s{n}.shop.svc" for n in range(10))), Origin()),
    found(
        ProofFailed(line=3, why="one directive more than asked for", text="return 200;"),
        Origin(),
    ),
)
