"""What becomes of a request where ``try_files`` looks for files that only nginx's disk has."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator

from ingc.explain.answer import Answer, backend_text, text_of
from ingc.model.outcome import NONE_THERE, DependsOnFiles, Tried

AnswerIf = Callable[[tuple[int, ...]], Answer]
"""Answers as if of each ``try_files`` on the way the file of a number, or none, were there."""
_MOST = 3
"""So many ``try_files`` that look for other files are followed, one after the other."""

_MOST_FILES = 50
"""Each is one way more, on which those before it are looked for."""


def either_way(error: DependsOnFiles, answer_if: AnswerIf) -> tuple[tuple[str, ...], Answer]:
    """Return what nginx does for each file that may be there, and the answer without any.

    Raises `NotModelled`.
    """
    ways: list[str] = []
    before: tuple[int, ...] = ()
    missing: set[Tried] = set()
    levels = 0
    while True:
        levels += not missing.issuperset(error.tried)
        if levels > _MOST or len(error.tried) > _MOST_FILES:
            raise error
        ways.extend(_ways(error, answer_if, before, missing))
        missing.update(error.tried)
        before = (*before, NONE_THERE)
        try:
            last = answer_if(before)
        except DependsOnFiles as other:
            error = other  # the path that is left looks for files too
        else:
            return tuple(ways), last


def otherwise(last: Answer) -> str:
    """Return what nginx does where no file is there."""
    return f"else {_does(last)}"


def _ways(
    error: DependsOnFiles, answer_if: AnswerIf, before: tuple[int, ...], missing: Container[Tried]
) -> Iterator[str]:
    word = "else if" if before else "if"
    for number, file in enumerate(error.tried):
        is_folder = file.kind == "directory"
        if file in missing or (file.path.endswith(b"/") and not is_folder):
            continue  # no file has a name that ends in a slash
        does = _with_folder(file) if is_folder else _with_file(answer_if((*before, number)))
        kind = "folder" if is_folder else "file"
        yield f"{word} the {kind} {text_of(file.path)} is there, {does}"
        word = "else if"


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
