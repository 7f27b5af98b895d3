"""What an access log holds, for people and as JSON."""

from __future__ import annotations

from typing import Any

from ingc.diagnostics.render.excerpt import shortened
from ingc.explain.answer import Answer, Asker, RouteRef
from ingc.explain.log.reading import RuleRow, Tally, by_count, unused
from ingc.syntax.visible import as_json, visible

_MOST_UNMATCHED = 20
_MOST_UNUSED = 10
_MOST_SOURCES = 2_000
"""To look up where a rule stands takes a while; of more rules it is left out."""
_CELL = 100


def log_as_text(counts: Tally, asker: Asker) -> str:
    """Print the rules with their requests, the requests without a rule, and rules without any."""
    rules, unmatched = by_count(counts.rules.values()), by_count(counts.unmatched.values())
    taken = sum(row.count for row in rules)
    lines = [f"{_count(counts.requests, 'request')}, {taken} taken by {_count(len(rules), 'rule')}"]
    with_source = len(rules) <= _MOST_SOURCES
    cells = [_cells(row, with_source=with_source) for row in rules]
    if cells:
        lines += ["", *_table([("COUNT", "HOST", "RULE", "TO", "INGRESS", "SOURCE"), *cells])]
    if unmatched:
        lines += ["", f"{_count(sum(r.count for r in unmatched), 'request')} that no rule takes"]
        lines += _table([_missed(row) for row in unmatched[:_MOST_UNMATCHED]])
        if len(unmatched) > _MOST_UNMATCHED:
            lines.append(f"and {len(unmatched) - _MOST_UNMATCHED} more")
    idle = list(unused(counts, asker))
    if idle:
        lines += ["", f"{_count(len(idle), 'rule')} without a request"]
        lines += [f"  {visible(_named(ref))}" for ref in idle[:_MOST_UNUSED]]
        if len(idle) > _MOST_UNUSED:
            lines.append(f"  and {len(idle) - _MOST_UNUSED} more")
    return "\n".join(lines) + "\n"


def log_as_json(counts: Tally, asker: Asker) -> str:
    """Print the same as one JSON object."""
    rules, unmatched = by_count(counts.rules.values()), by_count(counts.unmatched.values())
    with_source = len(rules) <= _MOST_SOURCES
    made = {
        "requests": counts.requests,
        "malformed": counts.malformed,
        "routes": [
            {
                "host": row.answer.server,
                **_rule(row.answer.route, with_source=with_source),
                "upstream": row.answer.upstream,
                "count": row.count,
            }
            for row in rules
            if row.answer.route is not None
        ],
        "unmatched": [
            {
                "host": _clean(row.answer.request.host),
                "path": row.answer.uri or _clean(row.answer.request.target),
                "status": row.answer.status,
                "why": row.answer.why,
                "count": row.count,
            }
            for row in unmatched
        ],
        "unused": [_rule(ref, with_source=False) for ref in unused(counts, asker)],
    }
    return as_json(made, 2) + "\n"


def malformed_note(counts: Tally) -> str:
    """Report lines that could not be read; empty where there are none."""
    if not counts.malformed:
        return ""
    some = "; ".join(counts.examples)
    more = ", …" if counts.malformed > len(counts.examples) else ""
    lines = "line was" if counts.malformed == 1 else "lines were"
    return f"note: {counts.malformed} {lines} passed over ({some}{more})"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _rule(ref: RouteRef, *, with_source: bool) -> dict[str, Any]:
    return {
        "ingress": ref.ingress,
        "field": ref.field,
        "path": ref.path,
        "path_type": ref.path_type,
        "service": ref.service,
        "port": ref.port,
        "source": ref.source if with_source else None,
    }


def _cells(row: RuleRow, *, with_source: bool) -> tuple[str, ...]:
    answer, ref = row.answer, row.answer.route
    source = ref.source if ref is not None and with_source else None
    named = f"{ref.ingress} {ref.field}" if ref is not None and ref.ingress else "-"
    rule = _rule_of(ref) if ref is not None else "-"
    return str(row.count), answer.server or "-", rule, _target(answer), named, source or "-"


def _target(answer: Answer) -> str:
    if answer.backend is not None:
        return answer.backend.name
    if answer.redirect:
        return f"{answer.status} redirect"
    return str(answer.status or answer.file or ("refused" if answer.refused else "unknown"))


def _rule_of(ref: RouteRef) -> str:
    return f"{ref.path_type} {ref.path}" if ref.path_type else "default backend"


def _named(ref: RouteRef) -> str:
    return f"{ref}: {_rule_of(ref)}" if ref.ingress else _rule_of(ref)


def _missed(row: RuleRow) -> tuple[str, ...]:
    answer = row.answer
    where = answer.request.host + (answer.uri or answer.request.target)
    status = str(answer.status) if answer.status else ("refused" if answer.refused else "-")
    return str(row.count), status, shortened(where, _CELL), answer.unknown or answer.why


def _clean(text: str) -> str:
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _table(rows: list[tuple[str, ...]]) -> list[str]:
    cut = [tuple(shortened(cell, _CELL) for cell in row) for row in rows]
    widths = [max(len(row[column]) for row in cut) for column in range(len(rows[0]))]
    return [
        "  ".join(
            cell.rjust(width) if column == 0 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cut
    ]
