"""Stories as JSON, in the form of `answer.schema.json`: what is absent is ``null``."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from ingc.explain.answer import Answer, RouteRef, backend_text, text_of
from ingc.explain.compiled.candidates import Contender
from ingc.explain.question import Question
from ingc.explain.story import Story, Unless
from ingc.reach.report import verdict_form
from ingc.syntax.visible import as_json

Json = dict[str, Any]


def schema() -> Json:
    """Return the JSON schema of one answer."""
    import json

    text = files("ingc.explain").joinpath("answer.schema.json").read_text(encoding="utf-8")
    found: Json = json.loads(text)
    return found


def story_as_json(story: Story, *, indent: int | None = None) -> str:
    """Print a story as one JSON object; without ``indent`` in one line."""

    return as_json(form(story), indent)


def form(story: Story) -> Json:
    """Return a story as plain values."""
    answer = story.answer
    return {
        "request": {**_request(answer.request), "note": _note(answer)},
        "normalized": answer.uri,
        "server": answer.server,
        "route": _route(story, answer.route) if answer.route else None,
        "upstream": answer.unopened.name if answer.unopened else answer.upstream,
        "upstream_uri": answer.upstream_uri,
        "status": answer.status,
        "redirect": answer.redirect,
        "unless": [_unless(item) for item in story.unless or ()],
        "candidates": [*_candidates(story)],
        "reach": verdict_form(story.reach) if story.reach else None,
    }


def _unless(item: Unless) -> Json:
    answer = item.answer
    return {
        "status": answer.status,
        "redirect": answer.redirect,
        "upstream": answer.upstream,
        "page": item.page or None,
        "why": item.why,
    }


def unreadable(text: str, why: str) -> str:
    """Print in the same form, in one line, that a text is no request."""

    empty = dict.fromkeys(("method", "scheme", "host", "target", "headers", "sni", "client_ip"))
    request = {"url": _clean(text), **empty, "note": why}
    rest = ("normalized", "server", "route", "upstream", "upstream_uri", "status", "redirect")
    lists: Json = {"unless": [], "candidates": []}
    made: Json = {"request": request, **dict.fromkeys(rest), **lists, "reach": None}
    return as_json(made)


def _request(question: Question) -> Json:
    return {
        "url": _clean(question.url),
        "method": question.method,
        "scheme": question.scheme,
        "host": _clean(question.host),
        "target": _clean(question.target),
        "headers": [[_clean(name), _clean(value)] for name, value in question.headers],
        "sni": _clean(question.sni) if question.sni is not None else None,
        "client_ip": question.client_ip,
    }


def _clean(text: str) -> str:
    """Return text that can be written as UTF-8: bytes that are none are escaped."""
    return text_of(text.encode("utf-8", "surrogateescape"))


def _note(answer: Answer) -> str | None:
    if answer.either:
        return _clean("; ".join(answer.either))
    if answer.unknown is not None:
        return _clean(f"unknown: {answer.unknown}")
    if answer.file is not None:
        return _clean(f"{answer.file}: {answer.why}")
    if answer.unopened is not None:
        return _clean(f"TLS goes unopened to {backend_text(answer.unopened)}: {answer.why}")
    return _clean(answer.why) or ("TLS is refused" if answer.refused else None)


def _route(story: Story, ref: RouteRef) -> Json:
    answer = story.answer
    alternatives = [
        {"upstream": backend.name, "odds": odds} for backend, odds in answer.alternatives
    ]
    return {
        **_rule(ref),
        "service": ref.service,
        "port": ref.port,
        "source": ref.source,
        "endpoints": list(answer.backend.endpoints) if answer.backend else [],
        "alternatives": alternatives,
        "may_answer": list(ref.may_answer),
        "applied": [{"name": item.name, "what": item.what} for item in story.applied],
        "nginx": _lines(story),
        "quirk": f"{story.quirk.makes}; {story.quirk.otherwise}" if story.quirk else None,
        "findings": [
            {"code": item.code, "severity": item.severity.value, "message": item.message}
            for item in story.findings
        ],
    }


def _rule(ref: RouteRef) -> Json:
    return {
        "ingress": ref.ingress,
        "field": ref.field,
        "path": ref.path,
        "path_type": ref.path_type,
    }


def _lines(story: Story) -> Json | None:
    lines = story.lines
    if lines is None:
        return None
    return {"file": lines.file, "server": lines.server or None, "location": lines.location or None}


def _candidates(story: Story) -> Iterator[Json]:
    for item in story.contenders:
        yield _candidate(item)
    for near in story.near:
        yield _candidate(Contender(near.ref, near.host, wins=False, reason=near.misses))


def _candidate(item: Contender) -> Json:
    return {"host": item.host, **_rule(item.ref), "wins": item.wins, "reason": item.reason}
