"""Input made to break the reader: a clear finding in bounded time and memory, never a crash.

Each case runs in a process of its own, as a crash in C or a loop would take the tests with it.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

MEMORY = 3 << 30
SECONDS = 60
"""Each case takes a second or two; the bound is for slow machines."""

PROGRAM = f"""
import io, random, resource, sys
resource.setrlimit(resource.RLIMIT_AS, ({MEMORY}, {MEMORY}))
from ingc.diagnostics import Sink
from ingc.load import read
text = eval(sys.argv[2])
data = io.BytesIO(text if isinstance(text, bytes) else text.encode())
del text
sink = Sink()
if sys.argv[1] == "-":
    read(["-"], sink, stdin=data)
else:
    with open(sys.argv[1], "wb") as file:
        file.write(data.getbuffer())
    read([sys.argv[1]], sink)
for diagnostic in sink.diagnostics()[:3]:
    span = diagnostic.span
    print(diagnostic.code, *((span.line, span.column) if span else ()))
    assert len(diagnostic.message) < 300
    assert len(diagnostic.field or "") < 1000
"""

LAUGHS = """
"a: &a [x,x,x,x,x,x,x,x,x]\\n" + "".join(
    f"{chr(98 + i)}: &{chr(98 + i)} [{','.join(['*' + chr(97 + i)] * 9)}]\\n" for i in range(20))
"""
MERGED_LAUGHS = """
"a: &a {x: 1}\\n" + "".join(
    chr(98 + i) + ": &" + chr(98 + i) + " {"
    + ", ".join(f"k{j}: *{chr(97 + i)}" for j in range(9)) + "}\\n" for i in range(20))
"""

CASES = {
    "nested flow sequences": ("'[' * 100_000", "ING007 1 201"),
    # libyaml 0.2.6 stops at a depth of its own, 0.2.5 goes on and we count.
    "nested flow mappings": ("'{' * 50_000_000", ("ING013 1 2", "ING001 1 1001")),
    "nested flow mappings with keys": ("'{a: ' * 1_000_000", "ING007 1 801"),
    "nested dashes": ("'- ' * 1_000_000", "ING007 1 401"),
    "nested question marks": ("'? ' * 100_000", "ING013 1 3"),
    "nested indentation": ("''.join(' ' * i + 'a:\\n' for i in range(3000))", "ING007 201 201"),
    "random bytes": ("random.Random(1).randbytes(50_000_000)", "ING004 1 1"),
    "random text": (
        "''.join(map(chr, random.Random(1).choices(range(32, 127), k=1_000_000))) * 50",
        "ING001 1 1",
    ),
    "one long line": ("'a' * 50_000_000", "ING017 1 1"),
    "one long value": ("'a: ' + '9' * 50_000_000 + '\\nb: *c'", "ING008 2 4"),
    "one long quoted value": ("'a: \"' + 'x' * 50_000_000", "ING001 1 50000005"),
    "zeros": ("bytes(50_000_000)", "ING005 1 1"),
    "a zero at the end": ("b'a: b\\n' * 1_000_000 + bytes(1)", "ING005 1000001 1"),
    "billion laughs": (LAUGHS, "ING010 7 8"),
    "billion laughs in mappings": (MERGED_LAUGHS, "ING010"),
    "a long text many times": (
        "'a: &a ' + 'x' * 1_000_000 + '\\nb: [' + ','.join(['*a'] * 1_000_000) + ']'",
        "ING010 2 386",
    ),
    "a cycle": ("'a: &a {b: [*a]}'", "ING009 1 12"),
    "tag directives": ("''.join(f'%TAG !a{i}! b\\n' for i in range(500_000))", "ING001 1 1"),
    "the same key for ever": ("'a: b\\n' * 500_000", "ING006 2 1"),
    "documents that are none": ("'- a\\n---\\n' * 500_000", "ING017 1 3"),
    "documents that are given up": ("'? {a: b}\\n---\\n' * 500_000", "ING013 1 3"),
    "a long list": ("'- a\\n' * 1_000_000", "ING017 1 3"),
    "empty mappings": ("'{}' * 5_000_000", "ING017 1 1"),
    "tabs": ("'\\t' * 50_000_000", "ING001 1 1"),
    "blank lines": ("'\\n' * 50_000_000", "ING020"),
    "alternating anchors": ("'&' * 50_000_000", "ING001 1 2"),
    "a tag": ("'!' * 50_000_000", "ING011 1 1"),
}

JSON_CASES = {
    "nested sequences": ("'[' * 50_000_000", "ING007 1 201"),
    "nested mappings": ("'{\"a\":' * 10_000_000", "ING007 1 1001"),
    "a long number": ("'9' * 50_000_000", "ING016 1 1"),
    "escapes without end": ("'{\"a\": \"' + '\\\\\"' * 20_000_000", "ING002 1 7"),
    "the same key for ever": ("'{' + ','.join(['\"a\":1'] * 1_000_000) + '}'", "ING006 1 8"),
    "values that are none": ("'1 ' * 10_000_000", "ING017 1 1"),
    "zeros": ("bytes(50_000_000)", "ING002 1 1"),
}


def first_finding(file: str, text: str) -> str:
    """Return the first line that the program prints about a text."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, file, text.strip().replace("\n", " ")],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.partition("\n")[0]


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_yaml(text: str, expected: str | tuple[str, ...]) -> None:
    assert first_finding("-", text).startswith(expected)


@pytest.mark.parametrize(("text", "expected"), JSON_CASES.values(), ids=JSON_CASES)
def test_json(text: str, expected: str, tmp_path: object) -> None:
    assert first_finding(f"{tmp_path}/input.json", text).startswith(expected)
