"""An nginx.conf of several files, a part of one, a template, and what the disk decides."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.explain import Answer, BadConf, Conf, read_conf, read_question
from ingc.explain.api import teller_of
from ingc.explain.json_form import form
from ingc.explain.text import answer_as_line, story_as_text

SERVER = "server {\nlisten 80;\nserver_name a.test;\nlocation / { return 200 x; }\n}\n"


def read(folder: Path, main: str, **others: str) -> Conf:
    for name, text in {"nginx": main, **others}.items():
        (folder / f"{name}.conf").write_text(text, encoding="utf-8")
    return read_conf(folder / "nginx.conf")


def asked(conf: Conf, url: str = "http://a.test/x") -> Answer:
    return conf.ask(read_question(url))


def lines(conf: Conf, url: str = "http://a.test/x") -> str:
    return story_as_text(teller_of(conf).tell(read_question(url)), color=False)


def test_what_stands_behind_an_include_stands_in_its_own_file(tmp_path: Path) -> None:
    conf = read(
        tmp_path,
        f"events {{ }}\nhttp {{\ninclude types.conf;\n{SERVER}include other.conf;\n}}\n",
        types="types { text/html html; }\n",
        other="\n\nserver { listen 80; server_name b.test; return 204; }\n",
    )
    assert "nginx.conf: server in line 4, location in line 7" in lines(conf)
    assert "other.conf: server in line 3" in lines(conf, "http://b.test/")
    assert str(asked(conf).route.source if asked(conf).route else "").endswith("nginx.conf:7")


def test_a_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConf, match="includes itself"):
        read(tmp_path, "http {\ninclude a.conf;\n}\n", a="include b.conf;\n", b="include a.conf;\n")


def test_a_file_may_be_included_twice(tmp_path: Path) -> None:
    server = "server { listen 80; server_name %s; include common.conf; }\n"
    text = f"http {{\n{server % 'a.test'}{server % 'b.test'}}}\n"
    conf = read(tmp_path, text, common="location / { return 204; }\n")
    assert asked(conf).status == asked(conf, "http://b.test/").status == 204


def test_a_part_of_http_is_taken_for_its_inside(tmp_path: Path) -> None:
    conf = read(tmp_path, f"upstream one {{ server 10.0.0.1; }}\n{SERVER}")
    assert conf.inside
    assert asked(conf).status == 200
    assert "server in line 2" in lines(conf)
    assert not read(tmp_path, f"http {{\n{SERVER}}}\n").inside
    with pytest.raises(BadConf, match="neither an http nor a stream block"):
        read(tmp_path, "location / { return 204; }\n")


@pytest.mark.parametrize(
    ("text", "mark", "line"),
    [
        ("http {\nresolver {{ dns }} valid=5s;\n}\n", "{{", 2),
        ("http {\n# {{ no }}\nlog_format x '{{ no }}\n';\n{% if a %}\n}\n", "{%", 5),
        ("http { server { listen <%= port %>; } }\n", "<%", 1),
        ("{{- range .Servers }}\nserver { }\n{{- end }}\n", "{{", 1),
    ],
)
def test_a_template_has_to_be_rendered_first(
    tmp_path: Path, text: str, mark: str, line: int
) -> None:
    with pytest.raises(BadConf) as raised:
        read(tmp_path, text)
    assert f"nginx.conf:{line}: it holds {mark}, so it is a template" in str(raised.value)
    with pytest.raises(BadConf, match=r"inner[.]conf"):
        read(tmp_path, "http {\ninclude inner.conf;\n}\n", inner=text)


@pytest.mark.parametrize(
    "text",
    [
        "log_format x '{{ no }}';",
        'map $uri $x { "~^/a{{2}}" 1; }',
        "# {{ a comment }} {% too %}\n",
    ],
)
def test_what_looks_like_a_template_in_quotes_is_none(tmp_path: Path, text: str) -> None:
    assert asked(read(tmp_path, f"http {{\n{text}\n{SERVER}}}\n")).status == 200


@pytest.mark.parametrize(
    ("server", "why"),
    [
        ("return 301 https://$host$request_uri;", "the server's own return, "),
        ("rewrite ^ https://b.test/ permanent;", "the server's own rewrite, "),
        ("if ($uri = /x) { return 301 /x/; }", "the server's own return, "),
        ("location /x/ { proxy_pass http://b:80; }", "so nginx adds the slash"),
        ("location / { return 301 /x/; }", "nginx answers by itself, "),
    ],
)
def test_why_nginx_redirects(tmp_path: Path, server: str, why: str) -> None:
    answer = asked(read(tmp_path, f"http {{\nserver {{ listen 80;\n{server} }}\n}}\n"))
    assert answer.status == 301
    assert why in answer.why
    assert ("nginx.conf:3" in answer.why) == ("slash" not in why)


FILES = """
server { listen 80; server_name a.test; root /srv;
  location / { try_files $uri $uri/ @app; }
  location /spa { try_files $uri /index.html; }
  location /only { try_files $uri =404; }
  location /wp { try_files $uri /index.php?$args; }
  location = /index.html { }
  location ~ [.]php$ { try_files $uri =404; fastcgi_pass php:9000; }
  location /loop { try_files $uri /loop/index.html; }
  location /chain/ { try_files $uri /chain$uri/x; }
  location @app { proxy_pass http://app:8080; }
}
"""


@pytest.mark.parametrize(
    ("path", "ways"),
    [
        (
            "/x",
            [
                "if the file /srv/x is there, nginx serves it",
                "else if the folder /srv/x is there, nginx redirects to it with a slash at the end",
                "else the backend app:8080 answers",
            ],
        ),
        (
            "/x/",
            [
                "if the folder /srv/x/ is there, nginx serves an index file of it",
                "else the backend app:8080 answers",
            ],
        ),
        (
            "/spa/a",
            [
                "if the file /srv/spa/a is there, nginx serves it",
                "else /srv/index.html: nginx serves it if it is there, else 404",
            ],
        ),
        (
            "/only/a",
            ["if the file /srv/only/a is there, nginx serves it", "else nginx answers 404"],
        ),
        (
            "/loop/a",
            [
                "if the file /srv/loop/a is there, nginx serves it",
                "else if the file /srv/loop/index.html is there, nginx serves it",
                "else nginx answers 500",
            ],
        ),
        (
            "/wp/a",
            [
                "if the file /srv/wp/a is there, nginx serves it",
                "else if the file /srv/index.php is there, the backend php:9000 answers",
                "else nginx answers 404",
            ],
        ),
    ],
)
def test_try_files_is_answered_for_each_file(tmp_path: Path, path: str, ways: list[str]) -> None:
    conf = read(tmp_path, FILES)
    answer = asked(conf, f"http://a.test{path}")
    assert list(answer.either) == ways
    assert "try_files, which depends on files" in (answer.unknown or "")
    assert form(teller_of(conf).tell(answer.request))["request"]["note"] == "; ".join(ways)
    assert (answer.status, answer.backend, answer.file) == (None, None, None)
    assert answer.route
    text = lines(conf, f"http://a.test{path}")
    assert [line.strip() for line in text.splitlines()[2 : 2 + len(ways)]] == ways
    assert ways[0] in answer_as_line(answer)


def test_where_no_file_can_be_there_nothing_is_open(tmp_path: Path) -> None:
    server = "server { listen 80; location / { try_files $uri =404; } }\n"
    answer = asked(read(tmp_path, server), "http://a.test/x/")
    assert (answer.status, answer.unknown, answer.either) == (404, None, ())


def test_files_without_end_are_not_followed(tmp_path: Path) -> None:
    answer = asked(read(tmp_path, FILES), "http://a.test/chain/x")
    assert not answer.either
    assert "try_files, which depends on files" in (answer.unknown or "")
