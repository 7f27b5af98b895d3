"""``-d DIR`` where the input and the folder are hostile: nothing outside the folder changes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import TLS, WEB, current, write
from tests.cli.run import Done, inside
from tests.hostile.corpus import payloads
from tests.hostile.outcome import FILE
from tests.objects import path, rule
from tests.resolve.pairs import key_pem
from tests.shop import ingress, secret, service

MANIFEST = ".ingc-files.json"
UP = (
    "../up",
    "../../up",
    "a/../../up",
    "/up",
    "..",
    ".",
    "certs/../../up",
    "a\0b",
    "..\\up",
    "a/b",
)


def compile_to(folder: Path, name: str, *more: str) -> Done:
    return inside("compile", name, "-d", "out", *more, cwd=folder)


def everything(folder: Path) -> dict[str, str]:
    """Return a digest of every file that is not in ``out``; a link stands for itself."""
    found = {}
    for item in sorted(folder.rglob("*")):
        name = str(item.relative_to(folder))
        if name.partition("/")[0] == "out":
            continue
        if item.is_symlink():
            found[name] = f"-> {item.readlink()}"
        elif item.is_file():
            found[name] = hashlib.sha256(item.read_bytes()).hexdigest()
        else:
            found[name] = "folder"
    return found


def written(folder: Path) -> set[str]:
    out = folder / "out"
    return {str(item.relative_to(out)) for item in out.rglob("*") if not item.is_dir()}


@pytest.fixture
def planted(folder: Path) -> Path:
    """A folder with something precious beside ``out``, which is there and empty."""
    (folder / "out" / "certs").mkdir(parents=True)
    (folder / "precious").write_text("precious", encoding="utf-8")
    return folder


def test_files_that_are_links_are_replaced_and_not_written_through(planted: Path) -> None:
    compile_to(planted, "tls.yaml")
    out, precious = planted / "out", planted / "precious"
    names = written(planted)
    assert len(names) == 4
    for name in names:
        (out / name).unlink()
        (out / name).symlink_to(precious)
    before = everything(planted)
    assert compile_to(planted, "tls.yaml").code == 0
    assert everything(planted) == before
    assert precious.read_text("utf-8") == "precious"
    assert written(planted) == names
    assert not [name for name in names if (out / name).is_symlink()]


def test_links_that_lead_nowhere_are_not_followed(planted: Path) -> None:
    (planted / "out" / "nginx.conf").symlink_to(planted / "made")
    (planted / "out" / MANIFEST).symlink_to(planted / "made-too")
    before = everything(planted)
    assert compile_to(planted, "tls.yaml").code == 0
    assert everything(planted) == before


@pytest.mark.parametrize("target", ["elsewhere", "nowhere", "out", "."])
def test_a_link_for_a_folder_is_refused(planted: Path, target: str) -> None:
    (planted / "elsewhere").mkdir()
    (planted / "out" / "certs").rmdir()
    (planted / "out" / "certs").symlink_to(planted / target)
    before = everything(planted)
    done = compile_to(planted, "tls.yaml")
    assert done.code == 2
    assert "symbolic link" in done.err
    assert everything(planted) == before
    assert written(planted) <= {"certs"}


def test_a_stale_file_that_is_a_link_goes_and_its_target_stays(planted: Path) -> None:
    name = "certs/shop_pair.0123456789abcdef.key"
    (planted / "out" / name).symlink_to(planted / "precious")
    (planted / "out" / MANIFEST).write_text(json.dumps({"files": [name]}), encoding="utf-8")
    before = everything(planted)
    assert compile_to(planted, "web.yaml").code == 0
    assert everything(planted) == before
    assert not (planted / "out" / name).is_symlink()


def test_every_kind_of_file_of_an_earlier_run_goes(folder: Path) -> None:
    verified = {
        "backend-protocol": "HTTPS",
        "proxy-ssl-secret": "shop/pair",
        "proxy-ssl-verify": "on",
    }
    annotations = {f"nginx.ingress.kubernetes.io/{name}": text for name, text in verified.items()}
    pair = secret("pair", current(), key_pem())
    pair["stringData"]["ca.crt"] = pair["stringData"]["tls.crt"]
    asked = ingress("web", rule("a.test", path("/", "web")), annotations=annotations)
    write(folder, "verified.yaml", [asked, pair, service("web", clusterIP="10.96.0.1")])
    assert compile_to(folder, "verified.yaml").code == 0
    assert len([name for name in written(folder) if name.endswith(".ca.crt")]) == 1
    assert compile_to(folder, "web.yaml").code == 0
    assert written(folder) == {"nginx.conf", MANIFEST}


def hostile_secrets(names: tuple[str, ...]) -> list[Any]:
    """Return Secrets with these names and in namespaces with these names, and who asks for them."""
    made: list[Any] = list(WEB)
    for number, name in enumerate(names):
        for part, namespace, own in (("n", "shop", name), ("s", name, "pair")):
            host = f"{part}{number}.test"
            pair = secret("pair", current(), key_pem())
            pair["metadata"] = {"name": own, "namespace": namespace}
            asked = ingress(
                f"asks-{part}{number}",
                rule(host, path("/", "web")),
                tls=[{"hosts": [host], "secretName": own}],
            )
            asked["metadata"]["namespace"] = namespace
            made += [pair, asked]
    return made


@pytest.mark.parametrize("mode", ["fail", "isolate"])
@pytest.mark.parametrize("texts", ["up", "payloads"])
def test_names_that_lead_elsewhere_write_nothing_there(
    planted: Path, texts: str, mode: str
) -> None:
    short = tuple(text for text in payloads().values() if len(text) < 100)
    items = [*hostile_secrets(UP if texts == "up" else short), *TLS]
    listed = {"apiVersion": "v1", "kind": "List", "items": items}
    (planted / "up.json").write_text(json.dumps(listed), encoding="utf-8")
    before = everything(planted)
    done = compile_to(planted, "up.json", "--on-error", mode)
    assert "Traceback" not in done.err
    assert everything(planted) == before
    assert done.code == 1
    ours = written(planted) - {"nginx.conf", MANIFEST}
    assert not [name for name in ours if not FILE(name)]
    assert bool(ours) == (mode == "isolate")
