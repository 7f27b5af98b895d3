"""ING46x: annotations that let a service decide about requests."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING460", name="auth-headers-not-found", severity=ERROR)
class AuthHeadersNotFound(Entry):
    """The annotation `auth-proxy-set-headers` names a ConfigMap that can't be used.

    It has to be in the input, and in the Ingress's own namespace. Without its headers the auth
    service might let pass what it should refuse, so the paths answer 503.

    Fix: add the ConfigMap to the input, or correct the name.
    """

    config_map: str
    why: str
    summary = "auth-proxy-set-headers can not take headers from ConfigMap {config_map}"
    label = "{why}"
    help = "name a ConfigMap of the Ingress's namespace that is in the input"


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
    summary = 'the auth service can not be told the header "{header}"'
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
