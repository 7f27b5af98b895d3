"""Objects with one random value in the wrong place, for hypothesis."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

Path = tuple[str | int, ...]

HOSTILE = (
    "",
    "/",
    "*",
    "*.example.com",
    "None",
    "nginx",
    "ExternalName",
    "Exact",
    "a; return 200 pwned; #",
    "/x { } }",
    "/\"'\\${}\n\t\r",
    "/$uri$1",
    "/a\0b",
    "\ud800",
    "../../etc/passwd",
    "/%2e%2e/%00",
    "127.0.0.1",
    "::1",
    "v1",
    "UDP",
    "/" + "a" * 5000,
    "9" * 5000,
)
NUMBERS = (0, 1, -1, 80, 65535, 65536, 2**63, 10**4000, 1.5, 1e300, float("inf"), float("nan"))

SCALARS = (
    st.none()
    | st.booleans()
    | st.sampled_from(NUMBERS)
    | st.integers()
    | st.floats()
    | st.sampled_from(HOSTILE)
    | st.text(max_size=20)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from(("name", "port")), inner, max_size=3
        )
    ),
    max_leaves=6,
)


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Yield the path of every node below a value."""
    if isinstance(value, dict):
        inner: Any = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    else:
        return
    for key, item in inner:
        yield (*path, key)
        yield from paths(item, (*path, key))


def changed(value: Any, path: Path, new: Any, *, delete: bool) -> Any:
    """Return a copy with another value at a path, or with nothing there."""
    whole = copy.deepcopy(value)
    *above, last = path
    inner = whole
    for part in above:
        inner = inner[part]
    if delete:
        del inner[last]
    else:
        inner[last] = new
    return whole


@st.composite
def mutations(draw: st.DrawFn, value: Any) -> Any:
    """One node replaced by any JSON value, or deleted."""
    path = draw(st.sampled_from(sorted(paths(value), key=str)))
    return changed(value, path, draw(VALUES), delete=draw(st.booleans()) and draw(st.booleans()))
