"""Annotations that ingress-nginx itself has dropped, still met in old manifests."""

from __future__ import annotations

from ingc.frontend.declarations.declare import Family, Support, Unsupported

_GONE = "ingress-nginx has removed it"


def _removed(*names: str, instead: str = "", protects: bool = False) -> tuple[Unsupported, ...]:
    return tuple(
        Unsupported(name, _GONE, Support.OBSOLETE, instead, protects=protects) for name in names
    )


FAMILY = Family(
    "Removed from ingress-nginx",
    (
        *_removed("secure-backends", instead='write backend-protocol: "HTTPS"'),
        *_removed("grpc-backend", instead='write backend-protocol: "GRPC"'),
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
            instead="put a firewall before or behind nginx",
            protects=True,
        ),
    ),
)
