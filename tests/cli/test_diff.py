"""``ingc diff``: files, folders, revisions and nginx.confs, what is printed, how it ends."""

from __future__ import annotations

import json
import os
import random
import subprocess
import time
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import write
from tests.cli.run import Done, ingc, inside
from tests.objects import Object, path, rule
from tests.shop import ingress, service

OLD = [
    ingress("shop/web", rule("a.test", path("/", "web"), path("/cart", "cart"))),
    service("web", clusterIP="10.96.0.1"),
    service("cart", clusterIP="10.96.0.2"),
]
NEW = [
    ingress("shop/web", rule("a.test", path("/", "web"), path("/cart", "web"), path("/x", "cart"))),
    *OLD[1:],
]


@pytest.fixture(autouse=True)
def versions(folder: Path) -> None:
    """Two versions: old.yaml and new.yaml."""
    write(folder, "old.yaml", OLD)
    write(folder, "new.yaml", NEW)


def diff(folder: Path, *arguments: str) -> Done:
    return inside("diff", *arguments, cwd=folder)


def test_the_same(folder: Path) -> None:
    text = yaml.safe_dump_all(reversed(OLD), default_flow_style=True)
    (folder / "other.yaml").write_text(f"# a comment\n{text}", encoding="utf-8")
    done = ingc("diff", "old.yaml", "other.yaml", cwd=folder)
    assert (done.code, done.out, done.err) == (0, "the routing is the same\n", "")


def test_backends_behind_a_redirect_to_nowhere(folder: Path) -> None:
    for name, objects in (("old.yaml", OLD), ("new.yaml", NEW)):
        secured = {**objects[0]["spec"], "tls": [{"hosts": ["a.test"], "secretName": "elsewhere"}]}
        write(folder, name, [{**objects[0], "spec": secured}, *objects[1:]])
    done = diff(folder, "old.yaml", "new.yaml")
    assert "  > moved   Prefix /cart  shop/cart:80 → shop/web:80\n" in done.out
    assert "  + added   Prefix /x  shop/web:80 → shop/cart:80\n" in done.out


def test_text(folder: Path) -> None:
    done = diff(folder, "old.yaml", "new.yaml")
    assert done.code == 4
    assert done.out == (
        "a.test\n"
        "  > moved   Prefix /cart  shop/cart:80 → shop/web:80\n"
        "      was    shop/web spec.rules[0].http.paths[1]  old.yaml:27\n"
        "      now    shop/web spec.rules[0].http.paths[1]  new.yaml:27\n"
        "      shown by GET http://a.test/cart\n"
        "  + added   Prefix /x  shop/web:80 → shop/cart:80\n"
        "      was    shop/web spec.rules[0].http.paths[0]  old.yaml:15\n"
        "      now    shop/web spec.rules[0].http.paths[2]  new.yaml:39\n"
        "      shown by GET http://a.test/x\n"
        "\n"
        "1 added, 1 moved\n"
    )


def test_json(folder: Path) -> None:
    done = diff(folder, "old.yaml", "new.yaml", "--format", "json")
    assert done.code == 4
    told = json.loads(done.out)
    assert (told["same"], told["unknown"]) == (False, [])
    first = told["differences"][0]
    assert (first["kind"], first["host"], first["path"]) == ("moved", "a.test", "/cart")
    assert first["witness"] == {
        "method": "GET",
        "url": "http://a.test/cart",
        "headers": [],
        "shows": True,
    }
    assert (first["before"]["backend"], first["after"]["backend"]) == (
        "shop/cart:80",
        "shop/web:80",
    )


def test_markdown(folder: Path) -> None:
    done = diff(folder, "old.yaml", "new.yaml", "--format", "markdown")
    assert done.out == (
        "**Routing:** 1 added, 1 moved\n\n"
        "| | Host | Rule | Before | After | Shown by |\n"
        "|---|---|---|---|---|---|\n"
        "| moved | `a.test` | `Prefix /cart` | shop/cart:80 | shop/web:80 "
        "| `GET http://a.test/cart` |\n"
        "| added | `a.test` | `Prefix /x` | shop/web:80 | shop/cart:80 | `GET http://a.test/x` |\n"
    )
    same = diff(folder, "old.yaml", "old.yaml", "--format", "markdown")
    assert same.out == "**Routing:** no difference\n"


def test_markdown_takes_nothing_for_its_own(folder: Path) -> None:
    odd = path("/a|b`c``d<script>", "cart", "ImplementationSpecific")
    write(folder, "odd.yaml", [ingress("shop/web", rule("a.test", odd)), *OLD[1:]])
    done = diff(folder, "old.yaml", "odd.yaml", "--format", "markdown")
    rows = [line for line in done.out.splitlines() if line.startswith("| ")][1:]
    assert rows
    assert any("``` ImplementationSpecific /a\\|b`c``d<script> ```" in row for row in rows)
    for row in rows:
        assert row.replace("\\|", "").count("|") == 7


