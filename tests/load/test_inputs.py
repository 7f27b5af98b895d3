"""Files, folders, patterns and standard input."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ingc.diagnostics import Severity, Sink
from ingc.load import Loaded, Unreadable, read
from tests.load.reading import Finding, finding


def write(folder: Path, *names: str) -> None:
    """Write files with one object each, which has the file's path in it."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = f'{{"apiVersion": "v1", "kind": "Any", "from": "{name}"}}'
        path.write_text(text, encoding="utf-8")


def names(loaded: Loaded) -> list[str]:
    return [document.value["from"] for document in loaded.documents]


def load(folder: Path, *inputs: str, stdin: bytes = b"") -> tuple[Loaded, list[Finding]]:
    sink = Sink()
    loaded = read(inputs, sink, cwd=folder, stdin=io.BytesIO(stdin))
    return loaded, [finding(diagnostic) for diagnostic in sink.diagnostics()]


def test_files_are_read_in_the_order_given(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", "a.yml", "c.json", "d.txt")
    loaded, findings = load(tmp_path, "b.yaml", "a.yml", "d.txt", "c.json")
    assert findings == []
    assert names(loaded) == ["b.yaml", "a.yml", "d.txt", "c.json"]
    assert loaded.files == tuple(tmp_path / name for name in names(loaded))
    sources = [document.source for document in loaded.documents]
    assert [source.file for source in sources if source] == names(loaded)


def test_a_folder_is_searched_for_manifests_in_order(tmp_path: Path) -> None:
    found = ["in/a/z.yml", "in/b.yaml", "in/c/b.yaml", "in/c.json", "in/d.yaml"]
    write(tmp_path, *found, "in/x.txt", "in/.hidden.yaml", "in/.git/x.yaml", "in/y.yaml.bak")
    for name in ("in", "./in/", str(tmp_path / "in")):
        loaded, findings = load(tmp_path, name)
        assert findings == []
        assert names(loaded) == found
        assert loaded.folders == tuple(tmp_path / name for name in ("in", "in/a", "in/c"))
    source = load(tmp_path, "in")[0].documents[0].source
    assert source
    assert source.file == "in/a/z.yml"


def test_the_same_file_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "in/a.yaml", "in/b.yaml")
    (tmp_path / "link.yaml").symlink_to("in/b.yaml")
    loaded, findings = load(tmp_path, "link.yaml", "in/b.yaml", "in", "in/../in", "in/*.yaml")
    assert findings == []
    assert names(loaded) == ["in/b.yaml", "in/a.yaml"]


def test_links_to_folders_are_followed_but_not_for_ever(tmp_path: Path) -> None:
    write(tmp_path, "in/a.yaml", "out/b.yaml")
    (tmp_path / "in/up").symlink_to("..")
    (tmp_path / "in/self").symlink_to(".")
    (tmp_path / "in/self2").symlink_to(".")
    (tmp_path / "in/out").symlink_to("../out")
    assert sorted(names(load(tmp_path, "in")[0])) == ["in/a.yaml", "out/b.yaml"]
    assert sorted(names(load(tmp_path, "in/**")[0])) == ["in/a.yaml", "out/b.yaml"]


