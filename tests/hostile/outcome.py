"""What may come of a hostile input: a configuration of a benign one's shape, or a diagnostic."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable
from typing import Literal

import ingc
from ingc.diagnostics.render.text import render_text
from tests.hostile.tree import Escaped, Tree, tree_of, unasked
from tests.objects import Object

SECONDS = 5.0
"""Of processor time, for a compile of a few objects: a thousand times what a benign one takes."""
FILE = re.compile(
    r"(?:certs|auth)/(?:route_)?[a-z0-9-]+_[a-z0-9.-]+\.[0-9a-f]{16}\.(?:ca\.)?(?:crt|key|crl|htpasswd)"
).fullmatch
CODE = re.compile(r"ING[0-8]\d\d").fullmatch
"""Of findings about the input; 9 would be a fault of ours."""
REFUSING = {"http/server/location/return", "http/server/return"}
"""What answers 503 where a part was refused and the rest is served."""

Outcome = Literal["compiled", "refused"]


def judge(objects: list[Object], options: ingc.Options, asked: Iterable[Tree]) -> Outcome:
    """Compile in both ways and hold what comes out against the benign trees.

    Raises `Escaped` for anything that is neither of their shape nor refused.
    """
    allowed = list(asked)
    isolated = compiled(objects, options, isolate=True)
    if isolated.config is None:
        raise Escaped("isolated there is no configuration")
    more = unasked(tree_of(isolated.config), allowed)
    if isolated.errors:
        more = [way for way in more if way not in REFUSING]
    if more:
        raise Escaped(f"unasked: {more}")
    if isolated.errors:
        failed = compiled(objects, options, isolate=False)
        if failed.config is not None or failed.files:
            raise Escaped("errors, and yet something was handed out")
        return "refused"
    return "compiled"


def compiled(objects: list[Object], options: ingc.Options, *, isolate: bool) -> ingc.Result:
    """Compile in bounded time, and check what holds of every result. Raises `Escaped`."""
    begun = time.process_time()
    result = ingc.compile(objects, options, on_error="isolate" if isolate else "fail")
    taken = time.process_time() - begun
    if taken > SECONDS:
        raise Escaped(f"it took {taken:.1f} s")
    strange = [item.code for item in result.diagnostics if not CODE(item.code)]
    if strange:
        raise Escaped(f"{strange}: {result.diagnostics[-1].message}")
    names = [file.path for file in result.files if not FILE(file.path)]
    if names:
        raise Escaped(f"files {names}")
    said = render_text(result.diagnostics, color=False)
    loud = re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", said)
    if loud:
        raise Escaped(f"a diagnostic prints {loud.group()!r} to the terminal")
    return result


def shape(objects: list[Object], options: ingc.Options) -> Tree:
    """Return the tree of a benign compile; of one with errors, what isolation leaves of it."""
    config = ingc.compile(objects, options, on_error="isolate").config
    return Counter() if config is None else tree_of(config)
