"""Random nested objects, and YAML and JSON texts of them in many styles."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import yaml
from hypothesis import strategies as st

from ingc.diagnostics import FieldPath
from ingc.load.scalars import resolve

_PRINTABLE = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"])
TEXTS = st.one_of(
    st.sampled_from(["", "yes", "12", "1.5", "~", "<<", "*.example.com", "a: b", "- a", "#", "é"]),
    st.text(_PRINTABLE, max_size=12),
)
SCALARS = st.one_of(
    TEXTS, st.booleans(), st.none(), st.integers(-(1 << 63), (1 << 64) - 1), st.just(0.5)
)
NESTED = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=20,
)
OBJECTS = st.dictionaries(TEXTS, NESTED, min_size=1, max_size=5)


@st.composite
def yaml_texts(draw: st.DrawFn, value: Any) -> str:
    """Write a value as YAML, in block or flow style, indented somehow, quoted somehow."""
    style = draw(st.sampled_from([None, '"', "'"]))

    class Dumper(yaml.CSafeDumper):
        """Writes all strings in one style, in quotes where Kubernetes sees no string."""

    def quoted(dumper: Any, text: str) -> Any:
        needed = None if isinstance(resolve(text), str) else "'"
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style or needed)

    Dumper.add_representer(str, quoted)
    text: str = yaml.dump(
        value,
        Dumper=Dumper,
        default_flow_style=draw(st.sampled_from([True, False, None])),
        indent=draw(st.integers(2, 6)),
        width=10_000,
        allow_unicode=draw(st.booleans()),
        explicit_start=draw(st.booleans()),
        sort_keys=False,
    )
    return draw(st.sampled_from(["", "# a comment\n\n"])) + text


@st.composite
def json_texts(draw: st.DrawFn, value: Any) -> str:
    """Write a value as JSON, on one line or on many."""
    indent = draw(st.sampled_from([None, 0, 2, 4]))
    return json.dumps(value, indent=indent, ensure_ascii=draw(st.booleans()))


def fields(value: Any, path: FieldPath = ()) -> Iterator[tuple[FieldPath, Any]]:
    """Yield every field of a value with its path."""
    if isinstance(value, dict):
        inner: list[tuple[str | int, Any]] = list(value.items())
    elif isinstance(value, list):
        inner = list(enumerate(value))
    else:
        return
    for part, field in inner:
        yield (*path, part), field
        yield from fields(field, (*path, part))