def test_hidden_files_are_read_if_they_are_named(tmp_path: Path) -> None:
    write(tmp_path, ".a.yaml", ".b/c.yaml")
    assert names(load(tmp_path, ".a.yaml", ".b")[0]) == [".a.yaml", ".b/c.yaml"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.yaml", ["b.yaml", "c.yaml"]),
        ("[bc].yaml", ["b.yaml", "c.yaml"]),
        ("?.yaml", ["b.yaml", "c.yaml"]),
        ("x/*/*.yaml", ["x/p/d.yaml", "x/q/e.yaml"]),
        ("**/*.yaml", ["b.yaml", "c.yaml", "x/p/d.yaml", "x/q/e.yaml"]),
        ("x/**", ["x/f.json", "x/p/d.yaml", "x/q/e.yaml"]),
        ("x/**/e.yaml", ["x/q/e.yaml"]),
        ("x/*", ["x/f.json", "x/p/d.yaml", "x/q/e.yaml"]),
        ("*", ["b.yaml", "c.yaml", "x/f.json", "x/p/d.yaml", "x/q/e.yaml"]),
        ("*.txt", ["t.txt"]),
        (".h*.yaml", []),
    ],
)
def test_patterns(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    write(tmp_path, "b.yaml", "c.yaml", "x/p/d.yaml", "x/q/e.yaml", "x/f.json", "x/n.md", "t.txt")
    write(tmp_path, ".h.yaml", "x/.h/h.yaml")
    for given in (pattern, str(tmp_path / pattern)):
        if expected:
            assert names(load(tmp_path, given)[0]) == expected
        else:
            with pytest.raises(Unreadable):
                load(tmp_path, given)


def test_a_file_whose_name_looks_like_a_pattern(tmp_path: Path) -> None:
    write(tmp_path, "[a].yaml", "a.yaml")
    assert names(load(tmp_path, "[a].yaml")[0]) == ["[a].yaml"]


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    loaded, findings = load(tmp_path, "a.yaml", "-", "-", stdin=b"from: in\n---\nfrom: '=\n")
    assert names(loaded) == ["a.yaml", "in"]
    assert [f.code for f in findings] == ["ING001"]
    assert loaded.documents[1].source
    assert loaded.documents[1].source.file == "<stdin>"
    assert loaded.files == (tmp_path / "a.yaml",)


def test_a_pipe_can_be_read(tmp_path: Path) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"from: pipe\n")
    os.close(write_end)
    try:
        assert names(load(tmp_path, f"/dev/fd/{read_end}")[0]) == ["pipe"]
    finally:
        os.close(read_end)


def test_all_that_is_unreadable_is_said_at_once(tmp_path: Path) -> None:
    write(tmp_path, "good.yaml", "in/good.yaml")
    (tmp_path / "in/dangling.yaml").symlink_to("nowhere")
    with pytest.raises(Unreadable) as raised:
        load(tmp_path, "missing.yaml", "good.yaml", "in", "no/*.yaml", "good.yaml/x", "")
    assert sorted(raised.value.problems) == [
        ("", "an input has an empty name"),
        ("good.yaml/x", "not a directory"),
        ("in/dangling.yaml", "no such file or directory"),
        ("missing.yaml", "no such file or directory"),
        ("no/*.yaml", "no file matches this pattern"),
    ]
    assert "missing.yaml: no such file or directory" in str(raised.value)


STRANGE = ["a\0b", "x" * 5000, "a/" * 5000, "**/" * 20 + "x[", "[", "\ud800", "*\ud800", "*\0"]


