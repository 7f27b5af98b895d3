"""``ingc explain --conf`` and ``ingc diff`` with the nginx.conf that ingress-nginx writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from ingc.serve.selfsigned import self_signed
from tests.cli.conftest import write
from tests.cli.run import inside
from tests.objects import path, rule
from tests.shop import ingress, service

EXAMPLES = Path(__file__).parents[2] / "examples"
CONTROLLER = """\
events {}
http {
  lua_package_path "/etc/nginx/lua/?.lua;;";
  lua_shared_dict configuration_data 20M;
  init_by_lua_block { collectgarbage("collect") }
  upstream upstream_balancer { server 0.0.0.1; balancer_by_lua_block { balancer.balance() } }
  server {
    listen 80; server_name a.test;
    location / {
      set $namespace "shop"; set $ingress_name "web"; set $service_name "web";
      set $service_port "80"; set $location_path "/"; set $proxy_upstream_name "shop-web-80";
      rewrite_by_lua_block { lua_ingress.rewrite({ ssl_redirect = true }) }
      proxy_pass http://upstream_balancer;
    }
  }
}
"""
OBJECTS = [
    ingress("shop/web", rule("a.test", path("/", "web"))),
    service("web", clusterIP="10.96.0.1"),
    service("cart", clusterIP="10.96.0.2"),
]


@pytest.fixture(autouse=True)
def files(folder: Path) -> None:
    """A controller's file, and the manifests that it has."""
    (folder / "old.conf").write_text(CONTROLLER, encoding="utf-8")
    write(folder, "manifests.yaml", OBJECTS)


def test_what_is_passed_over_is_noted(folder: Path) -> None:
    done = inside("explain", "http://a.test/x", "--conf", "old.conf", cwd=folder)
    assert done.code == 0
    assert "the backend answers: shop-web-80 = shop/web:80" in done.out
    assert "route     shop/web: prefix /  (old.conf:9)" in done.out
    assert "unless    308 to https://a.test/x: Lua redirects" in done.out
    noted, known = done.err.splitlines()
    assert noted == (
        "note: old.conf: passed over from line 3 on, as they choose no location: lua_package_path, "
        "lua_shared_dict, init_by_lua_block, balancer_by_lua_block, rewrite_by_lua_block"
    )
    assert known.startswith("note: old.conf is ingress-nginx's own: Lua chooses endpoints")


def test_json_has_what_lua_may_do(folder: Path) -> None:
    done = inside(
        "explain", "http://a.test/x", "--conf", "old.conf", "--format", "json", cwd=folder
    )
    found = json.loads(done.out)
    assert found["route"]["ingress"] == "shop/web"
    assert found["route"]["field"] is None
    assert [item["redirect"] for item in found["unless"]] == ["https://a.test/x"]


def test_manifests_beside_it_settle_what_lua_decides(folder: Path) -> None:
    done = inside("explain", "http://a.test/x", "manifests.yaml", "--conf", "old.conf", cwd=folder)
    assert done.code == 0
    assert "unless" not in done.out
    write(folder, "broken.yaml", [*OBJECTS, {"kind": "Ingress"}])
    done = inside("explain", "http://a.test/x", "broken.yaml", "--conf", "old.conf", cwd=folder)
    assert done.code == 0
    assert "note: INPUT has errors, which ingc check prints" in done.err
    done = inside("explain", "http://a.test/x", "none.yaml", "--conf", "old.conf", cwd=folder)
    assert done.code != 0
    assert "none.yaml: no such file" in done.err


def test_a_migration(folder: Path) -> None:
    conf = (EXAMPLES / "controller.conf").read_text("utf-8").replace("checkout-", "payment-")
    (folder / "old.conf").write_text(conf.replace('"checkout"', '"payment"'), "utf-8")
    shutil.copy(EXAMPLES / "moving.yaml", folder)
    certificate, key = self_signed(["ingress.local"])
    (folder / "cert.pem").write_bytes(certificate)
    (folder / "key.pem").write_bytes(key)
    arguments = ("moving.yaml", "--default-ssl-certificate", "cert.pem,key.pem")
    done = inside("diff", "old.conf", *arguments, cwd=folder)
    assert (done.code, done.out) == (0, "the routing is the same\n")
    shutil.copy(EXAMPLES / "controller.conf", folder / "old.conf")
    done = inside("diff", "old.conf", *arguments, cwd=folder)
    assert done.code == 4
    assert "  > moved   Prefix /checkout  web/checkout:8443 → web/payment:8443\n" in done.out
    assert "      was    web/shop  old.conf:135\n" in done.out
    assert "      now    web/shop spec.rules[0].http.paths[0]  moving.yaml:13\n" in done.out
    assert "      shown by GET http://shop.example.com/checkout and " in done.out
    assert done.out.endswith("\n1 moved\n")
    assert inside("diff", "old.conf", "old.conf", cwd=folder).out == "the routing is the same\n"


def test_a_file_that_is_none(folder: Path) -> None:
    (folder / "old.conf").write_text(CONTROLLER.replace('collect")', "collect')"), "utf-8")
    for arguments in (
        ("diff", "old.conf", "manifests.yaml"),
        ("explain", "http://a.test/", "--conf", "old.conf"),
    ):
        done = inside(*arguments, cwd=folder)
        assert done.code not in (0, 4)
        assert "the Lua of init_by_lua_block does not end in old.conf:5" in done.err
        assert done.out == ""
