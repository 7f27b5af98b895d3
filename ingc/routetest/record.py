"""Tests that pass today: for every rule a request that it takes, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.compiler import Result
from ingc.diagnostics import Sink
from ingc.diff.probes import hosts_of_conf, request_host, route_targets, targets
from ingc.explain.answer import Answer, Backend, backend_text
from ingc.explain.conf.api import Conf
from ingc.explain.question import Question
from ingc.routetest.language.format import format_file
from ingc.routetest.language.parse import read_file
from ingc.routetest.language.syntax import quoted
from ingc.routetest.run.offline import StaticReplier

_Rows = dict[str, str]
"""What is expected, by the request target."""


def record(source: Result | Conf) -> str:
    """Return a file of tests, one table for each host and scheme."""
    replier = StaticReplier(source)
    blocks = [
        block
        for host, wanted in _wanted(source).items()
        for scheme in ("http", "https")
        for block in _block(replier, host, scheme, wanted)
    ]
    text = "# Recorded from the configuration as it was.\n" + "".join(blocks)
    return format_file(read_file(text, "recorded.ingc", Sink()))


def _wanted(source: Result | Conf) -> dict[str, list[list[str]]]:
    """Return the hosts to request; for each of its rules targets, of which one is enough."""
    if isinstance(source, Conf):
        return {
            host: [[target] for target in targets(paths)[: len(paths)] or ["/"]]
            for host, paths in hosts_of_conf(source).items()
        }
    if source.ir is None:
        return {}
    found: dict[str, list[list[str]]] = {}
    taken = {host.name for host in source.ir.hosts}
    for host in source.ir.hosts:
        rules = found.setdefault(request_host(host.name, taken), [])
        rules += [route_targets(route) for route in host.routes]
        rules.append(["/ingc-no-such-path"])
    return found


def _block(
    replier: StaticReplier, host: str, scheme: str, wanted: Iterable[list[str]]
) -> Iterator[str]:
    """Yield the lines of one table; none for a host that refuses https."""
    rows: _Rows = {}
    seen: set[int] = set()
    for choices in wanted:
        for row in _row(replier, host, scheme, choices, seen):
            rows.update([row])
    if not rows or (scheme == "https" and set(rows.values()) == {"refused"}):
        return
    yield f"\nhost {host if scheme == 'http' else f'https://{host}'}\n| path | -> |\n"
    for target, expected in rows.items():
        text = target if '"' not in target and "|" not in target else quoted(target)
        yield f"| {_plain(text)} | {expected} |\n"


def _row(
    replier: StaticReplier, host: str, scheme: str, choices: list[str], seen: set[int]
) -> Iterator[tuple[str, str]]:
    """Yield the first of some targets that reaches a rule not reached yet, or just the first."""
    answers = [
        replier.reply(Question("GET", scheme, host, target), headers=False).answer
        for target in choices
    ]
    fresh = (item for item in answers if item.route and id(item.route) not in seen)
    answer = next(fresh, answers[0])
    if answer.route is not None:
        seen.add(id(answer.route))
    if not answer.unknown and (answer.file is None or answer.status is not None):
        yield answer.request.target, _plain(_expected(answer))


def _plain(text: str) -> str:
    """Write a dollar sign so that no variable begins with it."""
    return text.replace("$", "$$")


def _expected(answer: Answer) -> str:
    if answer.refused:
        return "refused"
    if answer.unopened is not None:
        named = answer.unopened.service
        return f"unopened {backend_text(answer.unopened)}" if named else "unopened"
    if answer.backend is None:
        location = f" {_word(answer.redirect)}" if answer.redirect else ""
        return f"{answer.status}{location}"
    sent = answer.upstream_uri
    changed = sent is not None and sent != answer.request.target
    rewritten = f" and as {_word(sent)}" if changed and sent else ""
    names = [answer.backend, *(backend for backend, _ in answer.alternatives)]
    texts = [_name(backend) for backend in names]
    if len(texts) > 1:
        return f"any of {' or '.join(texts)}{rewritten}"
    return texts[0] + (rewritten.replace(" and", "", 1) if "/" in texts[0] else rewritten)


def _word(text: str) -> str:
    return text if not set(text) & set(' "|') else quoted(text)


def _name(backend: Backend) -> str:
    if backend.service and "/" in backend.service:
        return f"{backend.service}:{backend.port}"
    return f"upstream {_word(backend.name)}"
