"""A YAML file that is read in shares gives what it gives in one piece: values, places, findings."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingc.diagnostics import Sink
from ingc.load import Loaded, read, yaml_shares, yaml_text
from ingc.load.aliases import AliasBudget
from ingc.load.objects import Objects
from ingc.load.text import FileText
from ingc.load.yaml_shares import read_shares
from tests.golden.case import all_cases
from tests.strategies import deep

DOCUMENTS = (
    "a: 1\nb: [x, {y: 2}]\n",
    "kind: Service\nmetadata:\n  name: web\nspec: {ports: [{port: 80}]}\n",
    "kind: List\nitems:\n- a: 1\n- b: {c: yes}\n",
    "kind: List\nitems: []\n",
    "text: |\n  --- no marker\n  more\nnext: 0x10\n",
    "text: >-\n  folded\n\n  lines\n",
    "base: &b {x: 1}\nuse: *b\nlist: [*b, *b]\n",
    "base: &b {x: 1}\nuse:\n  <<: *b\n  y: 2\n",
    "quoted: \"a\\\n  b\"\nsingle: 'it''s'\n",
    "# a comment alone\n",
    "",
    "~\n",
    "ü: é\n'1': 1.0\n",
    "a: 1\r\nb:\r\n  - c\r\n",
    "a: ---\n",
    "- not an object\n",
)
"""With nothing to report, but for the last."""
FAULTY = (
    "a: 1\na: 2\n",
    "a: b: c\n",
    "a: *none\n",
    "a: [1,\n",
    'a: "open\n',
    "\ta: 1\n",
    "a: !custom x\n",
    "? [a]\n: 1\n",
    "a: \x07\n",
    "...\n%TAG ! tag:example.com,2000:\n",
    "...\n%YAML 1.1\n",
    "u: &u {a: 1}\nv:\n  b: 1\n  b: 2\n",
)
MARKERS = (
    "---\n",
    "--- \n",
    "---\r\n",
    "...\n---\n",
    "--- # comment\n",
    "\n\n---\n",
    "---",
    "--- ",
)


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    for key, inner in enumerate(value) if isinstance(value, list) else pairs:
        yield from _paths(inner, (*path, key))


def _outcome(objects: Objects, budget: AliasBudget) -> list[object]:
    """Return all that is to be equal; ``repr`` tells ``1`` from ``True``."""
    found: list[object] = [repr(objects.sink.diagnostics()), objects.empty, budget.left]
    for diagnostic in objects.sink.diagnostics():
        found.append((diagnostic.code, diagnostic.message, diagnostic.span))
    for document in objects.documents:
        assert document.source is not None
        found.append(repr(document.value))
        for path in _paths(document.value):
            found += [document.source.span(path), document.source.span(path, key=True)]
    found[0] = len(objects.documents)
    return found


def _whole(text: str) -> list[object]:
    objects, budget = Objects(), AliasBudget()
    file = FileText("a.yaml", text)
    if not yaml_text.parse(file, objects.sink, objects.take, budget, lambda _: None):
        objects.documents.clear()
    return _outcome(objects, budget)


def _shared(text: str, size: int = 1) -> list[object] | None:
    """Read in the smallest shares; ``None`` where the file is to be read in one piece."""
    objects, budget = Objects(), AliasBudget()
    read = read_shares(text, budget, size)
    if read is None:
        assert budget.left == AliasBudget().left
        return None
    file = FileText("a.yaml", text)
    yaml_text.take_read(file, objects.sink, objects.take, lambda _: None, read)
    return _outcome(objects, budget)


def test_the_corpus_of_goldens_is_read_alike() -> None:
    counts: Counter[bool] = Counter()
    for case in all_cases():
        text = (case.folder / "input.yaml").read_text(encoding="utf-8")
        shared = _shared(text)
        counts[shared is not None] += 1
        assert shared is None or shared == _whole(text), case.name
    assert counts[True] > 200


@settings(max_examples=8000 if deep() else 400)
@given(
    st.lists(st.tuples(st.sampled_from(MARKERS), st.sampled_from(DOCUMENTS + FAULTY)), max_size=6)
)
def test_generated_files_are_read_alike(parts: list[tuple[str, str]]) -> None:
    text = "".join(marker + document for marker, document in parts)
    shared = _shared(text)
    assert shared is None or shared == _whole(text)


@pytest.mark.parametrize("document", DOCUMENTS)
@pytest.mark.parametrize("marker", MARKERS[:-2])
def test_good_documents_are_shared(document: str, marker: str) -> None:
    # The first is never empty: behind nothing "..." ends no document, which is an error.
    text = f"x: 1\n{marker}{document}---\n{document}"
    shared = _shared(text)
    assert shared is not None
    assert shared == _whole(text)


@pytest.mark.parametrize("document", FAULTY)
def test_a_file_with_a_finding_is_read_in_one_piece(document: str) -> None:
    assert _shared(f"---\na: 1\n---\n{document}---\nb: 2\n") is None


def test_what_only_the_objects_find_is_found_in_shares_too() -> None:
    text = "---\n- a\n" * 150
    shared = _shared(text)
    assert shared is not None
    assert shared == _whole(text)


def test_aliases_of_all_shares_together_have_one_budget() -> None:
    text = ("---\na: &a [1, 2, 3]\nb: *a\n") * 3
    budget = AliasBudget(10)
    assert read_shares(text, budget, 1) is None
    assert budget.left == 10
    budget = AliasBudget(12)
    assert read_shares(text, budget, 1) is not None
    assert budget.left == 0


def _read(text: str, processes: int) -> tuple[Loaded, Sink]:
    sink = Sink()
    return read(["-"], sink, stdin=io.BytesIO(text.encode()), processes=processes), sink


def test_real_processes_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_shares, "LARGE", 1000)
    monkeypatch.setattr(yaml_shares, "_SHARE", 1000)
    good = [item for item in DOCUMENTS if item.startswith(("kind", "base"))]
    for text in ("---\n".join(good * 40), "---\n".join([*good * 40, "a: 1\na: 2\n"])):
        (one, found), (two, found_by_two) = _read(text, 1), _read(text, 2)
        assert [repr(item.value) for item in one.documents] == [
            repr(item.value) for item in two.documents
        ]
        for first, second in zip(one.documents, two.documents, strict=True):
            assert first.source is not None
            assert second.source is not None
            for path in _paths(first.value):
                assert first.source.span(path) == second.source.span(path)
        codes = [(item.code, item.span) for item in found.diagnostics()]
        assert codes == [(item.code, item.span) for item in found_by_two.diagnostics()]


@pytest.mark.parametrize(
    ("cores", "limit", "expected"),
    [
        (2, None, 1),
        (4, None, 4),
        (64, None, 8),
        (64, "max 100000", 8),
        (64, "50000 100000", 1),
        (64, "500000 100000", 5),
        (4, "800000 100000", 4),
        (8, "nonsense", 8),
    ],
)
def test_as_many_processes_as_a_container_may_use(
    cores: int, limit: str | None, expected: int, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "cpu.max"
    if limit is not None:
        file.write_text(f"{limit}\n", encoding="ascii")
    monkeypatch.setattr(yaml_shares, "_CPU_MAX", file)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(cores)), raising=False)
    assert yaml_shares.processors() == expected


def test_the_library_starts_no_process_unless_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(yaml_shares, "LARGE", 1)

    def refuse(*_: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(yaml_shares, "_in_processes", refuse)
    file = tmp_path / "a.yaml"
    file.write_text("---\na: 1\n" * 5, encoding="utf-8")
    read([str(file)], Sink())
    with pytest.raises(AssertionError, match="a process"):
        read([str(file)], Sink(), processes=2)


def test_where_no_process_can_be_started_the_file_is_read_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import concurrent.futures

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no semaphores here")

    monkeypatch.setattr(yaml_shares, "LARGE", 1)
    monkeypatch.setattr(concurrent.futures, "ProcessPoolExecutor", refuse)
    loaded, _ = _read("---\nkind: A\n" * 5, 2)
    assert len(loaded.documents) == 5
