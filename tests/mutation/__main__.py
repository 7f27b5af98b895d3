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
from collections.abc import Iterator, Sequence
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
        return not self.caught and not self.mutant.argued

    @property
    def caught(self) -> bool:
        """True where who should notice did: the proof, or whoever is first."""
        by_proof = _CODE.match(self.caught_by) is not None
        return by_proof if self.mutant.proof else bool(self.caught_by)


def main() -> int:
    """Run the mutants that the arguments name, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("words", nargs="*", help="only mutants whose rule holds one of these")
    parser.add_argument("--jobs", type=int, default=min(4, os.cpu_count() or 1))
    parser.add_argument("--unchecked", action="store_true", help="take the tests to pass as it is")
    given = parser.parse_args()
    chosen = [
        item for item in mutants() if not given.words or any(w in item.rule for w in given.words)
    ]
    begun = time.monotonic()
    with contextlib.ExitStack() as stack:
        trees: queue.SimpleQueue[Path] = queue.SimpleQueue()
        for _ in range(given.jobs):
            trees.put(stack.enter_context(_copy()))
        if not given.unchecked and not _pass_without_mutants(chosen, trees):
            return 2
        with ThreadPoolExecutor(given.jobs) as pool:
            verdicts = list(pool.map(lambda item: _try(item, trees), chosen))
    survived = [verdict for verdict in verdicts if not verdict.caught]
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
    cases = sorted({name for mutant in chosen for name in mutant.goldens})
    tests = sorted({name for mutant in chosen for name in mutant.tests})
    noticed = _by_goldens(tree, cases) or _by_tests(tree, tests)
    trees.put(tree)
    if noticed:
        print(f"without any mutant: {noticed}")
    return not noticed


def _try(mutant: Mutant, trees: queue.SimpleQueue[Path]) -> Verdict:
    tree = trees.get()
    path = tree / mutant.file
    before = path.read_text(encoding="utf-8")
    begun = time.monotonic()
    try:
        _write(path, mutant.apply(before))
        caught_by = _by_goldens(tree, mutant.goldens) or _by_tests(tree, mutant.tests)
    finally:
        _write(path, before)
        trees.put(tree)
    verdict = Verdict(mutant, caught_by, time.monotonic() - begun)
    said = caught_by or (f"argued: {mutant.argued}" if mutant.argued else "SURVIVED")
    if mutant.proof and not verdict.caught:
        said = f"SURVIVED the proof: {said}"
    print(f"{mutant.rule} ({mutant.file})\n    {said}  [{verdict.seconds:.0f} s]", flush=True)
    return verdict


def _write(path: Path, text: str) -> None:
    """Write a module, and drop what Python has kept of it: it goes by seconds and sizes."""
    path.write_text(text, encoding="utf-8")
    for kept in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
        kept.unlink()


def _by_goldens(tree: Path, cases: Sequence[str]) -> str:
    """Return what the proof of the cases' routing, or else their folders, say of a mutant."""
    if not cases:
        return ""
    done = _python(tree, "tests.mutation.noticing", *cases)
    if done.returncode:
        raise RuntimeError(f"the goldens could not be compiled:\n{done.stderr[-2000:]}")
    return done.stdout.strip()


def _by_tests(tree: Path, tests: Sequence[str]) -> str:
    """Return the first test that fails, and the code of the proof if that is why."""
    if not tests:
        return ""
    done = _python(tree, "pytest", *_OPTIONS, *tests)
    if done.returncode == 0:
        return ""
    if done.returncode != 1:
        raise RuntimeError(f"pytest could not run:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    failed = _FAILED.search(done.stdout)
    code = _CODE.search(done.stdout)
    name = failed.group(1) if failed else "a test"
    return f"{name} ({code.group()})" if code else name


def _python(tree: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
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


if __name__ == "__main__":
    sys.exit(main())
