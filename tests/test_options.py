"""Options: what is accepted, what is refused, and in which words."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest

import ingc
from ingc.option_values import BadOptionValue, read_assumed_port, read_size, read_value
from ingc.options import check_options
from tests.objects import path, rule
from tests.shop import ingress

GOOD: list[dict[str, Any]] = [
    {},
    {"watch_namespace": "", "configmap": "", "default_ssl_certificate": "", "tls_files": ""},
    {"namespace": "a-0"},
    {"watch_namespace": "shop"},
    {"watch_namespace_selector": "env in (prod, test),tier!=a,!old,example.com/team"},
    {"enable_topology_aware_routing": True, "topology_zone": "eu-west-1a"},
    {"backends": "endpoints"},
    {"access_log": "combined"},
    {"layout": "compact"},
    {"layout": "shared-servers,prefix-regexes"},
    {"cluster_domain": "k8s.example.org"},
    {"cluster_domain": "local"},
    {"resolver": ("10.0.0.10",)},
    {"resolver": ("10.0.0.10:5353", "[fd00::a]", "[fd00::a]:53", "kube-dns.kube-system.svc")},
    {"resolve_at_start": ("*", "out.example.com", "Out.example.com.", "db"), "partial": True},
    {"resolve_at_start": ("out.example.com",), "resolver": ("10.0.0.10",)},
    {"default_backend_service": "a/b"},
    {"default_backend_service": "a/b:80"},
    {"default_backend_service": "a/b:http"},
    {"nginx_version": "1.22"},
    {"nginx_version": "1.31.3"},
    {"listen_address": ("127.0.0.1", "[::]", "[2001:db8::1]")},
    {"http_port": 1, "https_port": 65535},
    {"redirect_port": None},
    {"redirect_port": 8443},
    {"default_ssl_certificate": "a/b"},
    {"default_ssl_certificate": "/etc/c.pem,/etc/k.pem"},
    {"tls_files": "/tls/{namespace}/{secret}"},
    {"tls_files": "{secret}.{namespace}"},
    {"debug_header": ("127.0.0.1", "10.0.0.0/8,2001:db8::/32, ::1", "0.0.0.0/0")},
    {"health_check_path": ""},
    {"health_check_path": "/up"},
    {"assume_port": {"http": 80}},
    {"tcp_services_configmap": "a/b", "udp_services_configmap": "a/b"},
    {"enable_ssl_passthrough": True, "ssl_passthrough_proxy_port": 8442},
    {"ssl_passthrough_proxy_port": 443},
    {"stream_module": "modules/ngx_stream_module.so"},
    {"with_module": ("brotli", "geoip2=/m/ngx_http_geoip2_module.so")},
    {"with_module": ("modsecurity",), "modsecurity_rules": "/r.conf", "owasp_rules": "/o.conf"},
    {"with_module": ("geoip2",), "geoip2_database": ("/g/GeoIP2-City.mmdb", "/g/GeoIP2-ISP.mmdb")},
    {"with_module": ("brotli",), "fragment": True},
]

BAD: list[tuple[dict[str, Any], str]] = [
    ({"tcp_services_configmap": "tcp"}, "--tcp-services-configmap"),
    ({"tcp_services_configmap": "a/b", "fragment": True}, "--tcp-services-configmap"),
    ({"udp_services_configmap": "a/b", "fragment": True}, "--udp-services-configmap"),
    ({"enable_ssl_passthrough": True, "fragment": True}, "--enable-ssl-passthrough"),
    ({"enable_ssl_passthrough": True, "https_port": 442}, "--enable-ssl-passthrough"),
    ({"ssl_passthrough_proxy_port": 0}, "--ssl-passthrough-proxy-port"),
    ({"ssl_passthrough_backend_port": 65536}, "--ssl-passthrough-backend-port"),
    ({"stream_module": "/etc/passwd"}, "--stream-module"),
    ({"with_module": ("lua",)}, "--with-module"),
    ({"with_module": ("",)}, "--with-module"),
    ({"with_module": ("sub=/m/ngx_http_sub_module.so",)}, "--with-module"),
    ({"with_module": ("brotli=/etc/passwd",)}, "--with-module"),
    ({"with_module": ("brotli=a.so;\nuser root;.so",)}, "--with-module"),
    ({"with_module": ("brotli", "brotli=/a.so")}, "--with-module"),
    ({"with_module": ("brotli=/a.so",), "fragment": True}, "--with-module"),
    ({"modsecurity_rules": "/r.conf"}, "--modsecurity-rules"),
    ({"with_module": ("modsecurity",), "owasp_rules": "r.conf"}, "--owasp-rules"),
    ({"with_module": ("modsecurity",), "modsecurity_rules": "/r\n.conf"}, "--modsecurity-rules"),
    ({"geoip2_database": ("/g/GeoIP2-City.mmdb",)}, "--geoip2-database"),
    ({"with_module": ("geoip2",), "geoip2_database": ("/g/own.mmdb",)}, "--geoip2-database"),
    (
        {
            "with_module": ("geoip2",),
            "geoip2_database": ("/g/GeoIP2-City.mmdb", "/g/GeoLite2-City.mmdb"),
        },
        "--geoip2-database",
    ),
    ({"stream_module": "a.so; user root;\n.so"}, "--stream-module"),
    ({"backends": ""}, "--backends"),
    ({"access_log": ""}, "--access-log"),
    ({"namespace": ""}, "--namespace"),
    ({"nginx_version": ""}, "--nginx-version"),
    ({"resolver": ("",)}, "--resolver"),
    ({"http_port": 8080, "https_port": 8080}, "--https-port"),
    ({"namespace": "A"}, "--namespace"),
    ({"namespace": "a.b"}, "--namespace"),
    ({"namespace": "a" * 64}, "--namespace"),
    ({"watch_namespace": "a,b"}, "--watch-namespace"),
    *(
        ({"watch_namespace_selector": text}, "--watch-namespace-selector")
        for text in ("a,", "a b", "a in x", "a in ()", "a=b=c", "a=(x)", "-a", "a/b/c", "!a=b", " ")
    ),
    ({"watch_namespace_selector": "a" * 64}, "--watch-namespace-selector"),
    ({"watch_namespace_selector": "a=" + "b" * 64}, "--watch-namespace-selector"),
    ({"watch_namespace_selector": "a" * 64 + ".b" * 100 + "/c"}, "--watch-namespace-selector"),
    ({"enable_topology_aware_routing": True, "topology_zone": "a b"}, "--topology-zone"),
    ({"configmap": "settings"}, "--configmap"),
    ({"configmap": "a/b/c"}, "--configmap"),
    ({"configmap": "A/b"}, "--configmap"),
    ({"backends": "magic"}, "--backends"),
    ({"access_log": "xml"}, "--access-log"),
    ({"layout": "small"}, "--layout"),
    ({"layout": ""}, "--layout"),
    ({"layout": "prefix-regexes,small"}, "--layout"),
    ({"cluster_domain": "local."}, "--cluster-domain"),
    ({"cluster_domain": "a b"}, "--cluster-domain"),
    ({"resolver": ("10.0.0.256",)}, "--resolver"),
    ({"resolver": ("10.0.0.1", "fd00::a")}, "--resolver"),
    ({"resolver": ("10.0.0.1; return",)}, "--resolver"),
    ({"resolver": ("10.0.0.1 valid=5s",)}, "--resolver"),
    *(
        ({"resolve_at_start": (text,)}, "--resolve-at-start")
        for text in ("", ".", "a b", "*.example.com", "a_b", "a..b", "a.test:80", "$host", "**")
    ),
    ({"default_backend_service": "b"}, "--default-backend-service"),
    ({"default_backend_service": "a/b/c"}, "--default-backend-service"),
    ({"default_backend_service": "a/b:"}, "--default-backend-service"),
    ({"default_backend_service": "a/b:0"}, "--default-backend-service"),
    ({"default_backend_service": "a/b:65536"}, "--default-backend-service"),
    ({"default_backend_service": "a/b:" + "9" * 5000}, "--default-backend-service"),
    ({"default_backend_service": "A/b"}, "--default-backend-service"),
    ({"nginx_version": "1.21"}, "--nginx-version"),
    ({"nginx_version": "2.0"}, "--nginx-version"),
    ({"nginx_version": "1.26.3.1"}, "--nginx-version"),
    ({"nginx_version": "auto"}, "--nginx-version"),
    ({"listen_address": ("localhost",)}, "--listen-address"),
    ({"listen_address": ("::1",)}, "--listen-address"),
    ({"listen_address": ("127.0.0.1:80",)}, "--listen-address"),
    ({"listen_address": ("127.0.0.1", "[::g]")}, "--listen-address"),
    ({"listen_address": ("127.0.0.01",)}, "--listen-address"),
    ({"http_port": 0}, "--http-port"),
    ({"http_port": 65536}, "--http-port"),
    ({"https_port": -1}, "--https-port"),
    ({"redirect_port": 70000}, "--redirect-port"),
    ({"default_ssl_certificate": "b"}, "--default-ssl-certificate"),
    ({"default_ssl_certificate": "cert.pem,"}, "--default-ssl-certificate"),
    ({"default_ssl_certificate": ",key.pem"}, "--default-ssl-certificate"),
    ({"tls_files": "/tls"}, "--tls-files"),
    ({"tls_files": "/tls/{secret}"}, "--tls-files"),
    ({"auth_files": "/auth/{secret}"}, "--auth-files"),
    *(
        ({"debug_header": (text,)}, "--debug-header")
        for text in (
            *("", "localhost", "10.0.0.256", "10.0.0.0/33", "10.0.0", "10.0.0.1,", "127.0.0.01"),
            *("10.0.0.1 10.0.0.2", "10.0.0.1;", "10.0.0.0/8/8", "fe80::1%eth0", "default", "all"),
        )
    ),
    ({"health_check_path": "up"}, "--health-check-path"),
    ({"health_check_path": "/a b"}, "--health-check-path"),
    ({"health_check_path": "/a\n"}, "--health-check-path"),
]


@pytest.mark.parametrize("options", GOOD, ids=str)
def test_good_values(options: dict[str, Any]) -> None:
    check_options(ingc.Options(**options))
    ingc.compile([], ingc.Options(**options))


@pytest.mark.parametrize(("options", "named"), BAD, ids=str)
def test_bad_values_are_refused_by_name(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ingc.OptionError) as refused:
        ingc.compile([], ingc.Options(**options))
    assert str(refused.value).startswith(f"{named}: ")
    assert isinstance(refused.value, ValueError)


@pytest.mark.parametrize(
    "options",
    [
        {"watch_namespace": "a", "watch_namespace_selector": "b"},
        {"enable_topology_aware_routing": True},
        {"topology_zone": "eu-west-1a"},
    ],
    ids=str,
)
def test_options_that_are_wrong_together(options: dict[str, Any]) -> None:
    with pytest.raises(ingc.OptionError) as refused:
        ingc.compile([], ingc.Options(**options))
    assert all("--" + name.replace("_", "-") in str(refused.value) for name in options)


@pytest.mark.parametrize(
    "name",
    [
        "watch_namespace",
        "configmap",
        "default_ssl_certificate",
        "default_backend_service",
        "tls_files",
        "auth_files",
    ],
)
def test_an_empty_value_is_the_same_as_none(name: str) -> None:
    empty: dict[str, Any] = {name: ""}
    asked = [ingress("shop/web", rule("a.test", path("/", "web")))]
    assert ingc.compile(asked, ingc.Options(**empty)) == ingc.compile(asked)


def test_options_do_not_change() -> None:
    options, name = ingc.Options(), "http_port"
    with pytest.raises(FrozenInstanceError):
        setattr(options, name, 8080)


def test_the_defaults_are_those_of_the_design() -> None:
    options = ingc.Options()
    assert options.namespace == "default"
    assert options.controller_class == "k8s.io/ingress-nginx"
    assert options.annotations_prefix == "nginx.ingress.kubernetes.io"
    assert options.backends == "auto"
    assert options.nginx_version == "1.26"
    assert (options.http_port, options.https_port) == (80, 443)
    assert options.access_log == "json"
    assert options.health_check_path == "/healthz"
    assert options.cluster_domain == "cluster.local"


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("0", 0),
        ("500", 500),
        ("500000", 500_000),
        ("64KiB", 64 << 10),
        ("64Ki", 64 << 10),
        ("64K", 64_000),
        ("64kB", 64_000),
        ("1MiB", 1 << 20),
        ("10MB", 10_000_000),
        ("1GiB", 1 << 30),
        ("2G", 2 * 10**9),
    ],
)
def test_sizes(text: str, size: int) -> None:
    assert read_size(text) == size


@pytest.mark.parametrize("text", ["", "-1", "1.5G", "1TiB", "G", "1 G", "1Gib extra", "0x10"])
def test_sizes_that_are_none(text: str) -> None:
    with pytest.raises(BadOptionValue):
        read_size(text)


@pytest.mark.parametrize(
    ("text", "pair"),
    [("http=80", ("http", 80)), ("a-b=65535", ("a-b", 65535)), ("a/b.c:d=1", ("a/b.c:d", 1))],
)
def test_assumed_ports(text: str, pair: tuple[str, int]) -> None:
    assert read_assumed_port(text) == pair


@pytest.mark.parametrize(
    "text",
    [
        "http",
        "http=",
        "=80",
        "http=0",
        "http=65536",
        "http=eighty",
        "HTTP=80",
        "a=1=2",
        "a/b=1",
        "a:b=1",
        "/b:c=1",
    ],
)
def test_assumed_ports_that_are_none(text: str) -> None:
    with pytest.raises(BadOptionValue):
        read_assumed_port(text)


def test_the_parts_of_a_value() -> None:
    assert read_value("service", "a/b:http") == ("a", "b", "http")
    assert read_value("service", "a/b") == ("a", "b")
    assert read_value("object", "a/b.c") == ("a", "b.c")
    assert read_value("resolver", "[fd00::a]:53") == ("fd00::a", "53")
