"""``ingc test --live``: the same tests, sent to a real nginx."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import write
from tests.cli.run import ROOT, inside
from tests.cli.test_serve import Serving, serving, wait_for
from tests.nginx.backend import Backend
from tests.objects import annotated, endpoint_slice, ingress, prefix, rule, service

pytestmark = pytest.mark.usefixtures("real_nginx")

EXAMPLES = ("shop.yaml", "annotated.yaml")

MORE = """\
let storefront = web/storefront:80

host shop.example.com
  /               -> $storefront and 200 and ingress web/shop
  /%2e%2e/x       -> 400
  /a//b/../c%20d  -> $storefront as /a//b/../c%20d
  "/é"            -> $storefront
  POST /cart      -> web/cart:8080 and upstream header X-Forwarded-Proto: http
  / with header X-Own: "a, b" and cookie user=ann
    -> upstream header X-Own: "a, b"
    and upstream header Cookie: user=ann
    and not upstream header X-Other
    and header Content-Type: application/json
  /cart           -> not same as /
  /other          -> same as /

host https://secure.example.com
  / -> $storefront
    and header Strict-Transport-Security

host api.example.com
  /v1/items?page=1 -> web/api:8080 as /items?page=1
  /V1/items with header X-Beta: always -> any of web/api:8080 or web/api-next:8080

https://nobody.example.com/ -> refused
"""


def ready(server: Serving) -> None:
    wait_for(lambda: server.get("shop.example.com")[1], "the first answer")


def test_tests_hold_on_a_running_server(tmp_path: Path) -> None:
    for name in EXAMPLES:
        shutil.copy(ROOT / "examples" / name, tmp_path)
    recorded = inside("test", "--record", *EXAMPLES, cwd=tmp_path)
    (tmp_path / "recorded.ingc").write_text(recorded.out, encoding="utf-8")
    (tmp_path / "more.ingc").write_text(MORE, encoding="utf-8")
    with serving(tmp_path, "--echo", *EXAMPLES) as server:
        ready(server)
        live = (
            "--live",
            f"http://127.0.0.1:{server.port}",
            "--live",
            f"https://127.0.0.1:{server.https_port}",
        )
        for tests in ("recorded.ingc", "more.ingc"):
            done = inside("test", tests, *live, cwd=tmp_path)
            assert done.code == 0, done.out
        done = inside("test", "recorded.ingc", *EXAMPLES, *live, cwd=tmp_path)
        assert "8 of 8 rules hit" in done.out

        wrong = "http://shop.example.com/cart -> web/storefront:80\n"
        (tmp_path / "wrong.ingc").write_text(wrong, encoding="utf-8")
        done = inside("test", "wrong.ingc", *EXAMPLES, *live[:2], cwd=tmp_path)
        assert done.code == 4
        assert "got       web/cart:8080\n" in done.out
        assert "taken by  web/shop spec.rules[0].http.paths[1] (Prefix /cart)" in done.out


def test_what_can_not_be_sent_is_not_run(tmp_path: Path) -> None:
    shutil.copy(ROOT / "examples" / "shop.yaml", tmp_path)
    text = (
        "host shop.example.com\n/ -> web/storefront\n/ with https -> 200\n"
        "/ with client 10.0.0.1 -> 200\n"
    )
    (tmp_path / "t.ingc").write_text(text, encoding="utf-8")
    with serving(tmp_path, "--echo", "shop.yaml") as server:
        ready(server)
        url = f"http://127.0.0.1:{server.port}"
        done = inside("test", "t.ingc", "--live", url, "--format", "json", cwd=tmp_path)
    assert done.code == 0
    told = json.loads(done.out)
    assert [item["skipped"] for item in told["tests"]] == [
        None,
        "no server for https is given",
        "the address of the client can't be chosen",
    ]
    done = inside("test", "t.ingc", "--live", url, cwd=tmp_path)
    assert done.code == 4
    assert "got       no answer\n     because   Connection refused\n" in done.out


NAMED = """\
host a.test
  /      -> default/web:80 and 200 and ingress default/web
  /api/x -> default/api and not default/web
  /gone  -> 503 and ingress default/web
  /old   -> 301 https://a.test/new and ingress default/moved
  /other -> same as /
  /none  -> not ingress default/moved
http://b.test/x -> 404
"""


def manifests(folder: Path, one: Backend) -> None:
    web = rule("a.test", prefix("/", "web"), prefix("/api", "api"), prefix("/gone", "gone"))
    moved = annotated(permanent_redirect="https://a.test/new")
    objects = [
        ingress("web", web),
        ingress("moved", rule("a.test", prefix("/old", "web")), annotations=moved),
        service("gone", 81),
    ]
    for name in ("web", "api"):
        objects += [service(name, 80), endpoint_slice(name, one.address, port=one.port)]
    write(folder, "in.yaml", objects)


def test_a_server_with_the_debug_header_names_the_rule(tmp_path: Path) -> None:
    fake = "X-Ingc-Route: default/fake/spec.rules[0]/http.paths[0]\r\n"
    with Backend("one", headers=fake) as one:
        manifests(tmp_path, one)
        (tmp_path / "t.ingc").write_text(NAMED, encoding="utf-8")
        options = ("--debug-header", "127.0.0.1", "--allow-address", "127.0.0.1")
        with serving(tmp_path, *options, "in.yaml") as server:
            wait_for(lambda: server.get("a.test")[0] == 200, "the first answer")
            live = ("--live", f"http://127.0.0.1:{server.port}")
            done = inside("test", "t.ingc", "in.yaml", *options[2:], *live, cwd=tmp_path)
            assert done.code == 0, done.out
            assert "4 of 4 rules hit" in done.out
            done = inside("test", "t.ingc", *live, cwd=tmp_path)
            assert done.code == 4
            assert "the answer does not tell its backend; INPUT beside --live may" in done.out
            wrong = "http://a.test/api/x -> default/web\n"
            (tmp_path / "wrong.ingc").write_text(wrong, encoding="utf-8")
            done = inside("test", "wrong.ingc", "in.yaml", *options[2:], *live, cwd=tmp_path)
            assert done.code == 4
            assert "got       default/api:80\n" in done.out
            assert "taken by  default/web spec.rules[0].http.paths[1] (Prefix /api)" in done.out
