"""The guard around ``cryptography``: a fault in it belongs to the author of what it reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_PANICS = "pyo3_runtime"
"""The module of what is raised where its Rust code panics, which is no `Exception`."""


class Faulty(ValueError):
    """What was read is nothing that the library understands."""


@contextmanager
def guarded() -> Iterator[None]:
    """Turn whatever is raised into `Faulty`; the library raises more than it documents."""
    try:
        yield
    except Exception as error:
        raise Faulty from error
    except BaseException as error:
        if type(error).__module__ != _PANICS:
            raise
        raise Faulty from error
