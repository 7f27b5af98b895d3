"""External authentication for every Ingress."""

from __future__ import annotations

from typing import Any

from ingc.frontend.configmap.declare import Key, KeyGroup
from ingc.frontend.configmap.grammars import PATHS
from ingc.frontend.configmap.snippets import GLOBAL_AUTH
from ingc.frontend.declarations.grammar import Grammar
from ingc.frontend.declarations.grammars import BOOL, HEADER, HEADERS, TEMPLATE, one_of


def _auth(name: str, grammar: Grammar[Any], doc: str, default: str = "") -> Key[Any]:
    """A key that sets the same as an annotation, for all Ingresses without one."""
    annotation = name.removeprefix("global-")
    return Key(
        name,
        doc,
        grammar,
        default=default,
        annotation=annotation,
        under_own_name=True,
        reads_as=annotation,
        rejects=True,
    )


AUTH = KeyGroup(
    "External authentication",
    (
        _auth("global-auth-url", TEMPLATE, "The service that decides about every request."),
        _auth(
            "global-auth-method",
            one_of("GET", "HEAD", "POST"),
            "The method of the subrequest to it.",
        ),
        _auth("global-auth-signin", TEMPLATE, "Where those go who are not signed in."),
        _auth(
            "global-auth-signin-redirect-param",
            HEADER,
            "The parameter that tells it where they wanted to go.",
            "rd",
        ),
        _auth("global-auth-response-headers", HEADERS, "Its headers that the backend gets."),
        _auth("global-auth-request-redirect", TEMPLATE, "X-Auth-Request-Redirect for the service."),
        GLOBAL_AUTH,
        _auth("global-auth-cache-key", TEMPLATE, "Under which its answers are remembered."),
        _auth("global-auth-cache-duration", TEMPLATE, "For how long."),
        _auth(
            "global-auth-always-set-cookie",
            BOOL,
            "Pass its cookies on with errors too.",
            "false",
        ),
        Key(
            "no-auth-locations",
            "Paths that begin so need no authentication.",
            PATHS,
            default="/.well-known/acme-challenge",
            annotation="auth-url",
            under_own_name=True,
            rejects=True,
        ),
    ),
)
