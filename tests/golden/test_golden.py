"""Every golden case gives what its folder shows.

`pytest tests/golden --snapshot-update` rewrites them; read each changed file then.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.golden.case import KEYS, MOST_LINES, OUTPUTS, ROOT, Case, all_cases
from tests.golden.index import AREAS, index

CASES = all_cases()
CASE = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
# syrupy can't relate a folder of the case to the test that writes it, and says so on each write.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


class _BesideInput(SingleFileSnapshotExtension):
    """Snapshots as plain files in the folder of the case."""

    _write_mode = WriteMode.TEXT
    folder = ROOT
    file = ""

    @classmethod
    def dirname(cls, **_: object) -> str:
        return str(cls.folder)

    @classmethod
    def get_snapshot_name(cls, **_: object) -> str:
        return cls.file

    @classmethod
    def get_location(cls, **_: object) -> str:
        return str(Path(cls.folder) / cls.file)


@pytest.fixture
def updating(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--snapshot-update", default=False))


@CASE
def test_case_gives_what_its_folder_shows(
    case: Case, snapshot: SnapshotAssertion, updating: bool
) -> None:
    outputs = case.outputs()
    for name in OUTPUTS:
        path = case.folder / name
        if name in outputs:
            extension = type("_Here", (_BesideInput,), {"folder": case.folder, "file": name})
            assert outputs[name] == snapshot(extension_class=extension)
        elif updating:
            path.unlink(missing_ok=True)
        else:
            assert not path.exists(), f"{path} is not an output any more"


@CASE
def test_case_is_small_and_says_why(case: Case) -> None:
    about = case.about
    assert about.keys() <= KEYS
    assert about["why"].endswith(".")
    assert about["law"]
    assert case.area in AREAS
    sizes = {
        name: len(path.read_text(encoding="utf-8").splitlines())
        for name in MOST_LINES
        if (path := case.folder / name).exists()
    }
    long = [name for name, size in sizes.items() if size > MOST_LINES[name]]
    if about.get("frame"):
        assert "long" not in about, "the frame is long by nature"
    else:
        assert bool(long) == ("long" in about), f"lines: {sizes}"


def test_no_folder_holds_anything_else() -> None:
    known = {"case.toml", "input.yaml", *OUTPUTS}
    strays = [
        path
        for path in ROOT.rglob("*")
        if path.is_file() and path.name not in known and path != ROOT / "README.md"
    ]
    assert not strays
    folders = {path.parent for path in ROOT.rglob("*/*/*") if path.is_file()}
    assert folders == {case.folder for case in CASES}


def test_the_index_is_fresh(updating: bool) -> None:
    page = ROOT / "README.md"
    if updating:
        page.write_text(index(CASES), encoding="utf-8")
    assert page.read_text(encoding="utf-8") == index(CASES)
