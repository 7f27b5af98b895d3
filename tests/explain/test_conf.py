"""A foreign nginx.conf: what is known is answered, what is not is named with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.explain import BadConf, Conf, read_conf, read_question
from ingc.explain.story import Teller
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
        ("location / { internal; proxy_pass http://one; }", "http://a/", "internal"),
        ("merge_slashes off; location / { proxy_pass http://one; }", "http://a/", "merge_slashes"),
        (
            "location / { access_by_lua_block { } proxy_pass http://one; }",
            "http://a/",
            "access_by_lua",
        ),
        ("location / { proxy_pass http://$geoip_city; }", "http://a/", "$geoip_city"),
        ("location / { stub_status; }", "http://a/", "stub_status answers there"),
        ("root /srv; location / { }", "http://a/", "serves files"),
        (
            "location / { if ($http_x) { proxy_pass http://two; } proxy_pass http://one; }",
            "http://a/",
            "proxy_pass in an if",
        ),
        ("error_page 404 /404.html; location / { return 404; }", "http://a/", "error_page"),
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
        story = Teller(conf).tell(read_question(f"http://a{path}"))
        return {item.ref.path: item.reason for item in story.contenders}

    assert reasons("/y/x")["X$"].startswith("regex tried later")
    assert reasons("/y/x")["/"] == "a regex matches"
    assert reasons("/eq/x")["/"] == "= wins"
    assert reasons("/fixed/x")["x$"] == "regexes are not asked here"
    assert reasons("/fixed/x")["/"] == "shorter prefix"


def test_what_is_included_is_read_and_placed(tmp_path: Path) -> None:
    (tmp_path / "site.conf").write_text(
        "\nserver { listen 80;\nlocation /in/ { proxy_pass http://one; } }", encoding="utf-8"
    )
    conf = conf_of(tmp_path, "include site.conf;\ninclude none.conf;\ninclude no/*.conf;")
    assert len(conf.unread) == 1
    assert "nginx.conf:5" in conf.unread[0]
    text = story_as_text(Teller(conf).tell(read_question("http://a/in/x")), color=False)
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
    story = Teller(conf).tell(read_question("http://a/", client_ip="192.0.2.1"))
    assert story_as_text(story, color=False)
