"""Brotli, headers-more and geoip2 on real nginx with their modules."""

from __future__ import annotations

from pathlib import Path

from ingc.nginx import Nginx
from tests.cli.run import ingc
from tests.nginx.backend import Backend
from tests.nginx.databases import database_of
from tests.nginx.harness import serving
from tests.nginx.modules import module_file, with_module
from tests.nginx.settings import backed, config_map
from tests.objects import ingress, prefix, rule

WEB = ingress("web", rule("a.test", prefix("/", "web")))
GIVEN = {"configmap": "ingress-nginx/settings"}


def test_brotli_compresses_what_its_keys_say(nginx: Nginx) -> None:
    body = "x" * 2000
    keys = {"enable-brotli": "true", "brotli-min-length": "1000", "brotli-types": "text/plain"}
    module = with_module(nginx, "brotli")
    with Backend(body) as backend, backed(nginx, backend, keys, with_module=module) as site:
        answer = site.ask("a.test", "/", b"Accept-Encoding: br")
        assert answer.header("Content-Encoding") == "br"
        assert len(answer.body) < 100
        assert site.ask("a.test", "/").header("Content-Encoding") is None
    with Backend("short") as backend, backed(nginx, backend, keys, with_module=module) as site:
        answer = site.ask("a.test", "/", b"Accept-Encoding: br")
        assert answer.header("Content-Encoding") is None


def test_headers_more_removes_server_from_all_answers(nginx: Nginx) -> None:
    module = with_module(nginx, "headers-more")
    with serving(nginx, [WEB], with_module=module) as site:
        for host in ("a.test", "unknown.test"):
            assert site.ask(host, "/").header("Server") is None
    with serving(nginx, [WEB]) as site:
        assert site.ask("a.test", "/").header("Server") == "nginx"
    tokens = config_map("settings", {"server-tokens": "true"})
    with serving(nginx, [WEB, tokens], with_module=module, **GIVEN) as site:
        assert (site.ask("a.test", "/").header("Server") or "").startswith("nginx/")


def test_the_backends_server_header_goes_too_as_in_ingress_nginx(nginx: Nginx) -> None:
    keys = {"allow-backend-server-header": "true"}
    module = with_module(nginx, "headers-more")
    with Backend("x") as backend, backed(nginx, backend, keys, with_module=module) as site:
        assert site.ask("a.test", "/").header("Server") is None


def test_a_log_names_where_a_client_is(nginx: Nginx, tmp_path: Path) -> None:
    country = tmp_path / "GeoLite2-Country.mmdb"
    country.write_bytes(database_of("GeoLite2-Country", {"country": {"iso_code": "ZZ"}}))
    number = tmp_path / "GeoLite2-ASN.mmdb"
    number.write_bytes(database_of("GeoLite2-ASN", {"autonomous_system_number": 64500}))
    keys = {
        "use-geoip2": "true",
        "geoip2-autoreload-in-minutes": "5",
        "log-format-upstream": "at=$geoip2_country_code as=$geoip2_asn name=$geoip2_country_name",
    }
    with serving(
        nginx,
        [WEB, config_map("settings", keys)],
        with_module=with_module(nginx, "geoip2"),
        geoip2_database=(str(country), str(number)),
        **GIVEN,
    ) as site:
        assert site.ask("a.test", "/").status == 200
        assert site.log(1) == [b"at=ZZ as=64500 name=-"]


def test_what_nothing_needs_is_not_loaded(nginx: Nginx) -> None:
    """A file that is not there would keep nginx from starting."""
    absent = tuple(f"{name}=/nowhere/{name}.so" for name in ("brotli", "modsecurity", "geoip2"))
    with serving(nginx, [WEB], with_module=absent) as site:
        assert site.who("a.test", "/") == "web"


def test_the_commands_try_it_with_real_nginx(nginx: Nginx, tmp_path: Path) -> None:
    """check --nginx-test does without files of the operator's that are not here."""
    module = module_file(nginx, "modsecurity")
    given = tmp_path / "web.yaml"
    given.write_text(_INGRESS)
    options = [
        f"--with-module=modsecurity={module}",
        "--modsecurity-rules=/nowhere/rules.conf",
        f"--nginx={nginx.path}",
        "--nginx-version=auto",
    ]
    ended = ingc("check", str(given), "--nginx-test", *options)
    assert ended.code == 0, ended.err
    assert "/nowhere/rules.conf" in ended.err


_INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: web
  annotations:
    nginx.ingress.kubernetes.io/enable-modsecurity: "true"
spec:
  ingressClassName: nginx
  rules:
    - host: a.test
      http:
        paths:
          - {path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}
"""
