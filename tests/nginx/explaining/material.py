"""Generated clusters with every feature, and what stands before them.

Each Ingress has a host of its own: what several Ingresses do to one host is the business of
`tests.nginx.three_way`.
"""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.nginx.certificates import secret_for
from tests.nginx.test_client_certs import OURS
from tests.objects import (
    Object,
    annotated,
    config_map,
    endpoint_slice,
    ingress,
    opaque,
    path,
    rule,
    service,
    tls,
)

INGRESSES = 8
CONFIGMAP = "ingress-nginx/settings"
BURST = 5
"""The requests beyond the rate of ``limit-rpm`` that nginx lets pass at once."""
_AUTH = {"auth_url": "http://auth.test/check"}
_PREFIX = "nginx.ingress.kubernetes.io/"
_SIGN_IN = "https://login.test/start"
_LIST = {"allowlist_source_range": "127.0.1.0/24, 198.51.100.0/24"}
_BASIC = {"auth_type": "basic", "auth_secret": "users"}
_CERTIFICATE = {"auth_tls_secret": "default/ours"}
_ERRORS = {"custom_http_errors": "401,403,404,503", "default_backend": "errors"}

WISHES: Mapping[str, tuple[dict[str, str], ...]] = {
    "access": (
        _LIST,
        {"denylist_source_range": "127.0.2.0/24,203.0.113.0/24"},
        {**_LIST, "denylist_source_range": "127.0.1.0/25"},
    ),
    "any": (
        {**_LIST, **_BASIC, "satisfy": "any"},
        {**_LIST, **_AUTH, "satisfy": "any"},
        {**_BASIC, **_AUTH, "satisfy": "any"},
        {**_LIST, **_BASIC, **_AUTH, "satisfy": "any"},
        {"denylist_source_range": "127.0.2.0/24", **_BASIC, "satisfy": "any"},
    ),
    "affinity": ({"affinity": "cookie"}, {"affinity": "cookie", "session_cookie_name": "s"}),
    "backend_tls": (
        {"backend_protocol": "HTTPS", "proxy_ssl_secret": "default/ours"},
        {"backend_protocol": "GRPCS", "proxy_ssl_secret": "default/ours", "proxy_ssl_verify": "on"},
    ),
    "basic_auth": (_BASIC,),
    "client_certs": (
        _CERTIFICATE,
        {**_CERTIFICATE, "auth_tls_verify_client": "optional"},
        {**_CERTIFICATE, "auth_tls_verify_client": "optional_no_ca"},
        {**_CERTIFICATE, "auth_tls_match_cn": "CN=anna"},
        {**_CERTIFICATE, "auth_tls_match_cn": "CN=b", "auth_tls_verify_client": "optional"},
        {**_CERTIFICATE, "auth_tls_error_page": "https://help.test/certificates"},
        {**_CERTIFICATE, "ssl_redirect": "false"},
    ),
    "cors": (
        {"enable_cors": "true"},
        {"enable_cors": "true", "cors_allow_origin": "https://o.test, https://*.p.test"},
    ),
    "errors": (_ERRORS, {"default_backend": "errors"}),
    "external_auth": (
        _AUTH,
        {**_AUTH, "auth_signin": _SIGN_IN},
        {**_AUTH, "auth_signin": f"{_SIGN_IN}?a=b", "auth_signin_redirect_param": "back"},
        {**_AUTH, "auth_signin": f"{_SIGN_IN}?rd=https://$host$escaped_request_uri"},
        {**_BASIC, **_AUTH, "auth_signin": _SIGN_IN, "auth_method": "POST"},
        {**_AUTH, "auth_keepalive": "4"},
    ),
    "headers": (
        {"custom_headers": "default/headers"},
        {"x_forwarded_prefix": "/p"},
        {"upstream_vhost": "in.test"},
        {"connection_proxy_header": "close"},
    ),
    "limits": (
        {"limit_rpm": "1", "limit_burst_multiplier": str(BURST)},
        {"limit_rpm": "1", "limit_burst_multiplier": str(BURST), "limit_allowlist": "127.0.1.0/24"},
        {"limit_connections": "50"},
    ),
    "load_balance": (
        {"upstream_hash_by": "$request_uri"},
        {"load_balance": "ewma"},
        {"service_upstream": "true"},
    ),
    "mirror": ({"mirror_target": "http://copies.test$request_uri"},),
    "protocols": (
        {"backend_protocol": "GRPC"},
        {"backend_protocol": "FCGI", "fastcgi_index": "index.php"},
        {"backend_protocol": "AUTO_HTTP"},
    ),
    "redirects": (
        {"permanent_redirect": "https://r.test/?a=b"},
        {"temporal_redirect": "/later"},
        {"permanent_redirect": "/new", "relative_redirects": "true"},
        {"app_root": "/app"},
        {"ssl_redirect": "false"},
        {"force_ssl_redirect": "true"},
        {"force_ssl_redirect": "true", "preserve_trailing_slash": "true"},
    ),
    "rewrite": (
        {"rewrite_target": "/x/$2", "use_regex": "true"},
        {"rewrite_target": "https://r.test/$2", "use_regex": "true"},
        {"rewrite_target": "/new?q=$1", "use_regex": "true"},
        {"use_regex": "true"},
    ),
    "snippets": (
        {"configuration_snippet": "if ($http_x_old) { return 403; }"},
        {"configuration_snippet": "if ($arg_old) { return 301 https://r.test$request_uri; }"},
        {"configuration_snippet": "add_header X-Answer $request_method always;"},
        {"configuration_snippet": "error_page 404 /missing; proxy_intercept_errors on;"},
        {"server_snippet": "if ($request_method = PUT) { return 405; }"},
    ),
    "tuning": (
        {"proxy_body_size": "8k"},
        {"proxy_read_timeout": "7", "ssl_ciphers": "HIGH:!aNULL"},
    ),
    "aliases": (
        {"from_to_www_redirect": "true"},
        {"server_alias": "alias-?.test"},
        {"server_alias": "*.sub-?.test"},
        {"server_alias": r"~^re-?[0-9]\.test$"},
    ),
}
"""Annotations by what they are about; ``?`` is the number of the Ingress."""
_CANARIES = (
    {"canary_by_header": "X-Canary"},
    {"canary_by_header": "X-Canary", "canary_by_header_value": "v1"},
    {"canary_by_header": "X-Canary", "canary_by_header_pattern": "^v[0-9]"},
    {"canary_by_cookie": "canary"},
    {"canary_weight": "30"},
    {"canary_by_header": "X-Canary", "canary_by_cookie": "canary", "canary_weight": "50"},
)
_PEERS = {"proxy-real-ip-cidr": "127.0.1.0/24,127.0.0.1/32,10.0.0.0/8"}
FRONTS: tuple[dict[str, str], ...] = (
    {},
    {},
    {"use-forwarded-headers": "true"},
    {"use-forwarded-headers": "true", **_PEERS},
    {"use-forwarded-headers": "true", **_PEERS, "compute-full-forwarded-for": "true"},
    {"enable-real-ip": "true", "forwarded-for-header": "X-Client", **_PEERS},
    {"use-proxy-protocol": "true"},
    {"use-proxy-protocol": "true", **_PEERS},
    {"use-proxy-protocol": "true", "use-forwarded-headers": "true"},
)
"""Keys of a ConfigMap: what is believed of a balancer."""
_MORE: tuple[dict[str, str], ...] = (
    {},
    {},
    {"enable-underscores-in-headers": "true"},
    {"ignore-invalid-headers": "false"},
    {"large-client-header-buffers": "2 2k"},
    {"block-cidrs": "127.0.2.0/28,203.0.113.0/25"},
    {"block-user-agents": "~*bot, curl/8.0", "block-referers": "~*spam[.]"},
    {"limit-req-status-code": "429"},
    {"ssl-redirect": "false"},
    {"force-ssl-redirect": "true"},
)
SHAPES = ("/api(/|$)(.*)", "/(one|two)/(.*)")
_PATHS = (("/", "Prefix"), ("/api", "Prefix"), ("/one", "Exact"), ("/app", "Prefix"))


