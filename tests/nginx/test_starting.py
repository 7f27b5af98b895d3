"""Whatever authors write: nginx starts, or the compile says why not, at whose part it is."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.frontend.configmap.logs import CONSTANT, OF_LOGS, OURS
from ingc.nginx import Nginx
from ingc.nginx import test as ask_nginx
from ingc.options import OnError
from ingc.serve.config_test import rehearse
from ingc.syntax.hash_table import key_of
from ingc.syntax.text import ALLOWED, DECODED
from tests.colliding import colliding, colliding_hosts
from tests.nginx.conf import conf, write
from tests.nginx.harness import version_of
from tests.nginx.settings import NAME, config_map
from tests.nginx.streams import stream_module
from tests.objects import Object, annotated, ingress, rule
from tests.objects import prefix as path_of

HOSTS = colliding_hosts(260)
GOOD = ingress(
    "good",
    rule("good.test", path_of("/", "web")),
    namespace="good",
    annotations=annotated(
        auth_url="http://10.0.0.9/", auth_response_headers="X-User", server_alias="also.test"
    ),
)


def evil(name: str, *hosts: str, created: str | None = None, **annotations: str) -> Object:
    rules = [rule(host, path_of("/", "web")) for host in hosts or (f"{name}.test",)]
    given = annotated(**annotations)
    return ingress(name, *rules, namespace="evil", created=created, annotations=given)


def shares(names: list[str], size: int) -> list[str]:
    """Names with commas between, as many as an annotation takes."""
    return [",".join(names[at : at + size]) for at in range(0, len(names), size)]


def many(annotation: str, names: list[str], size: int, **others: str) -> list[Object]:
    return [
        evil(f"e{number}", **{annotation: text}, **others)
        for number, text in enumerate(shares(names, size))
    ]


@dataclass(frozen=True)
class Attack:
    """What one namespace writes, and what becomes of it."""

    objects: list[Object]
    code: str
    place: str
    """The object and the field of the first error."""
    options: dict[str, Any] = field(default_factory=dict)


ATTACKS = {
    "hosts": Attack([evil("e", *HOSTS)], "ING602", "Ingress evil/e spec.rules[0].host"),
    "aliases": Attack(
        many("server_alias", HOSTS, 14),
        "ING602",
        "Ingress evil/e9 metadata.annotations[nginx.ingress.kubernetes.io/server-alias]",
    ),
    "hosts whose TLS is passed on": Attack(
        [evil("e", *HOSTS, ssl_passthrough="true")],
        "ING602",
        "Ingress evil/e spec.rules[0].host",
        {"enable_ssl_passthrough": True},
    ),
    "variables": Attack(
        many(
            "auth_response_headers",
            colliding(1250, 28, "x-"),
            100,
            auth_url="http://10.0.0.9/",
        ),
        "ING602",
        "Ingress evil/e9 spec.rules[0].http.paths[0]",
    ),
    "headers for the auth service": Attack(
        [
            evil("e", auth_url="http://10.0.0.9/", auth_proxy_set_headers="told"),
            config_map("told", dict.fromkeys(colliding(300, 230, "x-"), "v"), "evil"),
        ],
        "ING460",
        "Ingress evil/e metadata.annotations[nginx.ingress.kubernetes.io/auth-proxy-set-headers]",
    ),
    "a cookie that is longer than a word": Attack(
        [
            evil(
                "e",
                affinity="cookie",
                session_cookie_name="c" * 3000,
                session_cookie_path="/" + "p" * 3000,
                session_cookie_max_age="0",
            )
        ],
        "ING603",
        "Ingress evil/e spec.rules[0].http.paths[0]",
    ),
    "a sign-in page that is longer than a word": Attack(
        [
            evil(
                "e",
                auth_url="http://10.0.0.9/",
                auth_signin="https://a.test/" + "s" * 3000,
                auth_signin_redirect_param="r" * 3000,
            )
        ],
        "ING603",
        "Ingress evil/e spec.rules[0].http.paths[0]",
    ),
    "params of FastCGI": Attack(
        [
            evil("e", backend_protocol="FCGI", fastcgi_params_configmap="params"),
            config_map(
                "params",
                {f"HTTP_{name.upper()}": "v" for name in colliding(1250, 46)},
                "evil",
            ),
        ],
        "ING439",
        "Ingress evil/e metadata.annotations[nginx.ingress.kubernetes.io/fastcgi-params-configmap]",
    ),
}


def compiled(
    nginx: Nginx, objects: list[Object], on_error: OnError = "fail", **options: Any
) -> ingc.Result:
    names: dict[str, Any] = {"backends": "dns", "resolve_at_start": ("*",)}
    made = ingc.Options(nginx_version=version_of(nginx), **names, **options)
    return ingc.compile(objects, made, on_error=on_error)


def started(nginx: Nginx, result: ingc.Result) -> list[str]:
    """Return what nginx has against a result, but for warnings."""
    assert result.ok, [finding.message for finding in result.errors]
    assert result.ir is not None
    said = rehearse(nginx, result.ir)
    return [] if said.ok else list(said.messages)


@pytest.mark.parametrize("name", ATTACKS)
def test_what_would_keep_nginx_from_starting_is_its_authors_error(nginx: Nginx, name: str) -> None:
    attack = ATTACKS[name]
    options = dict(attack.options)
    if options:
        options["stream_module"] = stream_module(nginx)
    failed = compiled(nginx, [GOOD, *attack.objects], **options)
    assert failed.config is None
    first = failed.errors[0]
    assert (first.code, f"{first.object} {first.field}") == (attack.code, attack.place)
    left = compiled(nginx, [GOOD, *attack.objects], "isolate", **options)
    assert {finding.object for finding in left.errors} == {f.object for f in failed.errors}
    assert not started(nginx, left)
    assert left.match("good.test", "/").upstream == "good_web_80"
    assert left.match("also.test", "/").upstream == "good_web_80"


def test_only_as_much_is_left_out_as_must_be(nginx: Nginx) -> None:
    kept = evil("old", *HOSTS[:200], created="2024-01-01T00:00:00Z")
    lost = evil("new", *HOSTS[200:], created="2025-01-01T00:00:00Z")
    result = compiled(nginx, [kept, lost], "isolate")
    assert not started(nginx, result)
    assert [finding.object for finding in result.errors] == ["Ingress evil/new"]
    assert result.ir is not None
    assert {host.name for host in result.ir.hosts} == {"", *HOSTS[:200]}


@pytest.mark.parametrize("year", [2020, 2030])
def test_who_has_one_name_keeps_it_whatever_others_make_against_it(nginx: Nginx, year: int) -> None:
    """Names that collide with one that is to come can be made beforehand."""
    victim = ingress(
        "victim",
        rule(HOSTS[0], path_of("/", "web")),
        namespace="good",
        created=f"{year}-01-01T00:00:00Z",
    )
    result = compiled(
        nginx, [victim, evil("e", *HOSTS[1:], created="2025-01-01T00:00:00Z")], "isolate"
    )
    assert not started(nginx, result)
    assert [finding.object for finding in result.errors] == ["Ingress evil/e"]
    assert result.match(HOSTS[0], "/").upstream == "good_web_80"


def sharing(count: int, place: int, buckets: int) -> Iterator[str]:
    """Yield names of hosts that share a bucket of so many, with hashes that differ."""
    rest = HOSTS[0][8:]
    tail, shift = key_of(rest), pow(31, len(rest), 1 << 64)
    numbers = (f"n{number:07}" for number in itertools.count())
    same = (n for n in numbers if ((key_of(n) * shift + tail) % (1 << 64)) % buckets == place)
    return (f"{number}{rest}" for number in itertools.islice(same, count))


def test_names_that_share_a_bucket_by_its_number_alone_get_more_buckets(nginx: Nginx) -> None:
    # Sixteen of one hash overflow a bucket of 4096 bytes, so nginx takes the most buckets.
    place = key_of(HOSTS[0]) % 1024
    hosts = [*HOSTS[:16], *sharing(245, place, 1024)]
    result = compiled(nginx, [GOOD, evil("e", *hosts)])
    assert "server_names_hash_max_size 2048;" in (result.config or "")
    assert not started(nginx, result)
    assert result.ir is not None
    assert len(result.ir.hosts) == len(hosts) + 2


LONG = "x" * 47
OPERATORS: dict[str, tuple[dict[str, str], str]] = {
    "a text twice, in another case": ({"block-user-agents": "curl,Curl,~x,~X"}, ""),
    "a long text": ({"block-referers": f"a/{LONG}.,b"}, ""),
    "long targets that are not logged": ({"skip-access-log-urls": f"/{LONG}?a=1,/b"}, ""),
    "a long MIME type": ({"use-gzip": "true", "gzip-types": f"text/css a/{LONG}"}, "ING483"),
    "a long header to hide": ({"hide-headers": f"X, {LONG}"}, "ING484"),
    "large buckets": ({"variables-hash-bucket-size": "65536"}, "ING483"),
    "a long header to set": ({"proxy-set-headers": "ingress-nginx/long"}, "ING489"),
    "a long header to add": ({"add-headers": "ingress-nginx/long"}, "ING489"),
    "headers of one hash": ({"proxy-set-headers": "ingress-nginx/many"}, "ING484"),
}
MAPS = [
    config_map("long", {LONG: "v"}),
    config_map("many", dict.fromkeys(colliding(1250, 46), "v")),
]


@pytest.mark.parametrize("name", OPERATORS)
def test_what_the_operator_writes_does_not_keep_nginx_from_starting(
    nginx: Nginx, name: str
) -> None:
    keys, code = OPERATORS[name]
    objects = [GOOD, *MAPS, config_map("settings", keys)]
    asked = [
        ingress(p.lower(), rule(f"{p.lower()}.test", path_of("/", "web")), annotations=spoken)
        for p in ("GRPC", "FCGI")
        for spoken in (annotated(backend_protocol=p),)
    ]
    result = compiled(nginx, [*objects, *asked], "isolate", configmap=NAME)
    found = {d.code for d in result.diagnostics if d.code.startswith("ING48")}
    assert found == ({code} if code else set())
    assert not started(nginx, result)


def test_every_variable_that_may_be_named_is_nginxs(nginx: Nginx, prefix: Path) -> None:
    named = " ".join(f"${name}" for name in sorted(ALLOWED | DECODED))
    text = conf(f'log_format x "{named} $arg_x $cookie_x $http_x";\n')
    said = ask_nginx(nginx, prefix, write(prefix, text))
    assert said.ok, said.messages


def test_every_variable_of_a_log_is_there(nginx: Nginx) -> None:
    named = " ".join(
        f"${name}" for name in sorted(ALLOWED | DECODED | OF_LOGS | OURS.keys() | CONSTANT.keys())
    )
    keys = {"log-format-upstream": named}
    result = compiled(nginx, [GOOD, config_map("settings", keys)], configmap=NAME)
    assert not started(nginx, result)


def test_an_address_is_listened_on_once(nginx: Nginx) -> None:
    addresses = ("[::1]", "[0::1]", "127.0.0.1", "127.0.0.1")
    result = compiled(nginx, [GOOD], listen_address=addresses)
    assert (result.config or "").count("default_server;") == 2


def test_connections_for_too_many_ports_are_the_operators_error(nginx: Nginx) -> None:
    ports = {str(port): "good/web:80" for port in range(9001, 9071)}
    objects = [
        GOOD,
        config_map("settings", {"max-worker-connections": "64"}),
        config_map("ports", ports),
    ]
    options = {
        "configmap": NAME,
        "tcp_services_configmap": "ingress-nginx/ports",
        "stream_module": stream_module(nginx),
    }
    failed = compiled(nginx, objects, **options)
    (error,) = failed.errors
    assert (error.code, error.object, error.field) == (
        "ING603",
        "ConfigMap ingress-nginx/settings",
        "data.max-worker-connections",
    )
    left = compiled(nginx, objects, "isolate", **options)
    assert not started(nginx, left)
    assert left.match("good.test", "/").status == 503
