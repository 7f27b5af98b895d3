"""``python -m tests.mutation``: break each rule in turn, and see what catches it.

The rules are broken in copies of the tree, never in place. Exit code 1: a mutant survived that is
not argued; 2: the tests fail without any mutant.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutation.mutants import ROOT, Mutant, mutants

COPIED = ("ingc", "grammar", "templates", "golden", "tests", "docs", "examples", "pyproject.toml")
SECONDS = 600
"""For the tests of one mutant."""
_OPTIONS = ("-x", "-q", "--tb=short", "-p", "no:cacheprovider")
_FAILED = re.compile(r"^(?:FAILED|ERROR) (\S.*?)(?: - (.*))?$", re.MULTILINE)
_CODE = re.compile(r"ING9\d\d")


@dataclass(frozen=True)
class Verdict:
    """What became of a mutant."""

    mutant: Mutant
    caught_by: str
    """Empty: it survived."""
    seconds: float

    @property
    def bad(self) -> bool:
        """True where nothing excuses it."""
        return not self.caught_by and not self.mutant.argued


def main() -> int:
    """Run the mutants that the arguments name, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose rule holds one of these")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    given = parser.parse_args()
    chosen = [
        item for item in mutants() if not given.words or any(w in item.rule for w in given.words)
    ]
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for _ in range(given.jobs):
            trees.put(stack.enter_context(_copy()))
        if not _pass_without_mutants(chosen, trees):
            return 2
        with ThreadPoolExecutor(given.jobs) as pool:
            verdicts = list(pool.map(lambda item: _try(item, trees), chosen))
    survived = [verdict for verdict in verdicts if not verdict.caught_by]
    bad = [verdict for verdict in verdicts if verdict.bad]
    caught = len(verdicts) - len(survived)
    print(
        f"\n{len(verdicts)} mutants: {caught} caught, {len(survived) - len(bad)} argued, "
        f"{len(bad)} survived; {time.monotonic() - begun:.0f} s"
    )
    return 1 if bad else 0


@contextlib.contextmanager
def _copy() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="ingc-mutation-") as name:
        tree = Path(name)
        for item in COPIED:
            if (ROOT / item).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", ".*")
                shutil.copytree(ROOT / item, tree / item, ignore=ignored)
            else:
                shutil.copy(ROOT / item, tree / item)
        yield tree


def _pass_without_mutants(chosen: list[Mutant], trees: queue.SimpleQueue[Path]) -> bool:
    tree = trees.get()
    done = _pytest(tree, sorted({item for mutant in chosen for item in mutant.selected}))
    trees.put(tree)
    if done.returncode != 0:
        print(done.stdout[-4000:], done.stderr[-2000:])
    return done.returncode == 0


def _try(mutant: Mutant, trees: queue.SimpleQueue[Path]) -> Verdict:
    tree = trees.get()
    path = tree / mutant.file
    before = path.read_text(encoding="utf-8")
    begun = time.monotonic()
    try:
        _write(path, mutant.apply(before))
        caught_by = _caught_by(_pytest(tree, mutant.selected))
    finally:
        _write(path, before)
        trees.put(tree)
    verdict = Verdict(mutant, caught_by, time.monotonic() - begun)
    said = caught_by or (f"argued: {mutant.argued}" if mutant.argued else "SURVIVED")
    print(f"{mutant.rule} ({mutant.file})\n    {said}  [{verdict.seconds:.0f} s]", flush=True)
    return verdict


def _write(path: Path, text: str) -> None:
    """Write a module, and drop what Python has kept of it: it goes by seconds and sizes."""
    path.write_text(text, encoding="utf-8")
    for kept in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        kept.unlink()


def _pytest(tree: Path, selected: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", *_OPTIONS, *selected],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tree), *_other_paths()])},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def _other_paths() -> list[str]:
    """Return what stands in PYTHONPATH beside this tree."""
    given = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    return [item for item in given if item and Path(item).resolve() != ROOT.resolve()]


def _caught_by(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode == 0:
        return ""
    if done.returncode != 1:
        raise RuntimeError(f"pytest could not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    failed = _FAILED.search(done.stdout)
    code = _CODE.search(done.stdout)
    name = failed.group(1) if failed else "a test"
    return f"{name} ({code.group()})" if code else name


if __name__ == "__main__":
    sys.exit(main())
