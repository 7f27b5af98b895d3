"""Differences for people, as JSON, and as Markdown for a pull request."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from ingc.diff.difference import KINDS, Comparison, Difference
from ingc.explain.answer import Answer, RouteRef, answer_text, backend_text
from ingc.syntax.visible import as_json, visible

_SIGNS = {"added": "+", "removed": "-", "moved": ">", "changed": "~"}
_COLORS = {"added": "32", "removed": "31", "moved": "33", "changed": "36"}
_SAME = "the routing is the same"


def comparison_as_text(found: Comparison, *, color: bool) -> str:
    """Write differences by host, each with a request that shows it."""
    lines: list[str] = []
    host = ""
    for item in found.differences:
        if _host(item) != host:
            host = _host(item)
            lines += [*([""] if lines else []), visible(host)]
        lines += _lines(item, color=color)
    lines += [f"? unknown: {visible(text)}" for text in found.unknown]
    lines += [""] if lines else []
    lines.append(summary(found))
    return "".join(f"{line}\n" for line in lines)


def _host(item: Difference) -> str:
    return item.host or ("(any other host)" if item.path else "(all hosts)")


def _lines(item: Difference, *, color: bool) -> Iterator[str]:
    sign = f"{_SIGNS[item.kind]} {item.kind:<8}"
    if color:
        sign = f"\x1b[{_COLORS[item.kind]}m{sign}\x1b[0m"
    before, after = _answers(item)
    answers = "" if before == after else f"  {before} → {after}"
    yield f"  {sign}{visible(_rule(item) + answers)}"
    for text in item.what:
        yield f"             {visible(text)}"
    for name, ref in (("was", item.old), ("now", item.new)):
        if ref is not None and ref.ingress:
            yield f"      {name}    {visible(_source(ref))}"
    more = f" and {item.more} more" if item.more else ""
    yield f"      shown by {visible(item.witness)}{more}"


def _rule(item: Difference) -> str:
    if item.path is None:
        return "the whole host" if item.host else "all hosts"
    ref = item.new or item.old
    if item.path_type is None and ref is not None and ref.ingress and ref.path_type is None:
        return "default backend"
    return f"{item.path_type} {item.path}" if item.path_type else item.path


def _source(ref: RouteRef) -> str:
    return "  ".join(filter(None, (str(ref), ref.source)))


def _answers(item: Difference) -> tuple[str, str]:
    """Return both answers, with what distinguishes them."""
    before, after = answer_text(item.before), answer_text(item.after)
    if before == after and item.shows:
        return (
            answer_text(item.before, always_target=True),
            answer_text(item.after, always_target=True),
        )
    if before == after and item.kind != "changed":
        # A redirect to https hides the backends, where there is no https.
        return _backend_of(item.old) or before, _backend_of(item.new) or after
    return before, after


def _backend_of(ref: RouteRef | None) -> str | None:
    if ref is None or not ref.ingress:
        return "no rule"
    return f"{ref.service}:{ref.port}" if ref.service else None


def summary(found: Comparison) -> str:
    """Count differences: ``2 added, 1 moved``."""
    counts = Counter(item.kind for item in found.differences)
    parts = [f"{counts[kind]} {kind}" for kind in KINDS if counts[kind]]
    parts += [f"{len(found.unknown)} unknown"] if found.unknown else []
    return ", ".join(parts) or _SAME


def comparison_as_json(found: Comparison) -> str:
    """Write differences as JSON; what is absent is null."""
    content = {
        "same": found.same,
        "differences": [_as_json(item) for item in found.differences],
        "unknown": list(found.unknown),
    }
    return as_json(content, 2) + "\n"


def _as_json(item: Difference) -> dict[str, object]:
    question = item.before.request
    return {
        "kind": item.kind,
        "host": item.host,
        "path": item.path,
        "path_type": item.path_type,
        "changes": list(item.what),
        "witness": {
            "method": question.method,
            "url": question.url,
            "headers": [list(item) for item in question.headers],
            "shows": item.shows,
        },
        "before": _answer_as_json(item.before),
        "after": _answer_as_json(item.after),
    }


def _answer_as_json(answer: Answer) -> dict[str, object]:
    backend, route = answer.backend, answer.route
    return {
        "backend": backend_text(backend) if backend else None,
        "unopened": backend_text(answer.unopened) if answer.unopened else None,
        "file": answer.file,
        "upstream_uri": answer.upstream_uri,
        "status": answer.status,
        "redirect": answer.redirect,
        "refused": answer.refused,
        "ingress": route.ingress if route else None,
        "field": route.field if route else None,
        "source": route.source if route else None,
    }


def comparison_as_markdown(found: Comparison) -> str:
    """Write differences as a table for a pull request."""
    if found.same:
        return "**Routing:** no difference\n"
    lines = [f"**Routing:** {summary(found)}", ""]
    if found.differences:
        lines += ["| | Host | Rule | Before | After | Shown by |", "|---|---|---|---|---|---|"]
        lines += [_row(item) for item in found.differences]
    if found.unknown:
        lines += [*([""] if found.differences else []), "Unknown:", ""]
        lines += [f"- {_cell(text)}" for text in found.unknown]
    return "".join(f"{line}\n" for line in lines)


def _row(item: Difference) -> str:
    before, after = _answers(item)
    after = "<br>".join(_cell(text) for text in (*([after] if before != after else []), *item.what))
    cells = (
        item.kind,
        _code(item.host or "any other") if item.host or item.path else "all",
        _code(_rule(item)) if item.path is not None else _rule(item),
        _cell(before),
        after,
        _code(item.witness),
    )
    return f"| {' | '.join(cells)} |"


def _code(text: str) -> str:
    """Write a text as code: nothing in it may end the code, the cell or the line."""
    code = visible(text).replace("|", "\\|")
    ticks = "`" * (1 + max((len(run) for run in _runs(code)), default=0))
    space = " " if "`" in code else ""
    return f"{ticks}{space}{code}{space}{ticks}"


def _runs(text: str) -> Iterable[str]:
    return (part for part in "".join(c if c == "`" else " " for c in text).split())


def _cell(text: str) -> str:
    """Write a text so that Markdown and HTML take nothing in it for their own."""
    return "".join(f"&#{ord(c)};" if c in "|<>&`*_[]()\\!#~" else c for c in visible(text))
