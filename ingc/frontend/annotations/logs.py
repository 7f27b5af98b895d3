"""What is logged of a path's requests."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.annotations.declare import Annotation, Family, Values
from ingc.frontend.declarations.grammars import BOOL
from ingc.frontend.wishes import Ask
from ingc.ir.features.tuning import Tuning

ENABLE_ACCESS_LOG = Annotation(
    "enable-access-log",
    "Write an access log of the paths.",
    BOOL,
    default="true",
    see="access_log",
)
ENABLE_REWRITE_LOG = Annotation(
    "enable-rewrite-log",
    "Log each rewrite in the error log.",
    BOOL,
    default="false",
    sets="rewrite_log",
)


def build(values: Values) -> Iterator[Ask]:
    """Request silence."""
    if values.get(ENABLE_ACCESS_LOG) is False:
        yield Tuning("access_log", ("off",))


FAMILY = Family("Logs", (ENABLE_ACCESS_LOG, ENABLE_REWRITE_LOG), build)
