"""Annotations of all families together, on Ingresses that share a host: nginx takes the result.

Each cluster is compiled, written into a folder, and that folder is read by nginx as it is.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.frontend.annotations.declare import Annotation
from ingc.frontend.annotations.registry import FAMILIES, PREFIX
from ingc.nginx import Nginx, free_ports
from ingc.nginx import test as nginx_test
from ingc.output.folder import write_folder
from ingc.target import OLDEST, Version, format_version
from tests.frontend.hostile import surroundings
from tests.objects import Object, path, rule
from tests.resolve.pairs import NOW
from tests.shop import ingress, service
from tests.strategies import deep

QUICK, DEEP = 250, 2500
"""Clusters for each nginx; the second with ``--deep``."""
PARTS = 2
"""Tests that run side by side."""
HOST = "a.test"

VALUES: dict[str, tuple[str, ...]] = {
    "auth-secret": ("users",),
    "auth-secret-type": ("auth-file",),
    "auth-type": ("basic",),
    "fastcgi-params-configmap": ("params",),
    "auth-tls-error-page": ("https://example.com/help", "/error.html", "//ingc/x", "/a?b"),
    "backend-protocol": ("HTTP", "HTTPS", "AUTO_HTTP", "GRPC", "GRPCS", "FCGI"),
    "canary-by-header": ("X-Name", "x_name", "X-" + "a" * 200),
    "canary-by-cookie": ("route", "my-app_session", "c" * 200),
    "custom-headers": ("web-tls",),
    "custom-http-errors": ("404", "400,401,403,404,495,496,500,503,599", "401"),
    "default-backend": ("web",),
    "fastcgi-index": ("index.php",),
    "permanent-redirect-code": ("301", "308"),
    "proxy-buffer-size": ("1", "8k", "1m", "16384"),
    "proxy-busy-buffers-size": ("1", "8k", "1m", "16384"),
    "proxy-redirect-from": ("default", "off", "http://", "/a/", "http://b.test/"),
    "proxy-redirect-to": ("off", "https://", "/", "~"),
    "satisfy": ("any", "all"),
    "server-alias": (
        "www.a.test",
        "b.test, *.c.test",
        "~^b[0-9]+[.]test$",
        "~^.*$",
        "*.test",
        "x" * 63 + ".test",
    ),
    "session-cookie-name": ("route", "my-app_session", "a.b", "c" * 200),
    "ssl-ciphers": ("HIGH:!aNULL", "ECDHE+AESGCM:@SECLEVEL=1", "ALL:@SECLEVEL=5", "NULL"),
    "temporal-redirect-code": ("302", "307"),
    "upstream-vhost": ("$host", "b.test", "${http_x}y"),
    "auth-response-headers": (
        "X-Auth-User",
        "X-Real-IP, x_real_ip, authorization",
        "X-" + "a" * 44,
        "Cookie, Set-Cookie, ssl-client-verify",
    ),
    "auth-url": (
        "http://auth.example.com/check",
        "https://$host/oauth2/auth",
        "http://[2001:db8::1]:8080/a?b=$request_uri",
        "https://10.0.0.9$request_uri",
    ),
    "auth-signin-redirect-param": ("rd", "X-Name"),
    "x-forwarded-prefix": ("/api", "/$1"),
}
"""Values instead of the examples of an annotation's grammar, which are fine in themselves but
refer to what is not there, or come short of what an author may think of."""
LARGEST = ("0", "2147483647", "4398046511103k")
"""Tried where a number or a size is asked for; what is too large is an error, or nothing."""
NUMBERS = frozenset({"number", "size", "buffer size", "seconds", "kilobytes", "limit", "lifetime"})
PATHS = ("/", "/a", "/a/", "/admin", "/.well-known/acme-challenge", "/A", "/(b|c)", "/a.b")
TYPES = ("Prefix", "Exact", "ImplementationSpecific")


SETTINGS: list[Object] = [
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "ingress-nginx"},
        "data": {"global-allowed-response-headers": "X-Name"},
    },
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "params", "namespace": "shop"},
        "data": {"HTTP_X": "a", "SCRIPT_FILENAME": "/x$fastcgi_script_name"},
    },
    {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "users", "namespace": "shop"},
        "stringData": {"auth": "anna:$2y$05$" + "a" * 53},
    },
]


@dataclass(frozen=True, slots=True)
class Cluster:
    """Some Ingresses and what surrounds them."""

    objects: list[Object]

    def __str__(self) -> str:
        found = (item for item in self.objects if item["kind"] == "Ingress")
        return "\n".join(f"{item['metadata']}\n    {item['spec']}" for item in found)


def values_of(declared: Annotation[Any]) -> tuple[str, ...]:
    """Return what to try."""
    found = VALUES.get(declared.name, declared.grammar.examples)
    if declared.grammar.name == "boolean":
        return ("true", "true", "false")
    return (*found * 3, *LARGEST) if declared.grammar.name in NUMBERS else found


def drawn(draw: random.Random) -> dict[str, str]:
    """Return annotations of some families, most of a family's own together."""
    found: dict[str, str] = {}
    for family in draw.sample(list(FAMILIES), draw.choice((1, 2, 4, len(FAMILIES)))):
        kept = draw.choice((0.3, 0.7, 1))
        for declared in family.declarations:
            if isinstance(declared, Annotation) and draw.random() < kept:
                found[f"{PREFIX}/{declared.name}"] = draw.choice(values_of(declared))
    for name in ("canary", "permanent-redirect", "temporal-redirect"):
        # Either leaves little of the rest.
        if draw.random() < 0.7:
            found.pop(f"{PREFIX}/{name}", None)
    return found


