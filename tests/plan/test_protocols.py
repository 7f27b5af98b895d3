"""What features say of proxying, in the words of nginx's modules for gRPC and FastCGI."""

from __future__ import annotations

import re
from typing import Any

import pytest

import ingc
from ingc.ir.features.card import Argument
from ingc.plan.language import Language, spoken
from ingc.plan.layout import Directive, directive, plain
from ingc.target import specification
from tests.objects import Object, backend, path, rule
from tests.shop import ingress, service


def said(language: Language, *given: Directive) -> list[str]:
    lines = []
    for item in spoken(given, language):
        spec = specification(item.name, "location")
        assert spec is not None, item.name
        assert spec.at_least <= len(item.args) <= spec.at_most
        lines.append(" ".join((item.name, *map(plain, item.args))))
    return lines


BOTH = [
    ("proxy_connect_timeout", ("5s",)),
    ("proxy_send_timeout", ("5s",)),
    ("proxy_read_timeout", ("5s",)),
    ("proxy_buffer_size", ("8k",)),
    ("proxy_next_upstream", ("error", "timeout")),
    ("proxy_next_upstream_tries", (3,)),
    ("proxy_next_upstream_timeout", (0,)),
    ("proxy_intercept_errors", ("on",)),
    ("proxy_hide_header", ("Server",)),
]
FASTCGI_ALONE = [
    ("proxy_buffering", ("on",)),
    ("proxy_buffers", (4, "8k")),
    ("proxy_busy_buffers_size", ("8k",)),
    ("proxy_max_temp_file_size", ("1m",)),
    ("proxy_request_buffering", ("off",)),
]
NEITHER = [
    ("proxy_http_version", ("1.0",)),
    ("proxy_redirect", ("off",)),
    ("proxy_cookie_path", ("/", "/a")),
]


@pytest.mark.parametrize(("name", "args"), [*BOTH, *FASTCGI_ALONE, *NEITHER])
def test_what_each_module_has(name: str, args: tuple[Argument, ...]) -> None:
    rest = " ".join([name.removeprefix("proxy_"), *map(str, args)])
    grpc, fastcgi = said("grpc", directive(name, *args)), said("fastcgi", directive(name, *args))
    assert grpc == ([f"grpc_{rest}"] if (name, args) in BOTH else [])
    assert fastcgi == ([] if (name, args) in NEITHER else [f"fastcgi_{rest}"])


@pytest.mark.parametrize("language", ["proxy", "grpc", "fastcgi"])
def test_what_is_not_of_proxying_stays(language: Language) -> None:
    given = directive("client_body_buffer_size", "8k")
    assert said(language, given) == ["client_body_buffer_size 8k"]


def test_statuses_that_fastcgi_does_not_know() -> None:
    retried = directive("proxy_next_upstream", "error", "http_502", "http_503")
    assert said("fastcgi", retried) == ["fastcgi_next_upstream error http_503"]
    alone = directive("proxy_next_upstream", "http_504")
    assert said("fastcgi", alone) == ["fastcgi_next_upstream off"]
    assert said("grpc", alone) == ["grpc_next_upstream http_504"]


def test_headers_of_the_connection_are_told_to_nobody() -> None:
    given = [directive("proxy_set_header", name, "x") for name in ("Connection", "upgrade")]
    assert said("grpc", *given) == []
    assert said("fastcgi", *given) == []


def test_one_param_brings_all_of_them_and_the_pass_stays_last() -> None:
    lines = said(
        "fastcgi",
        directive("fastcgi_param", "SERVER_SOFTWARE", "mine"),
        directive("proxy_set_header", "X-Real-IP", "1.2.3.4"),
        directive("fastcgi_pass", "up"),
    )
    assert lines[-1] == "fastcgi_pass up"
    assert "fastcgi_param SERVER_SOFTWARE mine" in lines
    assert "fastcgi_param SERVER_SOFTWARE nginx" not in lines
    assert "fastcgi_param HTTP_X_REAL_IP 1.2.3.4" in lines
    assert "fastcgi_param REQUEST_METHOD $request_method" in lines
    names = [line.split()[1] for line in lines[:-1]]
    assert len(names) == len(set(names))


def config_of(protocol: str, **options: Any) -> str:
    asked = ingress("web", rule("a.test", path("/", backend("web", 80))))
    asked["metadata"]["annotations"] = {"nginx.ingress.kubernetes.io/backend-protocol": protocol}
    objects: list[Object] = [asked]
    given: dict[str, Any] = {"backends": "dns", "resolver": ("10.0.0.53",), **options}
    result = ingc.compile(objects, ingc.Options(**given))
    assert result.config is not None, result.errors
    return result.config


@pytest.mark.parametrize("version", ["1.22", "1.25.1", "1.27.3", "1.29.6", "1.29.7", "1.31"])
@pytest.mark.parametrize("fragment", [False, True])
def test_the_forms_of_each_version(version: str, fragment: bool) -> None:
    old = version == "1.22"
    grpc = config_of("GRPC", nginx_version=version, fragment=fragment)
    assert ("http2 on;" in grpc) is not old
    assert grpc.count("grpc_connect_timeout 5s;") == 1
    assert "fastcgi" not in grpc.replace("fastcgi_temp_path fastcgi_temp;", "")
    secure = config_of("HTTPS", nginx_version=version, fragment=fragment)
    assert ("proxy_ssl_protocols TLSv1.2 TLSv1.3;" in secure) is old
    either = config_of("AUTO_HTTP", nginx_version=version, fragment=fragment)
    assert "keepalive 64;" not in either
    assert ("keepalive 0;" in either) is (version in ("1.29.7", "1.31"))


def test_a_fragment_says_only_what_its_servers_use() -> None:
    config = config_of("GRPC", fragment=True)
    assert "proxy_set_header" not in config
    assert "grpc_hide_header" not in config
    assert "grpc_set_header X-Real-IP $remote_addr;" in config


@pytest.mark.parametrize("version", ["1.26", "1.31"])
@pytest.mark.parametrize("protocol", ["AUTO_HTTP", "FCGI"])
def test_sessions_keep_no_connection_where_none_may_be_kept(protocol: str, version: str) -> None:
    prefix = "nginx.ingress.kubernetes.io/"
    asked = {f"{prefix}backend-protocol": protocol, f"{prefix}affinity": "cookie"}
    web = ingress("web", rule("a.test", path("/", "web")), annotations=asked)
    config = ingc.compile([web, service("web")], ingc.Options(nginx_version=version)).config
    assert config is not None
    block = re.search(r"upstream \S+[.]sticky_\S+ \{[^}]*\}", config)
    assert block is not None
    assert re.findall(r"keepalive\w* \w+", block[0]) == (
        [] if version == "1.26" else ["keepalive 0"]
    )
