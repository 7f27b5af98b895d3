"""``ingc explain``: one URL, many, logs, any nginx.conf, and what is wrong usage."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from ingc.explain.json_form import schema
from tests.cli.conftest import write
from tests.cli.run import Done, ingc, inside
from tests.objects import path, rule
from tests.shop import ingress

SCHEMA = jsonschema.Draft202012Validator(schema())
KEYS = [
    "request",
    "normalized",
    "server",
    "route",
    "upstream",
    "upstream_uri",
    "status",
    "redirect",
    "unless",
    "candidates",
    "reach",
]
CONF = """\
events { }
http {
    upstream blue { server 10.0.0.1:80; }
    server {
        listen 80;
        server_name c.test;
        location / { proxy_pass http://blue; }
        location /files/ { root /srv; }
        location /try { try_files $uri @app; }
    }
}
"""


@pytest.fixture(autouse=True)
def conf(folder: Path) -> None:
    (folder / "any.conf").write_text(CONF, encoding="utf-8")


def explain(folder: Path, *arguments: str, stdin: str = "") -> Done:
    return ingc("explain", *arguments, cwd=folder, stdin=stdin)


def test_one_url(folder: Path) -> None:
    done = inside("explain", "http://a.test/exact?x", "web.yaml", cwd=folder)
    assert (done.code, done.err) == (0, "")
    assert "\x1b" not in done.out
    for words in ("shop_web_80 = shop/web:80", "equals the path", "Exact wins", "web.yaml:"):
        assert words in done.out
    assert "GET /exact?x HTTP/1.1" in done.out
    assert "10.96.0.1:80" in done.out


def test_json_has_the_promised_keys(folder: Path) -> None:
    done = inside("explain", "http://a.test/exact", "web.yaml", "--format", "json", cwd=folder)
    answer = json.loads(done.out)
    SCHEMA.validate(answer)
    assert list(answer) == KEYS
    route = answer["route"]
    assert list(route)[:7] == ["ingress", "field", "path", "path_type", "service", "port", "source"]
    assert (route["ingress"], route["service"], route["port"]) == ("shop/web", "shop/web", 80)
    assert answer["upstream"] == "shop_web_80"
    assert answer["status"] is None
    assert answer["redirect"] is None
    assert [item["wins"] for item in answer["candidates"]] == [True, False]


def test_no_route_is_fine(folder: Path) -> None:
    done = inside("explain", "http://no.test/", "web.yaml", "--format", "json", cwd=folder)
    assert done.code == 0
    answer = json.loads(done.out)
    assert answer["route"] is None
    assert answer["status"] == 404


def test_errors_elsewhere_are_told_and_the_rest_is_explained(folder: Path) -> None:
    done = inside("explain", "http://a.test/", "web.yaml", "bad.yaml", cwd=folder)
    assert done.code == 1
    assert "shop_web_80" in done.out
    assert "ING201" in done.err


def test_many_at_once(folder: Path) -> None:
    asked = "http://a.test/exact\n\nPOST https://a.test/x\r\nhttp://b.test/\n"
    done = explain(folder, "web.yaml", stdin=asked)
    assert done.code == 0
    first, second, third = done.out.splitlines()
    assert first.startswith("GET http://a.test/exact → shop_web_80 by shop/web")
    assert second.startswith("POST https://a.test/x → TLS is refused")
    assert third.endswith("404: no rule names this host")


def test_many_at_once_as_json(folder: Path) -> None:
    asked = "http://a.test/exact\nDELETE http://a.test/\nftp://x/\nnonsense\n"
    done = explain(folder, "web.yaml", "--format", "json", stdin=asked)
    answers = [json.loads(line) for line in done.out.splitlines()]
    assert done.code == 2
    assert len(answers) == 4
    for answer in answers:
        SCHEMA.validate(answer)
        assert list(answer) == KEYS
    assert answers[1]["request"]["method"] == "DELETE"
    assert "neither http nor https" in answers[2]["request"]["note"]
    assert "not a URL" in answers[3]["request"]["note"]


def test_many_of_nothing(folder: Path) -> None:
    done = explain(folder, "web.yaml")
    assert (done.code, done.out) == (0, "")
    assert done.err == "note: standard input holds no URL\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "give INPUT"),
        (("http://a.test/",), "give INPUT"),
        (("-",), "can't be -"),
        (("--log", "json", "-"), "can't be -"),
        (("http://a.test/", "web.yaml", "--log", "json"), "leave out the URL"),
        (("web.yaml", "--host", "a.test"), "--host goes with --log"),
        (("http://a.test/", "web.yaml", "http://b.test/"), "one URL at a time"),
        (("ftp://a.test/", "web.yaml"), "neither http:// nor https://"),
        (("http://", "web.yaml"), "has no host"),
        (("http://a.test:99999/", "web.yaml"), "a port that is none: 99999"),
        (("http://a.test:0/", "web.yaml"), "a port that is none: 0"),
        (("http://a.test:" + "1" * 5000, "web.yaml"), "a port that is none: 111111"),
        (("http://a.test/", "web.yaml", "--conf", "any.conf"), "takes the place of INPUT"),
        (("http://a.test/", "--conf", "none.conf"), "no such file"),
        (("http://a.test/", "web.yaml", "--client-ip", "me"), "no IP address"),
        (("http://a.test/", "web.yaml", "-X", "get"), "not a method"),
        (("http://a.test/", "web.yaml", "-H", "none"), "Name: value"),
        (("http://a.test/", "none.yaml"), "no such file"),
    ],
)
def test_wrong_usage(folder: Path, arguments: tuple[str, ...], words: str) -> None:
    done = inside("explain", *arguments, cwd=folder)
    assert done.code == 2
    assert done.out == ""
    assert words in done.err


def test_what_nginx_refuses_is_answered(folder: Path) -> None:
    for url, status in (
        ("http://a.test/a b", 400),
        ("http://a.test/\x01", 400),
        ("http://a.test/%zz", 400),
        ("http://a.test/" + "x" * 20_000, 414),
        ("http://a.test/%00", 400),
    ):
        done = inside("explain", url, "web.yaml", "--format", "json", cwd=folder)
        assert done.code == 0
        assert json.loads(done.out)["status"] == status


def test_headers_cookies_client_and_tls_name(folder: Path) -> None:
    lists = ingress(
        "shop/lists",
        rule("l.test", path("/", "web")),
        annotations={"nginx.ingress.kubernetes.io/whitelist-source-range": "10.0.0.0/8"},
    )
    write(folder, "lists.yaml", [lists])
    url = "http://l.test/"
    outside = inside("explain", "--client-ip", "192.0.2.7", url, "lists.yaml", cwd=folder)
    assert "403" in outside.out
    named = inside("explain", "-H", "Host: a.test", url, "web.yaml", cwd=folder)
    assert "shop_web_80" in named.out
    sni = inside("explain", "--sni", "x.test", "https://a.test/", "web.yaml", cwd=folder)
    assert "TLS asks for x.test" in sni.out


def test_any_nginx_conf(folder: Path) -> None:
    done = inside("explain", "http://c.test/x", "--conf", "any.conf", cwd=folder)
    assert done.code == 0
    for words in ("answers: blue", "prefix /  (any.conf:7)", "10.0.0.1:80"):
        assert words in done.out
    files = inside("explain", "http://c.test/files/a", "--conf", "any.conf", cwd=folder)
    assert "any.conf:8" in files.out
    assert "the file /srv/files/a\n" in files.out
    tried = inside("explain", "http://c.test/try", "--conf", "any.conf", cwd=folder)
    assert "try_files with the location @app, which is missing (any.conf:9)" in tried.out


def test_a_conf_that_is_none(folder: Path) -> None:
    (folder / "broken.conf").write_text("http {\n", encoding="utf-8")
    done = inside("explain", "http://c.test/x", "--conf", "broken.conf", cwd=folder)
    assert done.code == 2
    assert "broken.conf:1" in done.err


def test_a_conf_that_serves_nothing(folder: Path) -> None:
    done = inside("explain", "http://c.test/x", "--conf", "web.yaml", cwd=folder)
    assert done.code == 2
    assert "neither an http nor a stream block" in done.err
    (folder / "tls.conf").write_text("http { server { listen 443 ssl; } }", encoding="utf-8")
    done = inside("explain", "http://c.test/x", "--conf", "tls.conf", cwd=folder)
    assert "  answer    no connection\n            nothing listens for http\n" in done.out


def logged(host: str, uri: str, **more: object) -> str:
    return json.dumps({"host": host, "uri": uri, "method": "GET", "scheme": "http", **more})


def test_a_json_log(folder: Path) -> None:
    lines = [
        *[logged("a.test", f"/x?n={number}") for number in range(3)],
        logged("a.test", "/exact"),
        logged("b.test", "/nowhere"),
        logged("", ""),
        "{",
        "[]",
        '{"host": 1, "uri": "/"}',
    ]
    stdin = "\n".join(lines) + "\n"
    done = explain(folder, "web.yaml", "--log", "json", stdin=stdin)
    assert done.code == 0
    assert done.out.startswith("5 requests, 4 taken by 2 rules\n")
    assert "404" in done.out
    assert "b.test/nowhere" in done.out
    assert "4 lines were passed over (line 6:" in done.err
    counts = json.loads(
        explain(folder, "web.yaml", "--log", "json", "--format", "json", stdin=stdin).out
    )
    assert [(row["path"], row["count"]) for row in counts["routes"]] == [("/", 3), ("/exact", 1)]
    assert counts["malformed"] == 4
    assert counts["unmatched"][0]["path"] == "/nowhere"
    assert counts["unused"] == []


COMBINED = '10.0.0.9 - jo e [24/Nov/2026:10:00:00 +0000] "{}" 200 12 "-" "curl \\x22x\\x22"'


def test_a_combined_log(folder: Path) -> None:
    own = COMBINED.format("GET /exact HTTP/1.1") + ' a.test http "shop/web x"'
    plain = COMBINED.format("GET /a\\x22b HTTP/1.1")
    done = explain(folder, "web.yaml", "--log", "combined", stdin=own + "\n")
    assert "1 taken by 1 rule" in done.out
    without = explain(folder, "web.yaml", "--log", "combined", stdin=own + "\n" + plain + "\n")
    assert without.code == 2
    assert "--host" in without.err
    stdin = f"{own}\n{plain}\nrubbish\n"
    named = explain(folder, "web.yaml", "--log", "combined", "--host", "b.test", stdin=stdin)
    assert named.code == 0
    assert 'b.test/a"b' in named.out
    assert "1 line was passed over (line 3: not in the form combined)" in named.err


def test_a_log_for_any_nginx_conf(folder: Path) -> None:
    stdin = logged("c.test", "/x") + "\n" + logged("c.test", "/files/a") + "\n"
    done = explain(folder, "--conf", "any.conf", "--log", "json", stdin=stdin)
    assert done.code == 0
    assert "any.conf:7" in done.out


def test_a_scheme_in_capitals_is_one(folder: Path) -> None:
    done = explain(folder, "HTTP://a.test/", "web.yaml")
    assert done.code == 0
    assert done.out.startswith("GET http://a.test/\n")
