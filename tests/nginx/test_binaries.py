"""What is at hand, without any network."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nginx.binaries import CannotLay, _write_wrapper, available
from tests.nginx.conftest import versions


def test_finds_what_was_laid(tmp_path: Path) -> None:
    before = available(tmp_path)
    for suite, version in (("trixie", "1.26.9"), ("sid", "1.99.0"), ("bookworm", "broken")):
        (tmp_path / suite).mkdir()
        wrapper = tmp_path / suite / "nginx"
        wrapper.write_text(f"#!/bin/sh\necho nginx version: nginx/{version}\n")
        wrapper.chmod(0o755)
    found = available(tmp_path)
    assert {v: p for v, p in found.items() if v not in before} == {
        "1.26.9": tmp_path / "trixie" / "nginx",
        "1.99.0": tmp_path / "sid" / "nginx",
    }
    assert list(found)[-1] == "1.99.0"


def test_a_folder_without_an_nginx_gets_no_wrapper(tmp_path: Path) -> None:
    with pytest.raises(CannotLay):
        _write_wrapper(tmp_path)


@pytest.mark.parametrize(
    ("wanted", "missing"),
    [
        ("", []),
        ("0", []),
        ("1", []),
        ("1.99", ["missing 1.99"]),
        ("1.9, 1.99", ["missing 1.9", "missing 1.99"]),
    ],
)
def test_what_is_required_and_missing_is_no_skip(
    wanted: str, missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    if not available():
        pytest.skip("no nginx here")
    monkeypatch.setenv("INGC_REQUIRE_NGINX", wanted)
    assert [version for version in versions() if version.startswith("missing")] == missing