def cluster(draw: random.Random) -> Cluster:
    """Return up to three Ingresses of one host, of one namespace or two."""
    objects = [*surroundings(), *SETTINGS, service("web", {"port": 80}, namespace="else")]
    objects += [service("gone", {"port": 80}), service("out", externalName="b.test")]
    objects[-1]["spec"]["type"] = "ExternalName"
    for number in range(draw.choice((1, 2, 2, 3))):
        paths = [
            path(draw.choice(PATHS), draw.choice(("web", "web", "out")), draw.choice(TYPES))
            for _ in range(draw.choice((1, 2, 3)))
        ]
        host = draw.choice((HOST, HOST, HOST, "*.test", "www.a.test", ""))
        tls = [{"hosts": [HOST, "*.test"], "secretName": "web-tls"}]
        made = ingress(
            f"{draw.choice(('shop',) * 5 + ('else',))}/web-{number}",
            rule(host, *paths),
            default=draw.choice(("", "", "web")),
            tls=draw.choice((None, tls)),
            annotations=drawn(draw),
        )
        objects.append(made)
    return Cluster(objects)


def options_for(draw: random.Random, target: Version, nginx: Nginx) -> ingc.Options:
    """Return options that an operator may choose."""
    ports = free_ports(4)
    fragment = draw.random() < 0.1
    passing = draw.random() < 0.3 and "stream" in nginx.modules
    return ingc.Options(
        now=NOW,
        nginx_version=format_version(target),
        http_port=ports[0],
        https_port=ports[1],
        configmap="ingress-nginx/settings",
        # Without one, routes by names answer 503 and show little.
        resolver=draw.choice(((), ("10.0.0.2",), ("10.0.0.2",))),
        fragment=fragment,
        default_ssl_certificate=draw.choice((None, None, "shop/web-tls")),
        enable_ssl_passthrough=passing and not fragment,
        ssl_passthrough_proxy_port=ports[2],
        ssl_passthrough_backend_port=ports[3],
        default_backend_service=draw.choice(("", "shop/web:80")),
        secret_files=True,
        layout=draw.choice(("readable", "compact")),
    )


def written(folder: Path, result: ingc.Result) -> Path:
    """Write a result into a folder, and return what nginx is to read."""
    assert result.config is not None
    write_folder(folder, result.config, result.files)
    conf = folder / "nginx.conf"
    assert result.ir is not None
    if not result.ir.settings.fragment:
        return conf
    around = folder / "around.conf"
    around.write_text(f"pid nginx.pid;\nevents {{ }}\nhttp {{\ninclude {conf};\n}}\n", "utf-8")
    return around


def check(nginx: Nginx, made: Cluster, draw: random.Random, folder: Path) -> None:
    """Compile, write, and let nginx read what was written."""
    # What is made for the oldest nginx has to be taken by all.
    target = draw.choice((OLDEST, nginx.version))
    options = options_for(draw, target, nginx)
    result = ingc.compile(made.objects, options, on_error="isolate")
    own = [found.message for found in result.errors if found.code.startswith("ING9")]
    assert not own, own
    if result.config is None:
        assert result.errors
        return
    test = nginx_test(nginx, folder, written(folder, result))
    assert test.ok, test.messages
    told = [line for line in test.messages if not _is_known(line, options, target, nginx)]
    assert not told, told


def _is_known(line: str, options: ingc.Options, target: Version, nginx: Nginx) -> bool:
    # How much room there is for variables is said by the owner of a fragment's surroundings.
    roomless = options.fragment and "variables_hash" in line
    return roomless or ("deprecated" in line and target < nginx.version)


@pytest.mark.parametrize("part", range(PARTS))
def test_nginx_takes_what_is_written(nginx: Nginx, part: int, tmp_path: Path) -> None:
    count = (DEEP if deep() else QUICK) // PARTS
    # Each version and part sees others.
    first = 100_000 * nginx.version[1] + 10_000 * part
    for seed in range(first, first + count):
        draw = random.Random(seed)  # noqa: S311 - it has to be the same again
        made = cluster(draw)
        try:
            check(nginx, made, draw, tmp_path)
        except Exception as error:
            pytest.fail(f"seed {seed}: {error}\n{made}")
