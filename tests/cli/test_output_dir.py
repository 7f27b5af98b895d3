"""``ingc compile -d DIR``: whole or not at all, and only what is ours is touched."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import TLS, current, write
from tests.cli.run import Done, inside
from tests.objects import rule
from tests.resolve.pairs import key_pem
from tests.shop import ingress, secret

MANIFEST = ".ingc-files.json"
FREE = ("--http-port", "18080", "--https-port", "18443")
"""Ports that anybody may listen on."""


def compile_to(folder: Path, name: str, *more: str) -> Done:
    return inside("compile", name, "-d", "out", *more, cwd=folder)


def files_in(folder: Path) -> set[str]:
    return {str(p.relative_to(folder)) for p in folder.rglob("*") if not p.is_dir()}


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_files_and_their_modes(folder: Path) -> None:
    done = compile_to(folder, "tls.yaml")
    assert (done.code, done.out, done.err) == (0, "", "")
    out = folder / "out"
    (key,) = out.glob("certs/*.key")
    (cert,) = out.glob("certs/*.crt")
    assert key.read_bytes() == key_pem()
    assert cert.read_bytes() == current()
    assert mode(key) == 0o600
    assert mode(cert) == mode(out / "nginx.conf") == 0o644
    assert files_in(out) == {
        "nginx.conf",
        MANIFEST,
        f"certs/{key.name}",
        f"certs/{cert.name}",
    }
    listed = json.loads((out / MANIFEST).read_text("utf-8"))
    assert listed == {"files": sorted([f"certs/{key.name}", f"certs/{cert.name}"])}
    conf = (out / "nginx.conf").read_text("utf-8")
    assert f"ssl_certificate certs/{cert.name};" in conf
    assert f"ssl_certificate_key certs/{key.name};" in conf


def test_without_certificates_there_is_the_configuration_alone(folder: Path) -> None:
    assert compile_to(folder, "web.yaml").code == 0
    assert files_in(folder / "out") == {"nginx.conf"}


def test_twice_the_same_changes_nothing(folder: Path) -> None:
    compile_to(folder, "tls.yaml")
    first = {p: (folder / "out" / p).read_bytes() for p in files_in(folder / "out")}
    compile_to(folder, "tls.yaml")
    assert {p: (folder / "out" / p).read_bytes() for p in files_in(folder / "out")} == first


def test_files_of_an_earlier_run_go_and_foreign_ones_stay(folder: Path) -> None:
    compile_to(folder, "tls.yaml")
    out = folder / "out"
    (old,) = out.glob("certs/*.crt")
    foreign = {"certs/mine.pem", "certs/shop_pair.0123456789abcdef.crt", "notes.txt", "mime.types"}
    for name in foreign:
        (out / name).write_text("mine", encoding="utf-8")
    renewed = secret("pair", current("renewed"), key_pem())
    write(folder, "tls.yaml", [TLS[0], renewed, TLS[2]])
    assert compile_to(folder, "tls.yaml").code == 0
    assert not old.exists()
    assert foreign < files_in(out)
    assert len(files_in(out) - foreign) == 4
    assert compile_to(folder, "web.yaml").code == 0
    assert files_in(out) == foreign | {"nginx.conf", MANIFEST}
    assert json.loads((out / MANIFEST).read_text("utf-8")) == {"files": []}


def test_on_an_error_everything_stays(folder: Path) -> None:
    compile_to(folder, "tls.yaml")
    out = folder / "out"
    before = {p: (out / p).read_bytes() for p in files_in(out)}
    assert inside("compile", "web.yaml", "bad.yaml", "-d", "out", cwd=folder).code == 1
    assert {p: (out / p).read_bytes() for p in files_in(out)} == before
    assert inside("compile", "bad.yaml", "-d", "new", cwd=folder).code == 1
    assert not (folder / "new").exists()


def test_a_link_in_the_place_of_the_folder_for_certificates_is_refused(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "out" / "certs").symlink_to(folder / "elsewhere")
    done = compile_to(folder, "tls.yaml")
    assert done.code == 2
    assert "symbolic link" in done.err
    assert files_in(folder / "elsewhere") == set()
    assert not (folder / "out" / "nginx.conf").exists()


def test_nothing_is_removed_through_a_link(folder: Path) -> None:
    (folder / "out").mkdir()
    (folder / "elsewhere").mkdir()
    (folder / "out" / "certs").symlink_to(folder / "elsewhere")
    name = "shop_pair.0123456789abcdef.key"
    (folder / "elsewhere" / name).write_text("precious", encoding="utf-8")
    manifest = {"files": [f"certs/{name}"]}
    (folder / "out" / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert compile_to(folder, "web.yaml").code == 0
    assert (folder / "elsewhere" / name).read_text("utf-8") == "precious"


@pytest.mark.parametrize(
    "manifest",
    [
        {"files": ["../precious", "../../precious", "nginx.conf", "notes.txt"]},
        {"files": ["/etc/hostname", "certs/../../precious", "certs/../notes.txt"]},
        {"files": ["certs", "certs/", ".", "..", "", "certs/.", "certs/notes.txt"]},
        {"files": ["certs/a_b.0123456789abcdef.crt/../../../precious"]},
        {"files": ["certs/a_..0123456789abcdef.crt\n../precious"]},
        {"files": "../precious"},
        {"files": {"../precious": 1}},
        {"files": 7},
        {"files": [7, None, ["../precious"], {}]},
        ["../precious"],
        "../precious",
        None,
    ],
)
def test_a_hostile_manifest_removes_nothing(folder: Path, manifest: object) -> None:
    out = folder / "out"
    (out / "certs").mkdir(parents=True)
    kept = [folder / "precious", out / "notes.txt", out / "certs" / "notes.txt"]
    for path in kept:
        path.write_text("keep", encoding="utf-8")
    (out / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    assert compile_to(folder, "web.yaml").code == 0
    assert all(path.read_text("utf-8") == "keep" for path in kept)
    assert (out / "nginx.conf").read_text("utf-8").startswith("# Compiled")


@pytest.mark.parametrize("text", ["", "{", "\x00", "[" * 100_000, '{"files": NaN}'])
def test_a_manifest_that_is_no_json_counts_as_none(folder: Path, text: str) -> None:
    (folder / "out").mkdir()
    (folder / "out" / MANIFEST).write_text(text, encoding="utf-8")
    assert compile_to(folder, "tls.yaml").code == 0
    listed = json.loads((folder / "out" / MANIFEST).read_text("utf-8"))
    assert len(listed["files"]) == 2


def test_a_file_in_the_place_of_the_folder(folder: Path) -> None:
    (folder / "out").write_text("a file", encoding="utf-8")
    done = compile_to(folder, "web.yaml")
    assert done.code == 2
    assert "out" in done.err
    assert (folder / "out").read_text("utf-8") == "a file"


def test_no_temporary_file_is_left(folder: Path) -> None:
    compile_to(folder, "tls.yaml")
    (folder / "out" / "nginx.conf").unlink()
    (folder / "out" / "nginx.conf").mkdir()
    before = files_in(folder / "out")
    assert compile_to(folder, "tls.yaml").code == 2
    assert files_in(folder / "out") == before


@pytest.mark.usefixtures("real_nginx")
def test_a_folder_that_the_real_nginx_accepts_is_written(folder: Path) -> None:
    done = compile_to(folder, "tls.yaml", "--nginx-test", *FREE)
    assert (done.code, done.out) == (0, ""), done.err
    assert "nginx.conf" in files_in(folder / "out")
    assert not [name for name in files_in(folder / "out") if "test" in name]


@pytest.mark.usefixtures("real_nginx")
def test_a_folder_that_the_real_nginx_refuses_replaces_nothing(folder: Path) -> None:
    compile_to(folder, "web.yaml")
    out = folder / "out"
    before = {name: (out / name).read_bytes() for name in files_in(out)}
    missing = "nowhere/{namespace}-{secret}"
    absent = [{"hosts": ["more.test"], "secretName": "absent"}]
    write(folder, "more.yaml", [ingress("more", rule("more.test"), default="web", tls=absent)])
    given = ("tls.yaml", "more.yaml", "--tls-files", missing)
    done = compile_to(folder, *given, "--nginx-test", *FREE)
    assert done.code == 1
    assert "nowhere/" in done.err
    assert "refused as it is; nothing was replaced in out" in done.err
    for name, content in before.items():
        assert (out / name).read_bytes() == content
    assert not list(out.glob("certs/*"))
    assert not [name for name in files_in(out) if "nginx.conf.test" in name]


def test_the_real_nginx_is_for_folders(folder: Path) -> None:
    done = inside("compile", "web.yaml", "--nginx-test", cwd=folder)
    assert done.code == 2
    assert "-d" in done.err
