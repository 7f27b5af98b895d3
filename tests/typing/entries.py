"""Entries of the catalogue under strict mypy: type-checked, never run.

An unused `type: ignore` is an error there, so each of them says that mypy sees the mistake.
"""

from __future__ import annotations

from typing import assert_type

from ingc.diagnostics.catalogue.internal import NotProved, ProofFailed
from ingc.diagnostics.catalogue.reading import YamlSyntax

entry = ProofFailed(line=3, why="unlike", text="listen 80;")
assert_type(entry, ProofFailed)
assert_type(entry.line, int)
assert_type(entry.code, str)
assert_type(YamlSyntax("a tab").hint, str)

ProofFailed(line="3", why="unlike", text="listen 80;")  # type: ignore[arg-type]
ProofFailed(line=3, why="unlike")  # type: ignore[call-arg]
ProofFailed(line=3, why="unlike", text="listen 80;", host="a.test")  # type: ignore[call-arg]
NotProved("x")  # type: ignore[call-arg]
YamlSyntax(hint="x")  # type: ignore[call-arg]
entry.line = 4  # type: ignore[misc]
