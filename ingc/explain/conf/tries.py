"""What becomes of a request where ``try_files`` looks for files that only nginx's disk has."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingc.explain.answer import Answer, backend_text, text_of
from ingc.model.outcome import NONE_THERE, DependsOnFiles, Tried

Told = Callable[[tuple[int, ...]], Answer]
"""Answers as if of each ``try_files`` on the way the file of a number, or none, were there."""
_MOST = 3
"""So many ``try_files`` are followed, one after the other."""


def either_way(error: DependsOnFiles, told: Told, before: tuple[int, ...] = ()) -> Iterator[str]:
    """Yield what nginx does for each file that may be there, and at last without any.

    ``before`` is what was decided on the way. Raises `NotModelled`.
    """
    word = "else if" if before else "if"
    for number, file in enumerate(error.tried):
        is_folder = file.kind == "directory"
        if not is_folder and file.path.endswith(b"/"):
            continue  # no file has such a name
        does = _with_folder(file) if is_folder else _with_file(told((*before, number)))
        kind = "folder" if is_folder else "file"
        yield f"{word} the {kind} {text_of(file.path)} is there, {does}"
        word = "else if"
    without = (*before, NONE_THERE)
    try:
        yield f"else {_does(told(without))}"
    except DependsOnFiles as other:
        if len(without) == _MOST:
            raise
        yield from either_way(other, told, without)


def _with_folder(file: Tried) -> str:
    if file.path.endswith(b"/"):
        return "nginx serves an index file of it"
    return "nginx redirects to it with a slash at the end"


def _with_file(answer: Answer) -> str:
    return "nginx serves it" if answer.file is not None else _does(answer)


def _does(answer: Answer) -> str:
    if answer.backend is not None:
        return f"the backend {backend_text(answer.backend)} answers"
    if answer.file is not None:
        return f"{answer.file}: {answer.why}"
    if answer.redirect is not None:
        return f"nginx redirects with {answer.status} to {answer.redirect}"
    return f"nginx answers {answer.status}"
