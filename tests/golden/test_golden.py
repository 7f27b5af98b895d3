"""Every golden case gives what its folder shows, and real nginx agrees with its probes.

`pytest tests/golden --snapshot-update` rewrites them; read each changed file then.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from ingc.nginx import Nginx, free_port
from ingc.serve.client import send
from ingc.serve.session import Session
from ingc.target import format_version
from tests.golden.case import (
    MOST_CONF_LINES,
    MOST_INPUT_LINES,
    OUTPUTS,
    ROOT,
    Case,
    all_cases,
    index,
    match_of,
)

CASES = all_cases()
CASE = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
# syrupy can't relate a folder of the case to the test that writes it, and says so on each write.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


class _BesideInput(SingleFileSnapshotExtension):
    """Snapshots as plain files in the folder of the case."""

    write_mode = WriteMode.TEXT
    folder = ROOT
    file = ""

    @classmethod
    def dirname(cls, *, test_location: object) -> str:
        return str(cls.folder)

    @classmethod
    def get_snapshot_name(cls, *, test_location: object, index: object = 0) -> str:
        return cls.file

    @classmethod
    def get_location(cls, *, test_location: object, index: object = 0) -> str:
        return str(Path(cls.folder) / cls.file)


@CASE
def test_case_gives_what_its_folder_shows(
    case: Case, snapshot: SnapshotAssertion, request: pytest.FixtureRequest
) -> None:
    outputs = case.outputs()
    for name in OUTPUTS:
        path = case.folder / name
        if name in outputs:
            extension = type("_Here", (_BesideInput,), {"folder": case.folder, "file": name})
            assert outputs[name] == snapshot(extension_class=extension)
        elif request.config.getoption("--snapshot-update", default=False):
            path.unlink(missing_ok=True)
        else:
            assert not path.exists(), f"{path} is not an output any more"


@CASE
def test_case_is_small_and_says_why(case: Case) -> None:
    about = case.about
    assert about["why"].endswith(".")
    assert set(about) <= {"why", "law", "long", "frame", "options", "on_error", "probes"}
    if "long" not in about:
        for name, most in (("input.yaml", MOST_INPUT_LINES), ("nginx.conf", MOST_CONF_LINES)):
            path = case.folder / name
            if path.exists() and not about.get("frame"):
                assert len(path.read_text(encoding="utf-8").splitlines()) <= most, path


def test_no_folder_holds_anything_else() -> None:
    known = {"case.toml", "input.yaml", *OUTPUTS}
    strays = [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and path.name not in known and path != ROOT / "README.md"
    ]
    assert not strays
    lone = [path for path in ROOT.rglob("input.yaml") if not (path.parent / "case.toml").exists()]
    assert not lone


def test_the_index_is_fresh(request: pytest.FixtureRequest) -> None:
    page = ROOT / "README.md"
    if request.config.getoption("--snapshot-update", default=False):
        page.write_text(index(), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == index()


PROBED = [case for case in CASES if case.probes]


@pytest.mark.parametrize("case", PROBED, ids=[case.name for case in PROBED])
def test_real_nginx_agrees_with_the_probes(case: Case, nginx: Nginx) -> None:
    with Session(nginx, echo=True) as session:
        ports = {"http": free_port(), "https": free_port()}
        options = dataclasses.replace(
            case.options,
            listen_address=("127.0.0.1",),
            http_port=ports["http"],
            https_port=ports["https"],
            nginx_version=format_version(nginx.version),
            echo=True,
            echo_socket=session.echo_socket,
        )
        config = case.compile(options).ir
        assert config is not None
        session.serve(config)
        for probe in case.probes:
            expected = match_of(case.result, probe)
            if expected.status is None and expected.upstream is None:
                continue
            answer = send(probe.url, ports[probe.url.scheme], method=probe.method)
            if expected.upstream is None:
                assert answer.status == expected.status, probe.text
                assert answer.header("Location") == expected.redirect, probe.text
                continue
            told = json.loads(answer.body)
            assert expected.route is not None
            assert told["rule"] == expected.route.origin.field, probe.text
            assert told["ingress"] == expected.route.origin.ingress, probe.text
