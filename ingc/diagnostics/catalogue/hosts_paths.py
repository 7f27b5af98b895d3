"""ING2xx: hosts and paths: their form, conflicts between them, routes that are never reached."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING201", name="host-invalid", severity=ERROR)
class HostInvalid(Entry):
    """A host is not a name that Kubernetes allows.

    Hosts are lower-case DNS names without port, underscore or trailing dot, at most 253
    characters long.

    Example: `Shop.example.com`, `shop_1.example.com`, `shop.example.com:8080`.

    Fix: write the name in lower case, without scheme, port and path.
    """

    host: str
    summary = 'host "{host}" is not a valid DNS name'
    label = "must be a lower-case DNS name"
    help = "write the bare name, such as shop.example.com"


@code("ING202", name="host-is-address", severity=ERROR)
class HostIsAddress(Entry):
    """A rule's host is an IP address; the API server refuses it.

    Fix: write a DNS name, or leave the host out to serve every name that no other rule takes.
    """

    host: str
    summary = 'host "{host}" is an IP address'
    label = "must be a DNS name"
    help = "write a DNS name, or leave host out to take every other name"


@code("ING203", name="wildcard-invalid", severity=ERROR)
class WildcardInvalid(Entry):
    """A wildcard host is not `*.` and a DNS name.

    The `*` stands for exactly one whole label, the first. `*`, `*foo.com` and `foo.*.com` are
    refused by the API server.

    Fix: write `*.example.com`; to take every host, leave `host` out.
    """

    host: str
    summary = 'host "{host}" is not a valid wildcard'
    label = 'must be "*." and a DNS name'
    help = "write it like *.example.com; to take every host, leave host out"


@code("ING204", name="path-not-absolute", severity=ERROR)
class PathNotAbsolute(Entry):
    """A path does not begin with a slash; the API server refuses it.

    Fix: begin it with `/`.
    """

    path: str
    absolute: str
    summary = 'path "{path}" does not begin with "/"'
    label = "must be an absolute path"
    help = 'write "{absolute}"'


@code("ING205", name="path-has-forbidden-part", severity=ERROR)
class PathHasForbiddenPart(Entry):
    """A path of pathType Exact or Prefix holds `//`, a dot segment or an encoded slash.

    nginx merges slashes, resolves dot segments and decodes before it matches, so such a rule
    could never match. The API server refuses it.

    Example: `/a/../b`, `/a//b`, `/a%2Fb`.

    Fix: write the path as clients reach it.
    """

    path: str
    path_type: str
    part: str
    normal: str
    summary = 'path "{path}" is not allowed for pathType {path_type}'
    label = "contains {part}"
    help = "nginx matches the path in its normal form, so this could never match; write {normal}"


@code("ING206", name="path-type-missing", severity=ERROR)
class PathTypeMissing(Entry):
    """A path of a networking.k8s.io/v1 Ingress has no pathType; the API server refuses it.

    Fix: add `pathType: Prefix` (by path elements) or `pathType: Exact`.
    """

    path: str
    summary = 'path "{path}" has no pathType'
    label = "pathType is required"
    help = "add pathType: Prefix, or pathType: Exact"


@code("ING207", name="path-type-unknown", severity=ERROR)
class PathTypeUnknown(Entry):
    """A pathType is none of Exact, Prefix and ImplementationSpecific.

    Fix: write one of the three, with this capitalisation.
    """

    path_type: str
    summary = 'pathType "{path_type}" is not known'
    label = "must be Exact, Prefix or ImplementationSpecific"
    help = "write Exact, Prefix or ImplementationSpecific"


@code("ING208", name="path-unprintable", severity=ERROR)
class PathUnprintable(Entry):
    """A path can't be written into an nginx configuration.

    It decodes to a NUL or to bytes that are not UTF-8, or it is longer than the 4,095 bytes
    that nginx reads as one token.

    Fix: use another path.
    """

    path: str
    why: str
    summary = 'path "{path}" can\'t be written for nginx'
    label = "{why}"
    help = "use a path of valid UTF-8, of fewer than 4,000 bytes and without NUL"


@code("ING210", name="route-repeated", severity=WARNING, strict=True)
class RouteRepeated(Entry):
    """Two rules ask for the same host, path and pathType.

    The Ingress with the older creationTimestamp wins, then the one whose namespace/name comes
    first; inside one Ingress the first in the document. ImplementationSpecific counts as Prefix.

    Fix: remove one of the two, or give it another path.
    """

    host: str
    path: str
    winner: str
    summary = "{host}{path} is already taken by {winner}"
    label = "this rule gets no requests"
    help = "remove one of the two rules, or change its path"


@code("ING211", name="route-never-reached", severity=WARNING, strict=True)
class RouteNeverReached(Entry):
    """No request can reach this rule.

    Either other rules of the host take every request that it would match (of the Prefix paths
    `/foo` and `/foo/` the longer wins everywhere), or its path is not in the form that paths
    have when nginx matches them: decoded once, dot segments resolved, slashes merged.

    Fix: remove the rule, or write the path that is meant.
    """

    path: str
    why: str
    fix: str
    summary = 'path "{path}" is never reached: {why}'
    label = "this rule gets no requests"
    help = "{fix}"


@code("ING212", name="path-holds-query", severity=WARNING, strict=True)
class PathHasQuery(Entry):
    """A path holds `?` or `#`.

    A rule's path is compared with the path of a request, which ends before its `?`. So the rule
    takes only requests that write the character as `%3F` or `%23`.

    Fix: remove the query; Ingress can't choose by it.
    """

    path: str
    char: str
    escape: str
    summary = 'path "{path}" holds "{char}", which ends a request\'s path'
    label = "matches only requests that write it as {escape}"
    help = "remove everything from the {char} on"


@code("ING213", name="path-looks-like-regex", severity=WARNING)
class PathLooksLikeRegex(Entry):
    """A path is written like a regular expression, but it is compared literally.

    ingress-nginx does the same: regular expressions need the annotation `use-regex`, or a
    `rewrite-target` that is used.

    Fix: write the plain path, or add `use-regex: "true"`, which makes regexes of all paths of the
    host.
    """

    path: str
    summary = 'path "{path}" looks like a regex but is matched literally'
    label = "matches only requests for this very text"
    help = 'write the plain path prefix, or add the annotation use-regex: "true"'


@code("ING214", name="default-not-reached-on-path-miss", severity=NOTE)
class DefaultNotReachedOnPathMiss(Entry):
    """The default backend of an Ingress without rules serves only hosts that nobody names.

    A request for a named host whose path matches no rule of that host gets 404, as in
    ingress-nginx. Kubernetes's page can also be read as sending it to this backend.

    Fix: to serve those requests too, give the host's own Ingress a `defaultBackend`, or pass
    `--default-backend-service`.
    """

    hosts: tuple[str, ...]
    summary = "this default backend does not serve unmatched paths of {hosts}"
    label = "serves only hosts that no rule names"
    help = "add a defaultBackend to the Ingress of the host, or use --default-backend-service"


@code("ING215", name="default-backend-repeated", severity=WARNING)
class DefaultBackendRepeated(Entry):
    """Two Ingresses give the same host a default backend; the first in order decides.

    Order: creationTimestamp, then namespace/name.

    Fix: keep one of the two.
    """

    host: str
    winner: str
    summary = "the default backend for {host} is already given by {winner}"
    label = "not used for this host"
    help = "remove one of the two default backends"


@code("ING216", name="path-ends-with-star", severity=WARNING)
class PathEndsWithStar(Entry):
    """A path ends with `/*`, and a star is a plain character in the paths of an Ingress.

    Ingress controllers of some clouds read it as a wildcard; ingress-nginx does not.

    Fix: write `pathType: Prefix` and the path without its `/*`.
    """

    path: str
    plain: str
    summary = 'path "{path}" takes only requests that hold the * itself'
    label = "* is no wildcard"
    help = "write pathType: Prefix and path: {plain}"


@code("ING217", name="path-forbidden", severity=ERROR)
class PathForbidden(Entry):
    """The ConfigMap sets `strict-validate-path-type`, and a path is not as strict.

    A path of Exact or Prefix may hold letters, digits and `/._-` then. Of ingress-nginx the
    admission webhook refuses such an Ingress as a whole, in hosts of regexes too. Here it is an
    error; with `--on-error isolate` the paths of the Ingress answer 503.

    Fix: write `pathType: ImplementationSpecific`, or another path.
    """

    path: str
    path_type: str
    summary = 'strict-validate-path-type forbids path "{path}" of {path_type}'
    label = "holds other signs than letters, digits and /._-"
    help = "write pathType: ImplementationSpecific, or take the key out of the ConfigMap"


@code("ING230", name="tls-host-without-rule", severity=NOTE)
class TlsHostWithoutRule(Entry):
    """A host in `spec.tls` is not a host of the Ingress's rules, so the entry has no effect on it.

    Fix: add a rule for the host, or remove it from `spec.tls`.
    """

    host: str
    summary = 'tls host "{host}" is no host of this Ingress\'s rules'
    label = "has no effect"
    help = "add a rule for this host, or remove it here"


@code("ING220", name="path-regex-invalid", severity=ERROR)
class PathRegexInvalid(Entry):
    """A path of a host whose paths are regexes is no regex that nginx could take.

    With `use-regex`, or a `rewrite-target` that is not the path itself, every path of the host is
    a regex of the PCRE2 library. With `--on-error isolate` the whole host answers 503: requests
    for the path must not fall to another one.

    Fix: correct the regex; write a literal `(`, `[`, `*`, `+` or `?` with a backslash before it.
    """

    path: str
    why: str
    summary = "path {path} is no regex that nginx can take"
    label = "{why}"
    help = "correct the regex; a backslash takes the meaning from (, [, *, + and ?"


@code("ING221", name="path-regex-slow", severity=WARNING, strict=True)
class PathRegexSlow(Entry):
    """A path regex can take very long for some requests, or much memory.

    Where a repeated part can match the same text in many ways, such as `(a+)+`, the time doubles
    with each character. PCRE2 gives up at a limit and nginx answers 500 then. A back-reference to a
    group of any length, beside another such repeat as in `/(.*)/(.*)/\\1`, compares up to the whole
    path each time that they divide it anew, which no limit counts. A group that is repeated by a
    count of more than 1,000, such as `(a|b){1368}`, takes memory for each round: nginx answers 500
    where `pcre_jit on` leaves it too little.

    Fix: let each part begin with something that the part before can't match; write `+` in place of
    a high count.
    """

    path: str
    takes: str
    part: str
    why: str
    without: str
    summary = "path {path} can take {takes} to match"
    label = "{part} {why}"
    help = "write {part} without {without}"


@code("ING272", name="route-path-among-regexes", severity=ERROR)
class PathAmongRegexes(Entry):
    """An Ingress makes regexes of a host's paths, and among them is one that can't be a regex.

    `use-regex` and `rewrite-target` make regexes of all paths that their namespace has on a host.
    The path of an object of another kind is none, and would take requests that nobody meant for it.

    Fix: give the Ingress or the other object a host of its own.
    """

    kind: str
    path: str
    ingress: str
    summary = "path {path} of the {kind} can't be a regex, which {ingress} makes of all paths here"
    label = "answers 503"
    help = "give {ingress} or the {kind} a host of its own"
