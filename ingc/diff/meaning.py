"""What an answer means, whoever wrote the nginx.conf: without names of variables and files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ingc.explain.answer import Answer
from ingc.explain.conf.api import Conf
from ingc.model import Outcome
from ingc.model.scopes import error_page, inherited, setting
from ingc.model.tree import Statement

Named = Callable[[str], str]
"""Gives what an upstream is, by its name: ``namespace/name`` of a Service."""
Scopes = tuple[Statement, ...]

_REQUEST_ID = re.compile(r"\$(?:req_id|ingc_request_id)\b")
_VARIABLE = re.compile(r"\$\w+")
_USUAL_PORT = re.compile(r"\A(?:(http://[^/$]*):80|(https://[^/$]*):443)(?=[/$]|\Z)")
_UPSTREAM = re.compile(r"\A(?:https?|grpcs?)://([\w.-]+)\Z")
_NOT_COMPARED = frozenset({"strict-transport-security", "vary", "server"})
"""Headers of answers that Lua sets too, that headers-more removes, or that are a departure."""
_OF_NO_BODY = frozenset({"content-type", "content-length"})
"""Headers that say nothing of an answer 204."""
_SECONDS = re.compile(r"(\d+)s?").fullmatch
_USUAL = {
    "client_max_body_size": "1m",
    "proxy_buffering": "on",
    "proxy_request_buffering": "on",
    "proxy_redirect": "default",
    "proxy_cookie_domain": "off",
    "proxy_cookie_path": "off",
    "proxy_ssl_verify": "off",
    "ssl_verify_client": "off",
    "limit_rate": "0",
    "satisfy": "all",
}
"""Directives of a location that both write alike, with nginx's defaults."""
_TIMES = {f"{kind}_timeout": "60" for kind in ("connect", "send", "read")}


def meaning(conf: Conf, answer: Answer, outcome: Outcome, named: Named) -> dict[str, object]:
    """Return what an answer is made with, by name; equal values mean the same."""
    place = conf.at(outcome.location_line) or conf.at(outcome.server_line)
    scopes = (*place.scopes, place.statement) if place is not None else ()
    found: dict[str, object] = {}
    for name, text in outcome.sent:
        bare = answer.status == 204 and name.lower() in _OF_NO_BODY
        if name.lower() not in _NOT_COMPARED and text and not bare:
            found[f"answer header {name.lower()}"] = _resolved(text, scopes)
    if outcome.shown is not None:
        found["status of the error page"] = str(outcome.shown)
    if answer.backend is None:
        return found
    for name, text in outcome.headers:
        if text:
            found[f"upstream header {name.lower()}"] = _resolved(text, scopes)
    found["protocol"] = outcome.protocol
    found.update(_checks(outcome, named))
    found.update(_lists(scopes))
    found.update(_sign_in(conf, scopes))
    found.update(_directives(scopes, outcome.protocol))
    return found


def _resolved(text: str, scopes: Scopes) -> str:
    """Return a text with what a variable is taken from, where it is one of a location's own."""
    asked = {item.args[0]: item.args[1] for item in inherited(scopes, "auth_request_set")}
    text = _VARIABLE.sub(lambda found: asked.get(found[0], found[0]), text)
    return _REQUEST_ID.sub("$request_id", text)


def _checks(outcome: Outcome, named: Named) -> dict[str, object]:
    found: dict[str, list[str]] = {}
    for name, *args in outcome.checks:
        if name == "auth_basic":
            found[name] = args[:1]
        elif name == "error_page":
            key = f"{name} {args[0]}"
            found.setdefault(key, [" ".join(_target(arg, named) for arg in args[1:])])
        else:
            found.setdefault(name, []).append(" ".join(_target(arg, named) for arg in args))
    return {name: ", ".join(sorted(texts)) for name, texts in found.items()}


def _target(text: str, named: Named) -> str:
    """Return a URL without the port that is usual, or what an upstream is."""
    upstream = _UPSTREAM.match(text)
    if upstream is not None:
        return named(upstream[1])
    return _USUAL_PORT.sub(lambda found: found[1] or found[2], text)


def _sign_in(conf: Conf, scopes: Scopes) -> Iterator[tuple[str, object]]:
    """Yield where a client without leave is sent, up to what the request decides of it."""
    page = error_page(scopes, 401)
    named = conf.model.level(scopes[1]).named if page is not None else {}
    location = named.get(page.args[-1]) if page is not None else None
    answer = location.first("return") if location is not None else None
    if answer is not None and len(answer.args) == 2:
        yield "sign-in", answer.args[1].partition("$")[0]


def _lists(scopes: Scopes) -> Iterator[tuple[str, object]]:
    """Yield the list of addresses that holds, of the innermost block that has one."""
    for scope in reversed(scopes):
        rules = [item for item in scope.block or () if item.name in ("allow", "deny")]
        if rules:
            yield "addresses", ", ".join(f"{item.name} {' '.join(item.args)}" for item in rules)
            return


def _directives(scopes: Scopes, protocol: str) -> Iterator[tuple[str, object]]:
    kind = "grpc" if protocol.startswith("grpc") else "proxy"
    for name, usual in _USUAL.items():
        text = " ".join(setting(scopes, name) or (usual,)).lower()
        yield name, text
    for name, usual in _TIMES.items():
        text = " ".join(setting(scopes, f"{kind}_{name}") or (usual,))
        seconds = _SECONDS(text)
        yield f"{kind}_{name}", f"{seconds[1]}s" if seconds else text
