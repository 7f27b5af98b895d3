"""The access log in its three forms, written by real nginx for friendly and hostile requests."""

from __future__ import annotations

import json

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import serving
from tests.objects import annotated, endpoint_slice, exact, ingress, prefix, rule, service

RULES = ingress("web", rule("a.test", prefix("/web", "web"), exact("/exact", "exact")))
FIELDS = {
    *("time", "remote_addr", "scheme", "host", "method", "uri", "protocol", "status"),
    *("bytes_sent", "request_length", "request_time", "route"),
    *("upstream", "upstream_status", "upstream_time", "request_id", "referer", "user_agent"),
}


def test_json_names_the_route(nginx: Nginx) -> None:
    with serving(nginx, [RULES]) as site:
        site.ask("A.test:80", "/web//x?y", b"X-Request-ID: one", b"User-Agent: me", b"Referer: r")
        site.ask("a.test", "/exact")
        site.ask("a.test", "/none")
        site.ask("other.test", "/healthz")
        site.ask("other.test", "/")
        # Each worker writes its own lines, so their order is not that of the requests.
        entries = {entry["uri"]: entry for entry in site.log_entries(4)}
    first, second, third, fourth = (entries[uri] for uri in ("/web//x?y", "/exact", "/none", "/"))
    assert set(first) == FIELDS
    assert first["route"] == "default/web spec.rules[0].http.paths[0]"
    assert (first["host"], first["method"], first["status"]) == ("a.test", "GET", "200")
    assert (first["uri"], first["protocol"], first["scheme"]) == ("/web//x?y", "HTTP/1.1", "http")
    assert (first["request_id"], first["user_agent"], first["referer"]) == ("one", "me", "r")
    assert (first["remote_addr"], first["upstream_status"]) == ("127.0.0.1", "200")
    assert float(first["request_time"]) >= 0
    assert second["route"] == "default/web spec.rules[0].http.paths[1]"
    assert (third["route"], third["status"], third["upstream"]) == ("-", "404", "")
    assert (fourth["host"], fourth["status"]) == ("other.test", "404"), (
        "health checks are not logged"
    )


def test_json_names_the_route_that_has_no_endpoint(nginx: Nginx) -> None:
    objects = [RULES, service("web", 80), endpoint_slice("web", port=1), service("exact", 80)]
    with serving(nginx, [*objects, endpoint_slice("exact", port=1)], echo=False) as site:
        site.ask("a.test", "/web/")
        (entry,) = site.log_entries(1)
    assert entry["status"] == "503"
    assert entry["route"] == "default/web spec.rules[0].http.paths[0]"


def test_json_names_default_backends(nginx: Nginx) -> None:
    objects = [ingress("web", rule("a.test"), default="mine"), ingress("all", default="all")]
    with serving(nginx, objects) as site:
        site.ask("a.test", "/")
        site.ask("b.test", "/")
        entries = site.log_entries(2)
    assert {entry["host"]: entry["route"] for entry in entries} == {
        "a.test": "default/web spec.defaultBackend",
        "b.test": "default/all spec.defaultBackend",
    }


@pytest.mark.parametrize(
    "hostile",
    [
        b'"',
        b"\\",
        b'","route":"mine',
        b"\\u0022",
        b"\x01\x1b[31m\x7f",
        b"\xc3\xa9",
        b"\xff\xfe\x80",
        b"${host} $status",
        b"\t",
        b"}{",
        b"</script>",
        b"\xe2\x80\xa8",
    ],
)
def test_json_stays_json(nginx: Nginx, hostile: bytes) -> None:
    """Bytes that are no UTF-8 stand there as they were sent, so the lines are read as Latin-1."""
    in_target = b"".join(b"%%%02X" % b if b <= 0x20 or b == 0x7F else bytes([b]) for b in hostile)
    with serving(nginx, [RULES]) as site:
        agent = b"User-Agent: x" + hostile + b"x"
        response = site.ask("a.test", b"/web/" + in_target, agent, b"Referer: x" + hostile + b"x")
        assert response.status == 200
        (line,) = site.log(1)
    entry = json.loads(line.decode("latin-1"))
    assert set(entry) == FIELDS
    assert entry["user_agent"] == entry["referer"] == f"x{hostile.decode('latin-1')}x"
    assert entry["uri"] == "/web/" + in_target.decode("latin-1")
    assert entry["route"] == "default/web spec.rules[0].http.paths[0]"


def test_json_of_what_nginx_could_not_read(nginx: Nginx) -> None:
    from tests.nginx.wire import fetch

    with serving(nginx, [RULES]) as site:
        assert fetch(site.http, b'G"T /"\x01 HTTP/1.1\r\n\r\n').status == 400
        assert fetch(site.http, b"GET /web HTTP/1.1\r\nHost: a b\r\n\r\n").status == 400
        entries = site.log_entries(2)
    assert [entry["status"] for entry in entries] == ["400", "400"]
    assert [entry["route"] for entry in entries] == ["-", "-"]


def test_combined_has_host_scheme_and_route_at_its_end(nginx: Nginx) -> None:
    with serving(nginx, [RULES], access_log="combined") as site:
        site.ask("a.test", "/web?x", b"User-Agent: me")
        site.ask("a.test", "/none", b'User-Agent: "\\')
        first, second = sorted(site.log(2), key=lambda line: b"/none" in line)
    assert first.startswith(b"127.0.0.1 - - [")
    assert b'"GET /web?x HTTP/1.1" 200 ' in first
    assert first.endswith(b'"-" "me" a.test http "default/web spec.rules[0].http.paths[0]"')
    assert second.endswith(b'"-" "\\x22\\x5C" a.test http "-"')


def test_off_writes_nothing(nginx: Nginx) -> None:
    with serving(nginx, [RULES], access_log="off") as site:
        assert site.who("a.test", "/web") == "web"
        assert site.who("a.test", "/none") == "404"
        site.running.stop(graceful=1)
        assert not (site.prefix / "access.log").exists()


def test_what_a_server_snippet_answers_is_logged_unless_it_says_no(nginx: Nginx) -> None:
    early = "if ($arg_early) { return 403; }"
    objects = [
        ingress(name, rule(f"{name}.test", prefix("/web", "web")), annotations=annotated(**given))
        for name, given in {
            "quiet": {"server_snippet": f"access_log off; {early}"},
            "loud": {"server_snippet": early},
        }.items()
    ]
    with serving(nginx, objects, allow_snippets=("*",)) as site:
        for target in ("/?early=1", "/web", "/none"):
            for name in ("quiet", "loud"):
                site.ask(f"{name}.test", target)
        entries = site.log_entries(3)
        site.running.stop(graceful=1)
        assert len((site.prefix / "access.log").read_bytes().splitlines()) == 3
    assert {(entry["host"], entry["status"]) for entry in entries} == {
        ("loud.test", "403"),
        ("loud.test", "200"),
        ("loud.test", "404"),
    }
