"""What lies beside manifests is passed over where it was only found, and an error where named."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.diagnostics import Sink
from ingc.load import read

OBJECT = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n"


def codes(folder: Path, *inputs: str) -> list[str]:
    sink = Sink()
    read(inputs, sink, cwd=folder)
    return [found.code for found in sink.diagnostics()]


NO_MANIFESTS = {
    "values.yaml": b"image:\n  tag: '1'\nextra: |\n  apiVersion: v1\n",
    "ci.yml": b"job:\n  script: !reference [other, script]\n",
    "twice.yaml": b"a: 1\na: 2\n",
    "list.yaml": b"- name: one\n",
    "Chart.yaml": b"apiVersion: v2\nname: web\nversion: 1.0.0\n",
    "drone.yml": b"kind: pipeline\nname: build\n",
    "broken.yaml": b"a: {{ one }}: b\n",
    "settings.json": b'{"a": 1, // why\n}',
    "latin.yaml": b"name: caf\xe9\n",
    "zero.yaml": b"a: \x00\n",
}


@pytest.mark.parametrize("file", NO_MANIFESTS)
def test_a_file_that_a_folder_leads_to_may_be_no_manifest(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_bytes(NO_MANIFESTS[file])
    (tmp_path / "web.yaml").write_text(OBJECT, encoding="utf-8")
    assert codes(tmp_path, ".") == ["ING025"]
    assert codes(tmp_path, "*") == ["ING025"]


@pytest.mark.parametrize(
    "file", sorted(set(NO_MANIFESTS) - {"values.yaml", "Chart.yaml", "drone.yml"})
)
def test_a_file_that_is_named_has_to_be_one(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_bytes(NO_MANIFESTS[file])
    assert "ING025" not in codes(tmp_path, ".", file)
    assert "ING025" not in codes(tmp_path, file)
    assert codes(tmp_path, file)


def test_the_files_are_told_in_one_note(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yaml"):
        (tmp_path / name).write_text("a: 1\n", encoding="utf-8")
    (tmp_path / "web.yaml").write_text(OBJECT, encoding="utf-8")
    sink = Sink()
    read(["."], sink, cwd=tmp_path)
    (found,) = sink.diagnostics()
    assert found.message == "passed over files without a Kubernetes object: a.yaml, b.yaml"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("apiVersion: v1\nkind: Service\nmetadata: {name: {{ name }}}\n", "ING013"),
        ("- apiVersion: v1\n  kind: Service\n", "ING017"),
        ('{"kind": "Service", "apiVersion": "v1",}\n', "ING002"),
        ("a: 1\n---\n" + OBJECT + "x: !y z\n", "ING011"),
    ],
)
def test_what_looks_like_a_manifest_keeps_its_faults(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / ("a.json" if text[0] == "{" else "a.yaml")).write_text(text, encoding="utf-8")
    assert codes(tmp_path, ".") == [code]


def test_a_folder_without_any_manifest_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("a: 1\n", encoding="utf-8")
    assert codes(tmp_path, ".") == ["ING020", "ING025"]


@pytest.mark.parametrize(
    "text",
    [
        "resources: [web.yaml]\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [web.yaml]\n",
    ],
)
def test_a_kustomization_says_what_builds_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "my app").mkdir()
    (tmp_path / "my app/kustomization.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "my app/web.yaml").write_text(OBJECT, encoding="utf-8")
    sink = Sink()
    assert len(read(["my app"], sink, cwd=tmp_path).documents) == 1
    (found,) = sink.diagnostics()
    assert found.code == "ING026"
    assert found.help.endswith("kustomize build 'my app' | ingc compile -")
    assert codes(tmp_path, "my app/kustomization.yaml") == ["ING020", "ING026"]


def test_flux_has_kustomizations_of_its_own(tmp_path: Path) -> None:
    text = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a}\n"
    (tmp_path / "kustomization.yaml").write_text(text, encoding="utf-8")
    assert codes(tmp_path, ".") == []


@pytest.mark.parametrize(
    ("content", "tool"),
    [
        (b"\0GITCRYPT\0\x12\xfe\x00", "git-crypt"),
        (
            b"apiVersion: ENC[AES256_GCM,data:x]\nkind: ENC[AES256_GCM,data:y]\nsops: {mac: z}\n",
            "sops",
        ),
        (b'{"data": "ENC[AES256_GCM,data:x]", "sops": {"mac": "z"}}', "sops"),
    ],
)
def test_an_encrypted_file_is_said_to_be_one(tmp_path: Path, content: bytes, tool: str) -> None:
    (tmp_path / "secret.yaml").write_bytes(content)
    (tmp_path / "web.yaml").write_text(OBJECT, encoding="utf-8")
    sink = Sink()
    assert len(read(["."], sink, cwd=tmp_path).documents) == 1
    (found,) = sink.diagnostics()
    assert (found.code, found.message) == (
        "ING027",
        f"secret.yaml is encrypted by {tool}, so it is passed over",
    )
    assert codes(tmp_path, "secret.yaml") == ["ING020", "ING027"]