def test_nginx_confs_and_a_mix(folder: Path) -> None:
    for name in ("old", "new"):
        assert inside("compile", f"{name}.yaml", "-o", f"{name}.conf", cwd=folder).code == 0
    assert diff(folder, "old.conf", "old.conf").code == 0
    assert diff(folder, "old.conf", "old.yaml").code == 0
    assert diff(folder, "new.yaml", "new.conf").code == 0
    for old, new in (("old.conf", "new.conf"), ("old.conf", "new.yaml"), ("old.yaml", "new.conf")):
        done = diff(folder, old, new)
        assert done.code == 4
        assert "> moved   = /cart  shop/cart:80 → shop/web:80" in done.out
        assert "+ added   = /x  shop/web:80 → shop/cart:80" in done.out


FOREIGN = """\
events {}
http {
    upstream app { server 127.0.0.1:8000; }
    limit_req_zone $remote_addr zone=slow:1m rate=1r/s;
    map $http_x_beta $pool { default app; yes 127.0.0.1:9000; }
    server {
        listen 80;
        server_name site.test *.site.test;
        client_max_body_size 1m;
        location / { proxy_pass http://app; }
        location = /status { return 204; }
        location /files/ { root /srv; }
        location ~ ^/v(1|2)/ { proxy_set_header X-Version $1; proxy_pass http://app; }
    }
}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("server 127.0.0.1:8000;", "server 127.0.0.1:8001;", "the routing is the same"),
        ("http://app; }\n        location =", "http://127.0.0.1:8000; }\n        location =",
         "the routing is the same"),
        ("size 1m", "size 8m", "client_max_body_size: 1m → 8m"),
        ("return 204", "return 410", "~ changed = /status  204 → 410"),
        ("= /status", "= /health", "+ added   = /health  app → 204"),
        ("rate=1r/s", "rate=9r/s", "limit_req_zone zone=slow: $remote_addr zone=slow:1m rate=1r/s"),
        ("default app", "default b", "map $pool: "),
        ("X-Version $1", "X-Version v$1", "upstream header X-Version: 1 → v1"),
        ("root /srv", "root /var", "~ changed prefix /files/  file /srv/files/ → file /var/files/"),
        ("return 204", "return 200 ok", "~ changed = /status  204 → 200"),
        ("root /srv;", "try_files $uri /a;", "? unknown: try_files, which depends on"),
        ("v(1|2)", "v(1|3)", "http://site.test/v"),
    ],
)  # fmt: skip
def test_foreign_confs(folder: Path, old: str, new: str, words: str) -> None:
    assert FOREIGN.count(old) == 1
    (folder / "old.conf").write_text(FOREIGN, encoding="utf-8")
    (folder / "new.conf").write_text(FOREIGN.replace(old, new), encoding="utf-8")
    done = diff(folder, "old.conf", "new.conf")
    assert words in done.out
    assert done.code == (0 if words == "the routing is the same" else 4)
    assert diff(folder, "new.conf", "new.conf").code == 0


CHECKED = """\
events {}
http {
    limit_req_zone $remote_addr zone=slow:1m rate=1r/s;
    server {
        listen 80;
        server_name site.test;
        error_page 502 @down;
        location = /ask { internal; proxy_pass http://127.0.0.1:1; }
        location = /copy { internal; proxy_pass http://127.0.0.1:2; }
        location @down { proxy_pass http://127.0.0.1:3; }
        location / {
            auth_request /ask;
            mirror /copy;
            limit_req zone=slow;
            auth_basic staff;
            auth_basic_user_file /u;
            add_header X-Site old;
            proxy_pass http://127.0.0.1:8000;
        }
        location /hi { return 200 hello; }
    }
}
"""


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("0.1:1;", "0.1:9;", "auth_request: http://127.0.0.1:1 → http://127.0.0.1:9"),
        ("0.1:2;", "0.1:9;", "mirror: http://127.0.0.1:2 → http://127.0.0.1:9"),
        ("0.1:3;", "0.1:9;", "error_page 502: http://127.0.0.1:3 → http://127.0.0.1:9"),
        ("rate=1r/s", "rate=9r/s", "limit_req: 1r/s 0 → 9r/s 0"),
        ("basic staff", "basic boss", "auth_basic: staff → boss"),
        ("X-Site old", "X-Site new", "answer header X-Site: old → new"),
        ("mirror /copy;", "proxy_read_timeout 5s;", "proxy_read_timeout: not set → 5s"),
        ("200 hello", "200 bye", "text: hello → bye"),
    ],
)
def test_checks_and_answers_of_confs(folder: Path, old: str, new: str, words: str) -> None:
    assert CHECKED.count(old) == 1
    (folder / "old.conf").write_text(CHECKED, encoding="utf-8")
    (folder / "new.conf").write_text(CHECKED.replace(old, new), encoding="utf-8")
    done = diff(folder, "old.conf", "new.conf")
    assert words in done.out
    assert done.code == 4


def git(folder: Path, *arguments: str) -> None:
    names = ["-c", "user.name=t", "-c", "user.email=t@t", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *names, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def repository(folder: Path) -> Path:
    """A repository: old in HEAD~1, new in HEAD, both at k8s/web.yaml."""
    (folder / "k8s").mkdir()
    git(folder, "init", "-q")
    for objects in (OLD, NEW):
        write(folder / "k8s", "web.yaml", objects)
        git(folder, "add", "k8s")
        git(folder, "commit", "-q", "-m", "version")
    return folder


def test_revisions(repository: Path) -> None:
    for old in ("HEAD~1:k8s", "HEAD~1:k8s/", "HEAD~1:k8s/web.yaml", "HEAD~1:"):
        for new in ("k8s", "HEAD:k8s"):
            done = diff(repository, old, new)
            assert (done.code, done.err) == (4, "")
            assert "1 added, 1 moved" in done.out
    words = diff(repository, "HEAD~1:", "HEAD:").out.split()
    assert {word.partition(":")[0] for word in words if ".yaml" in word} == {"k8s/web.yaml"}
    assert diff(repository, "HEAD:k8s", "k8s").code == 0
    assert diff(repository / "k8s", "HEAD:./web.yaml", "web.yaml").code == 0
    assert diff(repository / "k8s", "HEAD:k8s", ".").code == 0


def test_a_conf_of_a_revision(repository: Path) -> None:
    assert inside("compile", "old.yaml", "-o", "nginx.conf", cwd=repository).code == 0
    git(repository, "add", "nginx.conf")
    git(repository, "commit", "-q", "-m", "conf")
    assert diff(repository, "HEAD:nginx.conf", "old.yaml").code == 0
    assert diff(repository, "HEAD:nginx.conf", "new.yaml").code == 4


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("HEAD~9:k8s", 'there is no revision "HEAD~9"'),
        ("nonsense:k8s", 'there is no revision "nonsense"'),
        ("HEAD:missing", 'revision "HEAD" has no path "missing"'),
        ("--output=x:k8s", "no option"),
        (":k8s", ":k8s: no such file"),
        ("missing", "missing: no such file"),
        ("HEAD:k8s\0", "git can't be run"),
    ],
)
def test_what_can_not_be_read(repository: Path, name: str, words: str) -> None:
    done = diff(repository, name, "k8s")
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_outside_of_a_repository_and_without_git(folder: Path) -> None:
    env = {"GIT_CEILING_DIRECTORIES": str(folder.parent)}
    done = ingc("diff", "HEAD:k8s", "old.yaml", cwd=folder, env=env)
    assert (done.code, done.out) == (2, "")
    assert "not a git repository" in done.err
    done = ingc("diff", "HEAD:k8s", "old.yaml", cwd=folder, env={"PATH": os.devnull})
    assert done.code == 2
    assert "there is no git on PATH" in done.err


def test_errors_of_the_input(folder: Path) -> None:
    done = diff(folder, "old.yaml", "bad.yaml")
    assert (done.code, done.out) == (1, "")
    assert "bad.yaml has 2 errors" in done.err
    assert diff(folder, "-", "-").code == 2


def test_the_first_rules_of_a_folder(folder: Path) -> None:
    (folder / "before").mkdir()
    done = diff(folder, "before", "old.yaml")
    assert done.code == 4
    assert done.err == "note: before holds no Kubernetes object\n"
    assert "  + added   Prefix /cart  404 → shop/cart:80\n" in done.out
    gone = diff(folder, "old.yaml", "before")
    assert "  - removed Prefix /cart  shop/cart:80 → 404\n" in gone.out


def test_warnings_do_not_matter(folder: Path) -> None:
    done = diff(folder, "empty.yaml", "empty.yaml")
    assert (done.code, done.err) == (0, "")


def test_a_thousand_ingresses_in_seconds(folder: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - an order, not a secret
    objects = [_of_many(number) for number in range(1000)]
    (folder / "a").mkdir()
    (folder / "b").mkdir()
    for start in range(0, 1000, 50):
        write(folder / "a", f"{start}.yaml", objects[start : start + 50])
    objects[500] = _of_many(500, "other")
    chance.shuffle(objects)
    for start in range(0, 1000, 100):
        write(folder / "b", f"{start}.yaml", objects[start : start + 100])
    began = time.process_time()
    done = diff(folder, "a", "b")
    assert done.code == 4
    assert done.out.endswith("1 moved\n")
    assert time.process_time() - began < 20  # seconds of one core; 4 where nothing else runs


def _of_many(number: int, api: str = "api") -> Object:
    paths = (path("/", f"w{number}"), path("/api", api), path("/cart", "cart", "Exact"))
    return ingress(f"ns{number % 20}/i{number}", rule(f"h{number}.test", *paths))
