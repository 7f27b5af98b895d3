"""Reading files of route tests, and files of them that are drawn."""

from __future__ import annotations

from hypothesis import strategies as st

from ingc.diagnostics import Diagnostic, Sink
from ingc.routetest import RouteTest, read_file, read_tests
from ingc.routetest.language.syntax import File


def parsed(text: str) -> File:
    """Return a file without faults."""
    sink = Sink()
    file = read_file(text, "routes.ingc", sink)
    assert not sink.diagnostics(), [item.message for item in sink.diagnostics()]
    return file


def suite_of(text: str) -> tuple[RouteTest, ...]:
    """Return the tests of a file without faults."""
    sink = Sink()
    found = read_tests(read_file(text, "routes.ingc", sink), sink)
    assert not sink.diagnostics(), [item.message for item in sink.diagnostics()]
    return found


def findings(text: str) -> tuple[Diagnostic, ...]:
    """Return what is reported of a file."""
    sink = Sink()
    read_tests(read_file(text, "routes.ingc", sink), sink)
    return sink.diagnostics()


def _line(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map("".join)


_spaces = st.sampled_from([" ", "  ", "\t", "      "])
_indents = st.sampled_from(["", " ", "  ", "\t", "        "])
_comments = st.sampled_from(["", " # why", "  #", '\t#  é | -> "', " # " + "long " * 30])
_methods = st.sampled_from(["", "GET ", "POST  ", "X-THING\t"])
_strings = st.text(st.sampled_from('ab |#$"\\→é-> '), max_size=12).map(
    lambda text: '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$") + '"'
)
_targets = st.sampled_from(
    [
        "/",
        "/a",
        "/a#b",
        "/a%20b?c=$$d",
        "http://x.test/a",
        "https://x.test",
        "$path",
        "/é",
        '"/a|b"',
    ]
) | st.integers(1, 120).map(lambda size: "/" + "a" * size)
_values = (
    st.sampled_from(["a", "a#b", "and", "with", "->", "a|b", "é", "$name", "${name}x"]) | _strings
)
_backends = st.sampled_from(["ns/web", "ns/web:80", "ns/web:http", "$backend", "$ns/web"])
_singles = st.one_of(
    _backends,
    st.tuples(_backends, _spaces, _targets).map(lambda it: f"{it[0]} as{it[1]}{it[2]}"),
    _targets.map("as {}".format),
    st.sampled_from(
        ["404", "301 /x", "redirect", "redirect https://x.test/", "refused", "unopened"]
    ),
    st.sampled_from(["ingress ns/web", "header X-A", "upstream web_80", "upstream header X-A"]),
    _values.map("header X-A: {}".format),
    _values.map("upstream header X-A: {}".format),
)
_any_of = st.lists(_singles, min_size=2, max_size=4).map(lambda it: "any of " + " or ".join(it))
_claims = st.one_of(
    _singles, _any_of, st.tuples(_methods, _targets).map("same as {0[0]}{0[1]}".format)
)
_expected = st.one_of(_claims, _claims.map("not {}".format))
_all_expected = st.lists(_expected, min_size=1, max_size=4).map("  and ".join)
_given = st.lists(
    st.one_of(
        st.sampled_from(["http", "https", "client 10.0.0.1", "certificate", 'certificate "CN=a"']),
        _values.map("header X-B: {}".format),
        _values.map("cookie name={}".format),
    ),
    min_size=1,
    max_size=4,
).map(" and  ".join)


@st.composite
def _test(draw: st.DrawFn) -> str:
    """A test over one or several lines."""
    lines = [draw(_methods) + draw(_targets)]
    if draw(st.booleans()):
        lines[0] += " with " + draw(_given)
    if arrow := draw(st.booleans()):
        lines[0] += draw(_spaces) + "->" + draw(_spaces) + draw(_all_expected)
    more = draw(st.lists(st.sampled_from(["with", "comment", "and"]), max_size=3))
    if not arrow:
        more.insert(draw(st.integers(0, len(more))), "->")
    for kind in more:
        if kind == "comment":
            lines.append("# between")
        elif kind == "with":
            lines.append("with " + draw(_given))
        elif kind == "->" or arrow:
            arrow = True
            lines.append(f"{kind} " + draw(_all_expected))
    return "".join(
        draw(_indents) + line + ("" if line.startswith("#") else draw(_comments)) + "\n"
        for line in lines
    )


@st.composite
def _table(draw: st.DrawFn) -> str:
    columns = ["path", "->"]
    columns.insert(0, draw(st.sampled_from(["method", "scheme", "header X-C", "cookie c"])))
    columns.append(draw(st.sampled_from(["as", "ingress", "header X-D", "upstream header X-E"])))
    cells = {
        "path": _targets.filter(lambda text: "|" not in text or text.startswith('"')),
        "->": _all_expected.filter(lambda text: "|" not in text and "#" not in text),
        "method": st.sampled_from(["", "PUT"]),
        "scheme": st.sampled_from(["", "https", "http"]),
        "as": st.sampled_from(["", "/x"]),
        "ingress": st.sampled_from(["", "ns/web"]),
    }
    plain = st.sampled_from(["", "x", "x y", "x#y", '"a | b"', '" "'])
    rows = ["|" + "|".join(f"{draw(_indents)}{name} " for name in columns) + "|"]
    for _ in range(draw(st.integers(0, 3))):
        found = (draw(cells.get(name, plain)) for name in columns)
        rows.append("|" + "|".join(f"{cell}{draw(_spaces)}" for cell in found) + "|")
        if draw(st.booleans()):
            rows.append("# of the table")
    return "".join(
        draw(_indents) + row + ("" if row.startswith("#") else draw(_comments)) + "\n"
        for row in rows
    )


_blocks = st.one_of(
    st.just("\n"),
    st.just("\n\n \n"),
    st.just("# alone\n"),
    st.just("  # indented\n"),
    st.sampled_from(
        ["host a.test\n", "host  a.test b.test # two\n", "host https://c.test\nwith https\n"]
    ),
    _test(),
    _table().map("{}\n".format),
)
files = st.lists(_blocks, max_size=8).map(
    lambda blocks: (
        "let name = value\nlet  path = /p # a path\nlet backend = ns/web:80\nlet ns = ns\n"
        "host first.test\n" + "".join(blocks)
    )
)
"""Files without faults, in every layout that people may write."""
