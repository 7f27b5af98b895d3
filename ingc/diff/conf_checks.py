"""What two nginx.confs check of a request otherwise, and send to backend and client otherwise."""

from __future__ import annotations

from ingc.diff.changes import Named, changes
from ingc.explain.answer import Answer
from ingc.model import Outcome
from ingc.model.checks import Check


def header_changes(
    old: Answer, before: Outcome | None, new: Answer, after: Outcome | None
) -> tuple[str, ...]:
    """Return which headers the backend gets otherwise, and which are added to the answer."""
    if before is None or after is None:
        return ()
    one, other = ({f"answer header {name}": text for name, text in x.sent} for x in (before, after))
    for found, outcome in ((one, before), (other, after)):
        if outcome.text is not None:
            found["text"] = outcome.text.decode("utf-8", "backslashreplace")
        if outcome.shown is not None:
            found["status of the error page"] = str(outcome.shown)
    if old.backend and new.backend:
        one |= {f"upstream header {name}": text for name, text in before.headers}
        other |= {f"upstream header {name}": text for name, text in after.headers}
    # Where a redirect, for example, becomes an answer of the backend, its headers are implied.
    return changes(one, other) if _kind(old) == _kind(new) else ()


def _kind(answer: Answer) -> object:
    return answer.backend is None, answer.status, answer.file is None


def check_changes(
    before: Outcome | None, after: Outcome | None, directives: tuple[Named, Named] | None
) -> tuple[str, ...]:
    """Return what is checked otherwise, but for what differing ``directives`` state already.

    Without them the two were not written by the same hand, and names of files mean nothing.
    """
    if before is None or after is None:
        return ()
    one, other = (_by_name(item.checks, files=bool(directives)) for item in (before, after))
    for name in {**one, **other}:
        words = (name, f"{name}_user_file")
        if directives and any(directives[0].get(w) != directives[1].get(w) for w in words):
            one.pop(name, None)
            other.pop(name, None)
    return changes(one, other)


def _by_name(checks: tuple[Check, ...], *, files: bool) -> dict[str, object]:
    """Return checks by their directives; of several of one name all."""
    found: dict[str, object] = {}
    for name, *args in checks:
        text = " ".join(args if files or name != "auth_basic" else args[:1])
        key = name
        if name == "error_page":
            key, text = f"error_page {args[0]}", " ".join(args[1:])
        found[key] = f"{found[key]}, {text}" if key in found else text or "set"
    return found
