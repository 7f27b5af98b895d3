"""No output of any format carries controls or marks of direction that others wrote."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.run import ingc, inside

ODD = "\x1b[31m\x9b31m\u202e\u2066\u200b\x07\x85\u2028"
_OBJECTS: list[dict[str, object]] = [
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {
            "name": "e" + ODD,
            "namespace": "web",
            "annotations": {
                "nginx.ingress.kubernetes.io/" + ODD: ODD,
                "nginx.ingress.kubernetes.io/app-root": "/a" + ODD,
                "nginx.ingress.kubernetes.io/auth-realm": ODD,
            },
        },
        "spec": {
            "rules": [
                {
                    "host": host,
                    "http": {
                        "paths": [
                            {
                                "path": path,
                                "pathType": "Prefix",
                                "backend": {"service": {"name": name, "port": {"number": 80}}},
                            }
                        ]
                    },
                }
                for host, path, name in (
                    ("e.example", "/\u202ex", "web"),
                    ("f.example", "/a", "web" + ODD),
                    (ODD, "/b", "web"),
                )
            ]
        },
    },
    {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "good", "namespace": "web"},
        "spec": {
            "rules": [
                {
                    "host": "good.example",
                    "http": {
                        "paths": [
                            {
                                "path": "/\u202e\u2066",
                                "pathType": "Prefix",
                                "backend": {"service": {"name": "web", "port": {"number": 80}}},
                            }
                        ]
                    },
                }
            ]
        },
    },
]
LOG = [
    {"host": "good.example", "method": "GET", "uri": "/" + ODD, "scheme": "http", "status": "404"},
    {"host": ODD, "method": "GET", "uri": "/x", "scheme": "http", "status": "404"},
    {"host": "good.example", "method": ODD, "uri": "/\u202e", "scheme": "http", "status": "200"},
]
COMMANDS = [
    *(f"check --format {form} {{}}" for form in ("text", "json", "sarif", "github")),
    "compile --on-error isolate --emit ir {}",
    "compile --on-error isolate --emit routes {}",
    *(f"routes --format {form} {{}}" for form in ("text", "json", "tree", "svg")),
    *(f"explain http://good.example/%E2%80%AE --format {form} {{}}" for form in ("text", "json")),
    *(f"explain --log json {{}} --format {form} < log" for form in ("text", "json")),
    *(f"diff --format {form} {{}} other.json" for form in ("text", "json", "markdown")),
    *(f"test tests.ingc {{}} --format {form}" for form in ("text", "json")),
    "test tests.ingc {} --junit report.xml",
    "test --record {}",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_no_output_moves_a_terminal(tmp_path: Path, command: str) -> None:
    (tmp_path / "in.json").write_text(json.dumps({"kind": "List", "items": _OBJECTS}), "utf-8")
    (tmp_path / "good.json").write_text(json.dumps(_OBJECTS[1]), "utf-8")
    (tmp_path / "other.json").write_text(
        json.dumps(_OBJECTS[1]).replace("\\u202e", "\\u202dZ"), "utf-8"
    )
    (tmp_path / "tests.ingc").write_text("http://good.example/%E2%80%AE -> web/other:80\n", "utf-8")
    lines = [json.dumps(line, ensure_ascii=number % 2 == 0) for number, line in enumerate(LOG)]
    (tmp_path / "log").write_text("\n".join([*lines, ODD.replace("\u2028", "")]) + "\n", "utf-8")
    words, _, redirected = command.partition(" < ")
    uses_all = words.startswith(("check", "compile"))
    arguments = words.format("in.json" if uses_all else "good.json").split()
    if redirected:
        log = (tmp_path / redirected).read_text("utf-8")
        done = ingc(*arguments, cwd=tmp_path, stdin=log)
    else:
        done = inside(*arguments, cwd=tmp_path)
    report = tmp_path / "report.xml"
    texts = [done.out, done.err, report.read_text("utf-8") if report.exists() else ""]
    assert done.code != 2 and any(texts), done.err
    for text in texts:
        assert [char for char in text if char != "\n" and not char.isprintable()] == []
