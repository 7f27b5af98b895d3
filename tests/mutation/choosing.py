"""Which mutants one commit is tried with: those of the files that it changed, then some others.

Every commit has its own, so that all are tried in time, and the same commit has always the same.
"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterable, Sequence

from tests.mutation.mutants import ROOT, Mutant


def some(listed: Sequence[Mutant], most: int, commit: str, changed: Iterable[str]) -> list[Mutant]:
    """Return at most so many mutants; ``changed`` are files below the root."""
    touched = frozenset(changed)

    def place(mutant: Mutant) -> tuple[bool, str]:
        name = f"{commit} {mutant.room} {mutant.rule}"
        return mutant.file not in touched, hashlib.sha256(name.encode()).hexdigest()

    return sorted(listed, key=place)[:most]


def commit_of(name: str) -> tuple[str, tuple[str, ...]]:
    """Return a commit's id and the files that it changed.

    Without git the name is the id. A commit whose parent is not there, as in a shallow clone, has
    changed nothing that could be told from the rest.
    """
    commit = _git("rev-parse", "--verify", f"{name}^{{commit}}") or name
    if not _git("rev-parse", "--verify", f"{commit}^"):
        return commit, ()
    return commit, tuple(_git("diff", "--name-only", f"{commit}^", commit).splitlines())


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
