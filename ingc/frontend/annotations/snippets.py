"""Raw nginx directives: refused, with the annotations that do the same."""

from __future__ import annotations

from ingc.frontend.declarations.declare import Family, Risk, Support, Unsupported

_WHY = "raw nginx directives are not taken from an Ingress"
_INSTEAD = (
    "use annotations: headers by custom-headers or upstream-vhost, redirects by permanent-redirect "
    "or rewrite-target, allow and deny by allowlist-source-range and denylist-source-range, "
    "time-outs by proxy-read-timeout and its kind"
)


def _snippet(name: str, instead: str = _INSTEAD) -> Unsupported:
    return Unsupported(
        name,
        _WHY,
        Support.REFUSED,
        instead,
        protects=True,
        snippet=instead is _INSTEAD,
        risk=Risk.CRITICAL,
    )


FAMILY = Family(
    "Snippets",
    (
        _snippet("configuration-snippet"),
        _snippet("server-snippet"),
        _snippet("auth-snippet", "use auth-proxy-set-headers for headers to the auth service"),
        _snippet("stream-snippet", "configure nginx's stream block beside the compiled file"),
    ),
)
