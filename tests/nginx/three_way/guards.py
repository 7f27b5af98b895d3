"""What generated Ingresses and ConfigMaps say about clients: who may pass, who they are, and what
they get in place of an answer.
"""

from __future__ import annotations

Annotations = dict[str, str]

ACCESS: tuple[Annotations, ...] = (
    {"whitelist-source-range": "127.0.0.1"},
    {"whitelist-source-range": "10.0.0.0/8, 127.0.0.2/32"},
    {"whitelist-source-range": "127.0.0.3, 127.0.0.1"},
    {"allowlist-source-range": "127.0.0.0/8", "denylist-source-range": "127.0.0.1"},
    {"denylist-source-range": "127.0.0.2"},
    {"whitelist-source-range": "10.0.0.0/33"},
    {"auth-type": "basic", "auth-secret": "users"},
    {"auth-type": "basic", "auth-secret": "nobody"},
    {"auth-type": "basic", "auth-secret": "users", "whitelist-source-range": "127.0.0.2"},
    {
        "auth-type": "basic",
        "auth-secret": "users",
        "whitelist-source-range": "127.0.0.2",
        "satisfy": "any",
    },
)
_CA = {"auth-tls-secret": "{namespace}/ours"}
"""The namespace is that of the Ingress."""
CERTIFICATES: tuple[Annotations, ...] = (
    *(_CA, _CA),
    {**_CA, "auth-tls-verify-client": "optional"},
    {**_CA, "auth-tls-verify-client": "optional_no_ca"},
    {**_CA, "auth-tls-verify-client": "off"},
    {**_CA, "auth-tls-verify-depth": "2", "auth-tls-pass-certificate-to-upstream": "true"},
    {**_CA, "auth-tls-error-page": "https://r.test/help"},
    {**_CA, "auth-tls-error-page": "/foo"},
    {**_CA, "auth-tls-pass-certificate-to-upstream": "true", "ssl-redirect": "false"},
    {**_CA, "auth-tls-match-cn": "CN=anna"},
    {**_CA, "auth-tls-match-cn": "CN=(anna|eve)$", "auth-tls-verify-client": "optional"},
    {**_CA, "auth-tls-match-cn": "CN=anna", "auth-tls-verify-client": "optional_no_ca"},
    {"auth-tls-secret": "{namespace}/nobody"},
)
AUTH_URL = "http://auth.test/check"
GLOBAL_AUTH_URL = "http://auth.test/all"
LOGIN = "https://login.test/start"
_AUTH = {"auth-url": AUTH_URL}
AUTH: tuple[Annotations, ...] = (
    *(_AUTH, _AUTH),
    {**_AUTH, "auth-signin": LOGIN},
    {**_AUTH, "auth-signin": f"{LOGIN}?rd=$scheme://$host$escaped_request_uri&a=b"},
    {**_AUTH, "auth-response-headers": "X-User", "auth-method": "POST"},
    {**_AUTH, "whitelist-source-range": "127.0.0.2", "satisfy": "any"},
    {**_AUTH, "auth-type": "basic", "auth-secret": "users"},
    {**_AUTH, "auth-type": "basic", "auth-secret": "users", "satisfy": "any"},
    {**_AUTH, "auth-signin": LOGIN, "custom-http-errors": "401,403", "default-backend": "errors"},
    *[{"enable-global-auth": "false"}] * 4,
)
_LOW_RATE = {"limit-rpm": "1", "limit-burst-multiplier": "1"}
LIMITS: tuple[Annotations, ...] = (
    {"limit-rps": "1000"},
    {"limit-rpm": "100000", "limit-connections": "1000"},
    _LOW_RATE,
    {**_LOW_RATE, "limit-rps": "1000", "limit-whitelist": "127.0.0.2"},
    {**_LOW_RATE, "whitelist-source-range": "127.0.0.0/30", "auth-url": AUTH_URL},
    {"limit-connections": "1", "limit-allowlist": "127.0.0.2, 10.0.0.0/8"},
    {"limit-connections": "1", "custom-http-errors": "503", "default-backend": "errors"},
)
LOW = {("limit-rpm", "1"), ("limit-connections", "1")}
"""Limits that a run uses up before; see `tests.nginx.three_way.draining`."""
_PAGES = {"default-backend": "errors"}
ERRORS: tuple[Annotations, ...] = (
    {"custom-http-errors": "404,500,503", **_PAGES},
    {"custom-http-errors": "401,403", "whitelist-source-range": "127.0.0.1", **_PAGES},
    {"custom-http-errors": "404,418", "disable-proxy-intercept-errors": "true", **_PAGES},
    {"custom-http-errors": "404", "rewrite-target": "/n?q=$1", **_PAGES},
    {"custom-http-errors": "418"},
    _PAGES,
)

_FORWARDED = {"use-forwarded-headers": "true"}
_PROXY = {"use-proxy-protocol": "true"}
FRONTS: tuple[dict[str, str], ...] = (
    *({}, {}),
    {**_FORWARDED, "proxy-real-ip-cidr": "127.0.0.0/8"},
    {**_FORWARDED, "proxy-real-ip-cidr": "127.0.0.2, 127.0.0.3"},
    {**_FORWARDED, "proxy-real-ip-cidr": "10.0.0.0/8", "compute-full-forwarded-for": "true"},
    {"enable-real-ip": "true", "proxy-real-ip-cidr": "127.0.0.2"},
    _PROXY,
    {**_PROXY, **_FORWARDED, "proxy-real-ip-cidr": "127.0.0.2,10.0.0.0/8"},
)
"""Who is believed about the client."""
GLOBAL_ERRORS: tuple[dict[str, str], ...] = (
    *({}, {}, {}),
    {"custom-http-errors": "404,503"},
    {"custom-http-errors": "401,403,418"},
)
"""They need a default backend."""
GLOBAL_AUTH: tuple[dict[str, str], ...] = (
    *({}, {}, {}),
    {"global-auth-url": GLOBAL_AUTH_URL, "no-auth-locations": "/b,/foo"},
    {
        "global-auth-url": GLOBAL_AUTH_URL,
        "global-auth-signin": LOGIN,
        "global-auth-response-headers": "X-User",
    },
)
