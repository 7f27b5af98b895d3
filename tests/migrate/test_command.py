"""``ingc migrate`` as a program."""

from __future__ import annotations

import json
import shlex
import tomllib
from pathlib import Path

import pytest

from tests.cli.run import ingc, inside

GOOD = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
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
metadata: {name: web, namespace: shop}
spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: controller, namespace: ingress-nginx}
spec:
  template:
    spec:
      containers:
      - image: ingress-nginx/controller
        args: [/nginx-ingress-controller, --http-port=8080, --ingress-class=nginx]
"""
BAD = GOOD.replace("spec:\n  ingressClassName", "spec:\n  tls: 3\n  ingressClassName")


def test_standard_input_and_exit_codes(tmp_path: Path) -> None:
    done = ingc("migrate", "-", cwd=tmp_path, stdin=GOOD)
    assert (done.code, done.err) == (0, "")
    assert "1  100.0 %  keep their behaviour" in done.out
    (tmp_path / "bad.yaml").write_text(BAD, encoding="utf-8")
    assert inside("migrate", "bad.yaml", cwd=tmp_path).code == 4


def test_the_command_line_of_the_report_compiles(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(GOOD, encoding="utf-8")
    found = json.loads(inside("migrate", "all.yaml", "-o", "json", cwd=tmp_path).out)
    words = shlex.split(found["command"].replace("\\\n", ""))
    assert words[:2] == ["ingc", "compile"]
    done = inside(*words[1:], cwd=tmp_path)
    assert done.code == 0, done.err
    conf = (tmp_path / "out" / "nginx.conf").read_text(encoding="utf-8")
    assert "listen 8080;" in conf
    (tmp_path / "ingc.toml").write_text(found["config_file"], encoding="utf-8")
    assert tomllib.loads(found["config_file"])["http-port"] == 8080
    assert inside("compile", "all.yaml", "-d", "out2", cwd=tmp_path).code == 0
    assert (tmp_path / "out2" / "nginx.conf").read_text(encoding="utf-8") == conf


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-such-file.yaml"], "no-such-file.yaml"),
        (["all.yaml", "--controller", "b/c"], 'no controller is named "b/c"'),
        (["all.yaml", "-o", "pdf"], "pdf"),
        ([], "INPUT"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(GOOD, encoding="utf-8")
    done = inside("migrate", *arguments, cwd=tmp_path)
    assert done.code == 2
    assert message in done.err


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a: b\n",
        "{}",
        "- 1\n",
        "kind: Ingress\n",
        "\x00",
        "kind: List\napiVersion: v1\nitems: 3\n",
    ],
)
def test_any_input_is_a_report(text: str, tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(text, encoding="utf-8")
    done = inside("migrate", "all.yaml", cwd=tmp_path)
    assert done.code == 4
    assert done.out.startswith("Leaving ingress-nginx: 0 Ingresses\n")
    assert "NOT READ" in done.out.upper()


def test_options_of_a_file_are_given_ones(tmp_path: Path) -> None:
    (tmp_path / "all.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "ingc.toml").write_text("https-port = 8443\ncontroller = 'controller'\n", "utf-8")
    done = inside("migrate", "all.yaml", cwd=tmp_path)
    assert "--https-port 8443" in done.out
    # One file serves several commands.
    assert inside("check", "all.yaml", cwd=tmp_path).code == 0
