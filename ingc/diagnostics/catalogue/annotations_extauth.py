"""ING46x: annotations that let a service decide about requests."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING460", name="auth-headers-not-found", severity=ERROR)
class AuthHeadersNotFound(Entry):
    """The annotation `auth-proxy-set-headers` names a ConfigMap that can't be used.

    It has to be in the input, and in the Ingress's own namespace, and the names in it may take
    16384 bytes in nginx's tables. Without its headers the auth service might let pass what it
    should refuse, so the paths answer 503.

    Fix: add the ConfigMap to the input, or correct it or its name.
    """

    config_map: str
    why: str
    fix: str = "name a ConfigMap of the Ingress's namespace that is in the input"
    summary = "auth-proxy-set-headers can not take headers from ConfigMap {config_map}"
    label = "{why}"
    help = "{fix}"


@code("ING461", name="auth-header-wrong", severity=ERROR)
class AuthHeaderWrong(Entry):
    """A ConfigMap for `auth-proxy-set-headers` holds a header that can't be set.

    A key is the header's name: letters, digits, - and _; headers that belong to the connection,
    such as Host and Content-Length, can't be set. A value is one line, and may name the variables
    that tell of the request.

    Fix: correct the key or the value.
    """

    header: str
    why: str
    summary = 'the auth service can not get the header "{header}"'
    label = "{why}"
    help = 'write it like X-Auth-Realm: "shop"'


@code("ING462", name="auth-host-not-one", severity=ERROR)
class AuthHostNotOne(Entry):
    """An `auth-url` with $host needs a rule with one certain host.

    $host becomes the host of the rule. A wildcard, or a rule without a host, would let the client
    say which host is asked about it.

    Fix: write the auth service's host, or a rule for each host.
    """

    host: str
    summary = "auth-url can not ask $host: the rule is for {host}"
    label = "would be whatever the client says"
    help = "write the host of the auth service in place of $host"


@code("ING463", name="auth-answers-shared", severity=WARNING, strict=True)
class AuthAnswersShared(Entry):
    """The annotation `auth-cache-key` names nothing that tells one client from another.

    The first answer of the auth service then holds for everybody: one visitor who may pass opens
    the paths for all, until the answer is forgotten.

    Fix: name what the auth service decides by, such as `$http_authorization` or
    `$cookie_session`.
    """

    key: str
    summary = 'auth-cache-key "{key}" is the same for every client'
    label = "one client's answer holds for all"
    help = "name what the auth service decides by, such as $http_authorization"


@code("ING468", name="url-host-not-resolved", severity=WARNING, strict=True)
class UrlHostNotResolved(Entry):
    """The URL of an annotation names a host that nginx would resolve once, when it starts.

    Where it can't, nginx does not start, for any host of any Ingress: nobody who writes an Ingress
    may decide that. With `--resolver` nginx resolves the name while it runs, and only this URL
    fails. A Service of the input (`http://auth.shop.svc.cluster.local`) is reached by its endpoints
    and needs no name. Where the URL decides about requests (`auth-url`), the paths answer 503;
    copies of requests (`mirror-target`) are not sent.

    Fix: pass `--resolver` with the address of the cluster's DNS server, or add the Service to the
    input. `--resolve-at-start NAME` accepts that nginx does not start without the name.
    """

    host: str
    fix: str
    summary = 'nginx would not start where "{host}" can\'t be resolved'
    label = "a name, and no resolver to ask while nginx runs"
    help = "{fix}"


@code("ING467", name="url-host-refused", severity=ERROR)
class UrlHostRefused(Entry):
    """The URL of an annotation names nginx's own machine, its link, or a metadata service.

    nginx would ask it in its own name, so that whoever writes an Ingress could reach what listens
    there. With `--on-error isolate` the paths answer 503.

    Fix: name a Service of the cluster. The operator of nginx may open networks:
    `--allow-address 127.0.0.1/32`, where an auth service stands beside nginx.
    """

    host: str
    why: str
    summary = 'the host "{host}" may not be called: {why}'
    label = "nginx may not call it"
    help = "name a Service of the cluster, or let the operator pass --allow-address NETWORK"


@code("ING469", name="url-service-unusable", severity=WARNING, strict=True)
class UrlServiceUnusable(Entry):
    """The URL of an annotation names a Service of the input that can't be reached.

    Where it decides about requests (`auth-url`), the paths answer 503; copies of requests
    (`mirror-target`) are not sent.

    Fix: write a port that the Service lists, or look at its Pods and EndpointSlices.
    """

    why: str
    fix: str
    summary = "the URL can't be called: {why}"
    label = "names this Service"
    help = "{fix}"