@dataclass(frozen=True, slots=True)
class Ground:
    """A cluster, and the settings that stand before it."""

    objects: tuple[Object, ...]
    settings: dict[str, str]
    default_certificate: bool
    default_backend: bool

    @property
    def ingresses(self) -> tuple[Object, ...]:
        """Its Ingresses, without canaries."""
        return tuple(
            item
            for item in self.objects
            if item["kind"] == "Ingress"
            and f"{_PREFIX}canary" not in item["metadata"]["annotations"]
        )

    def __str__(self) -> str:
        found = (item for item in self.objects if item["kind"] == "Ingress")
        lines = (f"{item['metadata']}\n    {item['spec']}" for item in found)
        return "\n".join((str(self.settings), *lines))


def ground(chance: random.Random) -> Ground:
    """Draw a cluster."""
    settings = {**chance.choice(FRONTS), **chance.choice(_MORE)}
    settings["global-allowed-response-headers"] = "X-Own"
    objects = [*_surroundings(), config_map("settings", settings, "ingress-nginx")]
    for number in range(INGRESSES):
        objects += _ingress(number, chance)
    return Ground(tuple(objects), settings, chance.random() < 0.3, chance.random() < 0.5)


def _ingress(number: int, chance: random.Random) -> Iterator[Object]:
    names = chance.sample(sorted(WISHES), chance.choice((1, 2, 2, 3, 4)))
    wished: dict[str, str] = {}
    for name in names:
        wished |= chance.choice(WISHES[name])
    wished = {key: value.replace("?", str(number), 1) if "alias" in key else value
              for key, value in wished.items()}  # fmt: skip
    host = f"*.w{number}.test" if chance.random() < 0.15 else f"h{number}.test"
    regex = "use_regex" in wished
    paths = [(shape, "ImplementationSpecific") for shape in SHAPES] if regex else list(_PATHS)
    chosen = paths[: chance.randint(1, len(paths))]
    secured = "client_certs" in names or chance.random() < 0.6
    made = [path(text, f"s{number}-{place}", kind) for place, (text, kind) in enumerate(chosen)]
    yield ingress(
        f"i{number}",
        rule(host, *made),
        tls=[tls(host, by="cert")] if secured else (),
        annotations=annotated(**wished),
    )
    for place in range(len(chosen)):
        yield from _service(f"s{number}-{place}", empty="errors" in names and place == 1)
    if chance.random() < 0.3:
        canary = annotated(canary="true", **chance.choice(_CANARIES))
        text, kind = chosen[0]
        yield ingress(f"c{number}", rule(host, path(text, f"c{number}", kind)), annotations=canary)
        yield from _service(f"c{number}")


def _service(name: str, *, empty: bool = False) -> Iterator[Object]:
    yield service(name, 80, clusterIP="10.96.0.7")
    if empty:
        yield {**endpoint_slice(name, "10.0.0.9", port=80), "endpoints": []}


def _surroundings() -> Iterator[Object]:
    yield secret_for("cert", "*.test")
    yield opaque("ours", ca_crt=OURS.pem)
    yield {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "users", "namespace": "default"},
        "data": {"auth": b64encode(b"joe:{PLAIN}secret").decode()},
    }
    yield config_map("headers", {"X-Own": "1"}, "default")
    for name in ("errors", "fallback"):
        yield from _service(name)
