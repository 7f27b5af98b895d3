"""A foreign nginx.conf: what is known is answered, what is not is named with its place."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from ingc.explain import BadConf, Conf, read_conf, read_question
from ingc.explain.api import teller_of
from ingc.explain.json_form import form, schema
from ingc.explain.text import story_as_text

BACKENDS = "upstream one { server 10.0.0.1:80; } upstream two { server 10.0.0.2:80; }"


def conf_of(folder: Path, http: str) -> Conf:
    file = folder / "nginx.conf"
    file.write_text(f"events {{ }}\nhttp {{\n{BACKENDS}\n{http}\n}}\n", encoding="utf-8")
    return read_conf(file)


@pytest.mark.parametrize(
    ("server", "url", "words"),
    [
        ("location / { try_files $uri @a; }", "http://a/", "try_files"),
        (
            "location / { limit_except GET { deny all; } proxy_pass http://one; }",
            "http://a/",
            "limit_except",
        ),
        ("merge_slashes off; location / { proxy_pass http://one; }", "http://a//", "merge_slashes"),
        (
            "location / { access_by_lua_block { } proxy_pass http://one; }",
            "http://a/",
            "access_by_lua",
        ),
        ("location / { proxy_pass http://$geoip_city; }", "http://a/", "$geoip_city"),
        ("location / { stub_status; }", "http://a/", "stub_status in a location"),
        (
            "location / { if (-f /srv/x) { return 503; } proxy_pass http://one; }",
            "http://a/",
            "depends on files",
        ),
    ],
)
def test_what_is_not_known_is_named(tmp_path: Path, server: str, url: str, words: str) -> None:
    conf = conf_of(tmp_path, f"server {{\nlisten 80;\n{server} }}")
    headers = [("X", "1")]
    answer = conf.ask(read_question(url, headers=headers))
    assert answer.unknown is not None
    assert words in answer.unknown
    assert "nginx.conf:6" in answer.unknown
    assert (answer.status, answer.backend, answer.redirect) == (None, None, None)


@pytest.mark.parametrize(
    ("server", "url", "words"),
    [
        ("root /srv; location / { }", "http://a/x", "answer    the file /srv/x\n"),
        ("root /srv; location / { }", "http://a/x", "nginx serves it if it is there, else 404"),
        ("location /f/ { alias /srv/g/; }", "http://a/f/x?y", "answer    the file /srv/g/x\n"),
        ("root /srv; location / { }", "http://a/x/", "an index file of it if there is one"),
        ("location / { internal; proxy_pass http://one; }", "http://a/", "answer    404\n"),
        ("merge_slashes off; location / { proxy_pass http://one; }", "http://a/x", "answers: one"),
        (
            "location / { if ($http_x) { proxy_pass http://two; } proxy_pass http://one; }",
            "http://a/",
            "the backend answers: two",
        ),
        (
            "error_page 404 /404.html; location / { return 404; }location = /404.html { root /e; }",
            "http://a/",
            "answer    404 with the file /e/404.html\n",
        ),
        (
            "error_page 502 /e.html; location / { return 502; } location = /e.html { root /e; }",
            "http://a/",
            "nginx serves it with status 502 if it is there, else 404",
        ),
        (
            "error_page 403 = @two; location / { deny all; }"
            "location @two { proxy_pass http://two; }",
            "http://a/",
            "the backend answers: two",
        ),
        ('location / { return 200 "hello"; }', "http://a/", 'answers by itself with "hello", '),
        (
            "add_header X-A $host; add_header X-B $upstream_status; location / { return 204; }",
            "http://a/",
            "answer: X-A: a\n            answer: X-B: $upstream_status\n",
        ),
        ("add_header X-A 1; location / { return 404; }", "http://a/", "answer    404\n"),
        (
            'location / { auth_basic "In"; auth_basic_user_file /u; proxy_pass http://one; }',
            "http://a/",
            'auth: name and password (realm "In", file /u), else 401 (nginx.conf:6)',
        ),
        (
            "location = /auth { internal; proxy_pass http://two; }"
            "location / { auth_request /auth; proxy_pass http://one; }",
            "http://a/",
            "auth: http://two decides: 2xx lets pass, else 401, 403 (nginx.conf:6)",
        ),
        (
            "limit_req zone=z burst=7; limit_conn c 3; location / { proxy_pass http://one; }",
            "http://a/",
            "limit: 5r/s, 7 more at once (nginx.conf:6)\n            limit: 3 connections",
        ),
        (
            "location / { mirror /m; proxy_pass http://one; }"
            "location = /m { internal; proxy_pass http://two; }",
            "http://a/",
            "mirror: a copy to http://two (nginx.conf:6)",
        ),
        (
            "error_page 502 @e; location / { proxy_pass http://one; }"
            "location @e { proxy_pass http://two; }",
            "http://a/",
            "errors: http://two in place of 502 (nginx.conf:6)",
        ),
    ],
)
def test_what_is_known_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, server: str, url: str, words: str
) -> None:
    zones = "limit_req_zone $host zone=z:1m rate=5r/s; limit_conn_zone $host zone=c:1m;"
    conf_of(tmp_path, f"{zones} server {{\nlisten 80;\n{server} }}")
    monkeypatch.chdir(tmp_path)
    asked = read_question(url, headers=[("X", "1")], client_ip="10.0.0.9")
    story = teller_of(read_conf("nginx.conf")).tell(asked)
    assert words in story_as_text(story, color=False)
    jsonschema.validate(form(story), schema())


def test_a_file_is_not_for_every_method(tmp_path: Path) -> None:
    conf = conf_of(tmp_path, "server { listen 80; root /srv; }")
    post = conf.ask(read_question("http://a/x", method="POST"))
    assert post.why == "nginx takes no POST for a file: 405, or 404 where it is missing"
    assert conf.ask(read_question("http://a/x", method="PUT")).why.endswith("a file: 405")


def test_headers_of_usual_answers_are_not_on_others(tmp_path: Path) -> None:
    conf = conf_of(
        tmp_path,
        "server { listen 80; location / { return 404; }"
        "add_header X-A 1; add_header X-B 2 always; }",
    )
    text = story_as_text(teller_of(conf).tell(read_question("http://a/")), color=False)
    assert "X-B: 2" in text
    assert "X-A" not in text


STREAM = """
events { }
stream {
    map $ssl_preread_server_name $to {
        hostnames;
        *.db.test databases;
        closed.test gone;
        default own;
    }
    upstream databases { server 10.0.0.5:5432; server 10.0.0.6:5432; }
    upstream own { server 127.0.0.1:8443; }
    upstream gone { server 127.0.0.1:1 down; }
    server { listen 443; ssl_preread on; proxy_pass $to; }
    server { listen 8080; proxy_pass 10.0.0.7:80; }
    server { listen 444; ssl_preread on; js_access x.y; proxy_pass $to; }
}
http {
    server {
        listen 127.0.0.1:8443 ssl;
        server_name web.test;
        location / { proxy_pass http://10.0.0.8; }
    }
    server { listen 80; location / { return 204; } }
}
"""


def test_tls_that_a_stream_server_passes_on(tmp_path: Path) -> None:
    (tmp_path / "nginx.conf").write_text(STREAM, encoding="utf-8")
    conf = read_conf(tmp_path / "nginx.conf")
    passed = conf.ask(read_question("https://a.db.test/x"))
    assert passed.unopened is not None
    assert (passed.unopened.name, passed.refused, passed.status) == ("databases", False, None)
    assert passed.unopened.endpoints == ("10.0.0.5:5432", "10.0.0.6:5432")
    assert "nginx.conf:13" in passed.why
    text = story_as_text(teller_of(conf).tell(read_question("https://a.db.test/x")), color=False)
    assert "TLS is passed on unopened: databases" in text
    assert "refused" not in text
    assert conf.ask(read_question("https://WEB.test/")).upstream == "10.0.0.8"
    assert conf.ask(read_question("https://a.db.test/", sni="web.test")).upstream == "10.0.0.8"
    assert conf.ask(read_question("https://web.test/", sni="b.db.test")).unopened is not None
    assert conf.ask(read_question("https://closed.test/")).refused
    assert conf.ask(read_question("http://web.test/")).status == 204
    assert "passes connections on" in str(conf.ask(read_question("http://web.test:8080/")).unknown)
    assert "js_access" in str(conf.ask(read_question("https://web.test:444/")).unknown)


def test_which_address_is_asked_may_decide(tmp_path: Path) -> None:
    both = "server { listen 80; listen [::]:80; location / { return 204; } }"
    assert conf_of(tmp_path, both).ask(read_question("http://a/")).status == 204
    apart = (
        "server { listen 127.0.0.1:80; location / { return 204; } }"
        "server { listen 10.0.0.1:80; location / { return 205; } }"
    )
    assert "10.0.0.1" in str(conf_of(tmp_path, apart).ask(read_question("http://a/")).unknown)


def test_ports_of_the_url_choose_the_socket(tmp_path: Path) -> None:
    conf = conf_of(
        tmp_path,
        "server { listen 8080; location / { return 205; } }server { location / { return 204; } }",
    )
    assert conf.ask(read_question("http://a/")).status == 204
    assert conf.ask(read_question("http://a:8080/")).status == 205


def test_lists_of_addresses_count_for_known_clients(tmp_path: Path) -> None:
    conf = conf_of(
        tmp_path,
        "server { listen 80; location / { allow 10.0.0.0/8; deny all; proxy_pass http://one; } }",
    )
    assert conf.ask(read_question("http://a/")).upstream == "one"
    assert conf.ask(read_question("http://a/", client_ip="10.9.9.9")).upstream == "one"
    assert conf.ask(read_question("http://a/", client_ip="192.0.2.1")).status == 403


def test_chance_is_told(tmp_path: Path) -> None:
    conf = conf_of(
        tmp_path,
        "split_clients $request_id $pool { 30% two; * one; }"
        "server { listen 80; location / { proxy_pass http://$pool; } }",
    )
    answer = conf.ask(read_question("http://a/"))
    assert answer.upstream == "one"
    assert [(item.name, round(odds, 3)) for item, odds in answer.alternatives] == [("two", 0.3)]


def test_losing_locations_say_why(tmp_path: Path) -> None:
    conf = conf_of(
        tmp_path,
        "server { listen 80; server_name a *.b;\n"
        "location / { return 200; }\n"
        "location ^~ /fixed/ { return 201; }\n"
        "location ~ x$ { return 202; }\n"
        "location = /eq/x { return 203; }\n"
        "location ~* X$ { return 204; } }",
    )

    def reasons(path: str) -> dict[str, str]:
        story = teller_of(conf).tell(read_question(f"http://a{path}"))
        return {item.ref.path: item.reason for item in story.contenders}

    assert reasons("/y/x")["X$"].startswith("regex tried later")
    assert reasons("/y/x")["/"] == "a regex matches"
    assert reasons("/eq/x")["/"] == "= wins"
    assert reasons("/fixed/x")["x$"] == "regexes are not tried here"
    assert reasons("/fixed/x")["/"] == "shorter prefix"


def test_what_is_included_is_read_and_placed(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(
        "\nserver { listen 80;\nlocation /in/ { proxy_pass http://one; } }", encoding="utf-8"
    )
    conf = conf_of(tmp_path, "include site.conf;\ninclude none.conf;\ninclude no/*.conf;")
    assert len(conf.unread) == 1
    assert "nginx.conf:5" in conf.unread[0]
    text = story_as_text(teller_of(conf).tell(read_question("http://a/in/x")), color=False)
    assert "site.conf:3" in text


@pytest.mark.parametrize(
    "text",
    [
        *("http {", "}", "http { server { listen 80; location ~ ( { } } }", "\x00", "a" * 100_000),
        *("http { map $a { } }", "http { server { location { } } }", "http { server { listen; } }"),
        *("http { server { set; return; } }", "http { geo $x { default } }", '"'),
        "http { server { listen 80; location / { deny nonsense; proxy_pass x; } } }",
        "http { server { listen 80; location / { rewrite ^; set $x; return a b; } } }",
    ],
)
def test_a_broken_configuration_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "nginx.conf"
    file.write_text(text, encoding="utf-8")
    try:
        conf = read_conf(file)
    except BadConf as error:
        assert str(error)
        return
    story = teller_of(conf).tell(read_question("http://a/", client_ip="192.0.2.1"))
    assert story_as_text(story, color=False)
