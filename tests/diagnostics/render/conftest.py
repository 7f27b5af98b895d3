"""What the renderers are expected to print, as files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

EXPECTED = Path(__file__).parent / "expected"


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with a file of `expected/`; `--snapshot-update` writes it instead."""

    def compare(name: str, text: str) -> None:
        file = EXPECTED / name
        if request.config.getoption("update_snapshots"):
            file.write_text(text, encoding="utf-8")
        assert text == file.read_text(encoding="utf-8")

    return compare
