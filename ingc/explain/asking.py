"""Who answers: the oracle for a compiled input, the model for an nginx.conf."""

from __future__ import annotations

from ingc.compiler import Result
from ingc.explain.answer import Asker
from ingc.explain.compiled import CompiledAsker
from ingc.explain.conf import Conf


def asker_of(source: Result | Conf) -> Asker:
    """Return what answers questions about a result or an nginx.conf.

    Raises `LookupError` where nothing was compiled.
    """
    if isinstance(source, Conf):
        return source
    if source.ir is None:
        raise LookupError("nothing was compiled, so no request can be matched")
    return CompiledAsker(source.ir, source.oracle)