@pytest.mark.parametrize("name", STRANGE)
def test_strange_names_are_unreadable_and_nothing_worse(tmp_path: Path, name: str) -> None:
    with pytest.raises(Unreadable):
        load(tmp_path, name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_unreadable(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "in/b.yaml")
    (tmp_path / "a.yaml").chmod(0)
    (tmp_path / "in").chmod(0)
    with pytest.raises(Unreadable) as raised:
        load(tmp_path, "a.yaml", "in")
    assert [reason for _, reason in raised.value.problems] == ["permission denied"] * 2


def test_special_files_in_a_folder_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml")
    os.mkfifo(tmp_path / "b.yaml")
    assert names(load(tmp_path, ".")[0]) == ["a.yaml"]


def test_inputs_without_objects_are_errors(tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_bytes(b"")
    (tmp_path / "comment.yaml").write_bytes(b"# nothing\n---\n")
    (tmp_path / "empty.json").write_bytes(b" \n")
    (tmp_path / "folder").mkdir()
    sink = Sink()
    inputs = ["empty.yaml", "comment.yaml", "empty.json", "folder", "-"]
    read(inputs, sink, cwd=tmp_path, stdin=io.BytesIO())
    found = sink.diagnostics()
    assert {diagnostic.code for diagnostic in found} == {"ING020"}
    assert sorted(str(diagnostic.file) for diagnostic in found) == sorted([*inputs[:4], "<stdin>"])
    assert found[0].message == '"<stdin>" holds no Kubernetes object'


def test_an_empty_file_among_others_is_a_note(tmp_path: Path) -> None:
    write(tmp_path, "in/a.yaml")
    (tmp_path / "in/empty.yaml").write_bytes(b"")
    sink = Sink()
    read(["in"], sink, cwd=tmp_path)
    (found,) = sink.diagnostics()
    assert (found.code, found.severity, found.file) == ("ING021", Severity.NOTE, "in/empty.yaml")
    assert found.span is None
    assert [f.code for f in load(tmp_path, "in", "in/empty.yaml")[1]] == ["ING020"]


def test_a_folder_of_empty_files_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"")
    (tmp_path / "b.yaml").write_bytes(b"")
    assert [f.code for f in load(tmp_path, ".")[1]] == ["ING020"]


def test_a_list_without_entries_is_not_nothing(tmp_path: Path) -> None:
    assert load(tmp_path, "-", stdin=b'{"kind": "List", "items": []}')[1] == []


def test_a_file_with_faults_is_not_said_to_be_empty(tmp_path: Path) -> None:
    for content in (b"- a\n", b"\xff", b"a: '"):
        (tmp_path / "a.yaml").write_bytes(content)
        assert len(load(tmp_path, "a.yaml")[1]) == 1


ENCODINGS = [
    ("utf-16", "ING003", "UTF-16"),
    ("utf-16-le", "ING003", "UTF-16"),
    ("utf-16-be", "ING003", "UTF-16"),
    ("utf-32", "ING003", "UTF-32"),
]


@pytest.mark.parametrize(("encoding", "code", "shown"), ENCODINGS)
@pytest.mark.parametrize("file", ["a.yaml", "a.json"])
def test_other_encodings(tmp_path: Path, encoding: str, code: str, shown: str, file: str) -> None:
    (tmp_path / file).write_bytes('{"a": "é"}'.encode(encoding))
    sink = Sink()
    assert read([file], sink, cwd=tmp_path).documents == ()
    (found,) = sink.diagnostics()
    assert found.code == code
    assert shown in found.message


def test_utf_8_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("from: é\n", encoding="utf-8-sig")
    loaded, findings = load(tmp_path, "a.yaml")
    assert names(loaded) == ["é"]
    assert findings == []
    assert loaded.documents[0].source
    span = loaded.documents[0].source.span(("from",))
    assert span and (span.line, span.column, span.text) == (1, 7, "from: é")


def test_bytes_that_are_not_utf_8(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"a: 1\nb: \xc3\xa9 \xe9t\xe9 c\n")
    loaded, findings = load(tmp_path, "a.yaml")
    assert loaded.documents == ()
    assert findings == [("ING004", 2, 6, "\ufffd")]


def test_more_than_allowed_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, "a.yaml", "b.yaml")
    size = (tmp_path / "a.yaml").stat().st_size
    sink = Sink()
    assert len(read(["."], sink, cwd=tmp_path, max_input=2 * size).documents) == 2
    assert sink.diagnostics() == ()
    read(["."], sink, cwd=tmp_path, max_input=2 * size - 1)
    (found,) = sink.diagnostics()
    assert (found.code, found.file) == ("ING022", "b.yaml")
    assert found.message == f"the input is larger than {2 * size - 1} bytes"


def test_more_than_allowed_is_not_read_from_standard_input_either(tmp_path: Path) -> None:
    sink = Sink()
    with Path("/dev/zero").open("rb") as endless:
        read(["-"], sink, cwd=tmp_path, max_input=1 << 20, stdin=endless)
    (found,) = sink.diagnostics()
    assert (found.code, found.message) == ("ING022", "the input is larger than 1 MiB")
    assert found.file == "<stdin>"


def test_progress_goes_up_to_the_whole(tmp_path: Path) -> None:
    text = "".join(f"a: {'x' * 1000}\n---\n" for _ in range(1000))
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "b.json").write_text('{"a": 1}', encoding="utf-8")
    told: list[tuple[int, int]] = []
    read(["."], Sink(), cwd=tmp_path, progress=lambda done, total: told.append((done, total)))
    size = len(text) + len('{"a": 1}')
    assert told == sorted(told)
    assert {total for _, total in told} == {size}
    assert told[-1] == (size, size)
    assert 3 <= len(told) <= 20


def test_the_order_of_names_does_not_depend_on_the_locale(tmp_path: Path) -> None:
    write(tmp_path, *(f"{name}.yaml" for name in ("a", "B", "ä", "_", "1")))
    assert names(load(tmp_path, ".")[0]) == [f"{name}.yaml" for name in ("1", "B", "_", "a", "ä")]


def test_importing_the_stage_loads_no_reader() -> None:
    code = "import sys, ingc.load; assert 'yaml' not in sys.modules, sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_that_is_not_utf_8_can_be_shown(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_bytes(b"- apiVersion: v1\n")
    sink = Sink()
    read(["."], sink, cwd=tmp_path)
    assert [found.file for found in sink.diagnostics()] == ["\\udcff.yaml"]
