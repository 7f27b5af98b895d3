"""Annotations that are known and never acted on: removed ones."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingc.frontend.annotations.declare import (
    Annotation,
    Declaration,
    Family,
    UnsupportedAnnotation,
)
from ingc.frontend.annotations.snippet_advice import by_what_it_does, without_effect
from ingc.frontend.declarations.declare import Support

_FIREWALL = "put a firewall before or behind nginx"

_GONE = "ingress-nginx has removed it"


def _removed(
    *names: str, instead: str = "", protects: bool = False
) -> tuple[UnsupportedAnnotation, ...]:
    return tuple(
        UnsupportedAnnotation(name, _GONE, Support.OBSOLETE, instead, protects=protects)
        for name in names
    )


REMOVED = Family(
    "Removed from ingress-nginx",
    (
        *_removed("secure-backends", instead='write backend-protocol: "HTTPS" for "true"'),
        *_removed("grpc-backend", instead='write backend-protocol: "GRPC" for "true"'),
        *_removed("add-base-url", "base-url-scheme", instead="let the application know its base"),
        *_removed("session-cookie-hash", instead="remove it; affinity works without"),
        *_removed("upstream-max-fails", "upstream-fail-timeout"),
        *_removed("secure-verify-ca-secret", instead="use proxy-ssl-secret and proxy-ssl-verify"),
        *_removed("enable-opentracing", "opentracing-trust-incoming-span"),
        *_removed(
            "enable-influxdb",
            "influxdb-measurement",
            "influxdb-port",
            "influxdb-host",
            "influxdb-server-name",
        ),
        *_removed(
            "global-rate-limit",
            "global-rate-limit-window",
            "global-rate-limit-key",
            "global-rate-limit-ignored-cidrs",
            instead="use limit-rps, which counts for each nginx",
            protects=True,
        ),
        *_removed(
            "lua-resty-waf",
            "lua-resty-waf-debug",
            "lua-resty-waf-ignore-rulesets",
            "lua-resty-waf-extra-rules",
            "lua-resty-waf-allow-unknown-content-types",
            "lua-resty-waf-score-threshold",
            "lua-resty-waf-process-multipart-body",
            instead=_FIREWALL,
            protects=True,
        ),
    ),
)
"""Still met in old manifests."""

FAMILIES: tuple[Family, ...] = (REMOVED,)

_DIRECTIVE = re.compile(r"(?:\A|[;{}\n])\s*([a-z][a-z0-9_]*)(?=[\s;{])")
_OTHERWISE = {
    "add_header": "custom-headers",
    "more_set_headers": "custom-headers",
    "more_clear_headers": "the ConfigMap key hide-headers",
    "proxy_hide_header": "the ConfigMap key hide-headers",
    "more_set_input_headers": "the ConfigMap key proxy-set-headers",
    "proxy_set_header": "upstream-vhost for Host, else the ConfigMap key proxy-set-headers",
    "allow": "allowlist-source-range",
    "deny": "denylist-source-range",
    "rewrite": "rewrite-target",
    "return": "permanent-redirect or temporal-redirect",
    "limit_req": "limit-rps or limit-rpm",
    "gzip": "the ConfigMap key use-gzip",
}
"""Directives that no declaration names, or that several do, with the best of them."""


def advise(snippet: str, declarations: Iterable[Declaration]) -> str:
    """Return what does the same as a snippet, as a whole or by directive; "" for nothing."""
    declarations = tuple(declarations)
    advice, rest = by_what_it_does(snippet)
    idle = dict(without_effect(rest, declarations))
    known: dict[str, str] = {}
    for declared in declarations:
        if isinstance(declared, Annotation):
            for directive in {declared.sets, declared.see} - {""}:
                known.setdefault(directive, declared.name)
    found = {**known, **_OTHERWISE}
    for name in dict.fromkeys(_DIRECTIVE.findall(rest)):
        if name in idle:
            advice.append(idle[name])
        elif name in found:
            advice.append(f"for {name} use {found[name]}")
    return "; ".join(advice)
