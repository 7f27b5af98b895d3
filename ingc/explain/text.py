"""Stories for people: compact, a label at the left of each line; and answers in one line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.diagnostics.render.excerpt import excerpt, shortened
from ingc.explain.answer import Answer, Backend, RouteRef, backend_text
from ingc.explain.compiled.candidates import Contender
from ingc.explain.compiled.pods import Behind
from ingc.explain.story import Story
from ingc.reach.api import Verdict
from ingc.reach.report import evidence_lines
from ingc.syntax.visible import visible

_LABEL = 10
_MOST_LOSERS = 8
_MOST_MEMBERS = 12
_MOST_CHARACTERS = 400
_WITHOUT_TLS = "for https list the host under spec.tls, or pass --default-ssl-certificate"
_GREEN, _RED, _YELLOW, _DIM, _BOLD = "32", "31", "33", "2", "1"
_STYLES = {
    "answer": _BOLD,
    "error": "1;31",
    "warning": "1;33",
    "quirk": "1;33",
    "unknown": "1;33",
    "near": "1;36",
    "help": "1;36",
    "note": "1;36",
}


@dataclass(frozen=True, slots=True)
class _Page:
    color: bool

    def paint(self, text: str, style: str) -> str:
        return f"\x1b[{style}m{text}\x1b[0m" if self.color and text else text

    def line(self, label: str, text: str, style: str = "") -> str:
        """Return a line; an empty label goes on with what stands above."""
        printed = self.paint(shortened(text, _MOST_CHARACTERS), style) if style else text
        if not style:
            printed = shortened(text, _MOST_CHARACTERS)
        return f"  {self.paint(f'{label:<{_LABEL}}', _STYLES.get(label, _DIM))}{printed}".rstrip()


def story_as_text(story: Story, *, color: bool) -> str:
    """Print a story; ``color`` adds ANSI colours and changes nothing else."""
    page = _Page(color)
    request = story.answer.request
    head = page.paint(f"{request.method} {shortened(request.url, _MOST_CHARACTERS)}", _BOLD)
    lines = [head, *_answer(story, page), *_request(story, page), *_rule(story, page)]
    lines += [*_way(story, page), *_advice(story, page), *_reach(story.reach, page)]
    return "\n".join(lines) + "\n"


def answer_as_line(answer: Answer) -> str:
    """Print an answer in one line: the request, what becomes of it, and by which rule."""
    request = answer.request
    parts = [f"{request.method} {shortened(request.url, _MOST_CHARACTERS)}", "→", _outcome(answer)]
    if answer.route is not None:
        parts += ["by", str(answer.route), f"({_match_of(answer.route)})"]
    elif answer.why:
        parts[-1] += f": {answer.why}"
    return visible(" ".join(parts))


def _outcome(answer: Answer) -> str:
    if answer.either:
        return "; ".join(answer.either)
    if answer.unknown is not None:
        return f"unknown: {answer.unknown}"
    if answer.refused:
        return "TLS is refused" if answer.request.scheme == "https" else "no connection"
    if answer.unopened is not None:
        return f"TLS goes unopened to {answer.unopened.name}"
    if answer.file is not None:
        return f"{answer.status} with the file {answer.file}" if answer.status else answer.file
    if answer.redirect is not None:
        return f"{answer.status} to {answer.redirect}"
    if answer.backend is None:
        return str(answer.status)
    others = answer.alternatives
    odds = "".join(f" (or {_called(item, answer)}, {100 * share:.4g}%)" for item, share in others)
    sent = answer.upstream_uri
    changed = sent is not None and sent != answer.request.target
    return f"{answer.backend.name}{odds}" + (f" as {sent}" if changed else "")


def _answer(story: Story, page: _Page) -> Iterator[str]:
    answer = story.answer
    if answer.either:
        yield page.line("answer", "files decide", _YELLOW)
        yield from (page.line("", way) for way in answer.either)
        return
    if answer.unknown is not None:
        yield page.line("unknown", answer.unknown, _YELLOW)
        return
    text = _outcome(answer)
    if answer.backend is not None:
        text = f"the backend answers: {_named(answer.backend)}"
    elif answer.file is not None and answer.status is None:
        text = f"the file {answer.file}"
    elif answer.unopened is not None:
        text = f"TLS is passed on unopened: {_named(answer.unopened)}"
    good = answer.backend or answer.unopened or answer.redirect or answer.file
    style = _GREEN if good else _RED
    yield page.line("answer", text, style)
    if answer.why:
        yield page.line("", answer.why)
    if answer.status == 503:
        yield from _findings(story, page)


def _called(other: Backend, answer: Answer) -> str:
    """Return how another backend is named beside the one that an answer names."""
    same = answer.backend is not None and answer.backend.name == other.name
    return backend_text(other) if same else other.name


def _named(backend: Backend) -> str:
    return f"{backend.name} = {backend_text(backend)}" if backend.service else backend.name


def _request(story: Story, page: _Page) -> Iterator[str]:
    if story.answer.uri is not None:
        yield page.line("path", story.answer.uri)
        for step in story.steps:
            yield page.line("", f"{step.what}: {step.result}", _DIM)
    label = "host"
    for named in story.names:
        text = f"{named.name}: {named.reason}"
        yield page.line(label, text) if named.wins else page.line("", f"- {text}", _DIM)
        label = ""


def _rule(story: Story, page: _Page) -> Iterator[str]:
    ref = story.answer.route
    if ref is not None:
        where = f"  ({ref.source})" if ref.source else ""
        name = f"{ref}: " if ref.ingress else ""
        yield page.line("route", f"{name}{_match_of(ref)}{where}")
        if story.excerpt is not None:
            printed = excerpt(story.excerpt).text
            yield page.line("", f"{story.excerpt.line} | {printed}", _DIM)
    winner = next((item for item in story.contenders if item.wins), None)
    if winner is not None:
        yield page.line("wins", winner.reason)
    near = {item.ref for item in story.near}
    losers = [item for item in story.contenders if not item.wins and item.ref not in near]
    label = "loses" if ref is not None else "misses"
    for item in losers[:_MOST_LOSERS]:
        yield page.line(label, _loser(item, ref), _DIM)
        label = ""
    if len(losers) > _MOST_LOSERS:
        yield page.line("", f"and {len(losers) - _MOST_LOSERS} more", _DIM)


def _loser(item: Contender, winner: RouteRef | None) -> str:
    same = winner is not None and winner.ingress == item.ref.ingress
    whose = f" of {item.ref.ingress}" if item.ref.ingress and not same else ""
    return f"{_match_of(item.ref)}{whose}: {item.reason}"


def _match_of(ref: RouteRef) -> str:
    return f"{ref.path_type} {ref.path}" if ref.path_type else "default backend"


def _way(story: Story, page: _Page) -> Iterator[str]:
    label = "applies"
    for item in story.applied:
        yield page.line(label, f"{item.name}: {item.what}")
        label = ""
    answer = story.answer
    label = "unless"
    for client in story.unless or ():
        instead = f"what {client.page} answers" if client.page else _outcome(client.answer)
        yield page.line(label, f"{instead}: {client.why}")
        label = ""
    if answer.unopened is not None:
        yield page.line("to", ", ".join(answer.unopened.endpoints[:8]) or answer.unopened.name)
    if answer.backend is not None:
        sent = answer.upstream_uri
        target = sent if sent is not None else "(more than the target decides)"
        yield page.line("sends", f"{answer.request.method} {target} HTTP/1.1")
        yield page.line("to", ", ".join(answer.backend.endpoints[:8]) or answer.backend.name)
        # The Services of one upstream have their endpoints among its own.
        others = (item for item in answer.alternatives if item[0].name != answer.backend.name)
        for backend, odds in others:
            to = ", ".join(backend.endpoints[:8]) or backend.name
            yield page.line("", f"or, {100 * odds:g}%: {backend.name} at {to}")
    yield from _behind(story.behind, page)
    lines = story.lines
    if lines is not None:
        location = f", location in line {lines.location}" if lines.location else ""
        yield page.line("nginx", f"{lines.file}: server in line {lines.server}{location}")


def _behind(behind: Behind, page: _Page) -> Iterator[str]:
    """Print the Pods: nothing where the input has no more than the addresses."""
    if behind.way:
        yield page.line("way", behind.way)
    label = behind.label
    printed = [item for item in behind.members if item.pod or item.node or item.why_not]
    for item in printed[:_MOST_MEMBERS]:
        name = " at ".join(filter(None, (item.pod, item.address)))
        what = " on ".join(filter(None, (name, item.node)))
        why = f": {item.why_not or item.doubt}" if item.why_not or item.doubt else ""
        mark = "- " if item.why_not else ""
        style = _YELLOW if item.doubt else _DIM if item.why_not else ""
        yield page.line(label, f"{mark}{what}{why}", style)
        label = ""
    if len(printed) > _MOST_MEMBERS:
        yield page.line("", f"and {len(printed) - _MOST_MEMBERS} more", _DIM)
    if behind.unselected:
        yield page.line(label, behind.unselected, _YELLOW)


def _advice(story: Story, page: _Page) -> Iterator[str]:
    if story.quirk is not None:
        yield page.line("quirk", story.quirk.makes)
        yield page.line("", story.quirk.otherwise)
        yield page.line("help", story.quirk.help)
    label = "near"
    for near in story.near:
        yield page.line(label, near.misses)
        rule = "" if near.ref.path in near.misses else f": {_match_of(near.ref)}"
        where = f"  ({near.ref.source})" if near.ref.source else ""
        yield page.line("", f"{near.ref}{rule}{where}", _DIM)
        label = ""
    if story.over_http is not None:
        yield page.line("near", f"over http: {_outcome(story.over_http)}")
        if not story.findings:
            yield page.line("help", _for_https(story))
    if story.answer.status != 503:
        yield from _findings(story, page)


def _reach(verdict: Verdict | None, page: _Page) -> Iterator[str]:
    """Print the sentence that leads to the fix, and below it what says so."""
    if verdict is None:
        return
    # It is cut where its parts are taken from the input, and no more.
    label = page.paint(f"{'why':<{_LABEL}}", _STYLES["error"])
    yield f"  {label}{page.paint(visible(verdict.sentence), _BOLD)}"
    label = "evidence"
    for line in evidence_lines(verdict):
        yield page.line(label, line, _DIM)
        label = ""


def _for_https(story: Story) -> str:
    question = story.answer.request
    if question.sni is None or question.sni == question.host_name:
        return _WITHOUT_TLS
    return f"the Host header is no part of TLS: put {question.host_name} into the URL"


def _findings(story: Story, page: _Page) -> Iterator[str]:
    for found in story.findings:
        yield page.line(found.severity.value, f"{found.message} [{found.code}]")
        if found.help:
            yield page.line("help", found.help)
