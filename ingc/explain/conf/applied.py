"""What an nginx.conf does to a request beside passing it on, or to its answer."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.explain.answer import Answer
from ingc.explain.compiled.words import Applied
from ingc.explain.conf.api import Conf
from ingc.explain.conf.places import StatementPlace
from ingc.model import Outcome
from ingc.model.checks import Check
from ingc.model.scopes import pass_of
from ingc.model.tree import Statement

_SETTINGS = frozenset(
    {"rewrite", "return", "limit_rate", "allow", "deny", "satisfy", "client_max_body_size"}
    | {"proxy_read_timeout"}
)
_LISTS = frozenset({"allow", "deny", "ssl_verify_client"})


def conf_applied(conf: Conf, outcome: Outcome | None, answer: Answer) -> tuple[Applied, ...]:
    """Return what is checked, what stands in the location, and the headers of both sides."""
    if outcome is None or answer.unknown is not None:
        return ()
    place = conf.at(outcome.location_line) or conf.at(outcome.server_line)
    return (
        *(_check(item, _where(conf, item[0], place)) for item in outcome.checks),
        *_settings(conf, conf.at(outcome.location_line)),
        *_headers(answer, outcome),
        *_upgrade(answer, outcome),
        *_lost(conf, place, answer),
        *_chosen(conf, answer),
    )


def _chosen(conf: Conf, answer: Answer) -> Iterator[Applied]:
    """Yield what a controller's Lua chooses beside the Service."""
    if conf.controller is None or answer.backend is None or conf.evidence is None:
        return
    canary = ", and the canary if there is one" if conf.evidence.default_backend is None else ""
    yield Applied("Lua", f"it chooses the endpoint{canary}")


def _check(check: Check, where: str) -> Applied:
    """Describe a check, and where it is written."""
    name, *args = check
    if name == "auth_basic":
        what = f'name and password (realm "{args[0]}", file {args[1]}), else 401'
        return Applied("auth", what + where)
    if name == "auth_request":
        target = _target(args) if args else "a location that is missing"
        return Applied("auth", f"{target} decides: 2xx lets pass, else 401, 403{where}")
    if name == "limit_req":
        rate, burst = args
        more = f", {burst} more at once" if burst != "0" else ""
        return Applied("limit", f"{rate or 'a rate that is not set'}{more}{where}")
    if name == "limit_conn":
        return Applied("limit", f"{args[0]} connections{where}")
    if name == "error_page":
        status, *goes = args
        return Applied("errors", f"{_target(goes)} in place of {status}{where}")
    return Applied(name, f"a copy to {_target(args)}{where}")


def _target(args: list[str]) -> str:
    """Return where a request is passed: ``http://auth/check``, or ``status 503``."""
    return f"status {args[1]}" if args[:1] == ["return"] else " ".join(args) or "another location"


def _where(conf: Conf, name: str, place: StatementPlace | None) -> str:
    """Return where a directive stands that holds in a place: the innermost block that has it."""
    scopes = (*place.scopes, place.statement) if place is not None else ()
    found = next((item for scope in reversed(scopes) if (item := scope.first(name))), None)
    return f" ({conf.place(found.line)})" if found is not None else ""


def _settings(conf: Conf, place: StatementPlace | None) -> Iterator[Applied]:
    """Yield what stands in the location and decides something, with its place."""
    if place is None:
        return
    own = [item for item in place.statement.block or () if item.name in _SETTINGS]
    names = {item.name for item in own}
    # What may refuse the request counts wherever it stands.
    around = (
        item
        for scope in place.scopes
        for item in scope.block or ()
        if item.name in _LISTS and item.name not in names
    )
    for item in (*around, *own):
        yield Applied("nginx", f"{item.name} {' '.join(item.args)} ({conf.place(item.line)})")


def _headers(answer: Answer, outcome: Outcome) -> Iterator[Applied]:
    if answer.backend is not None:
        for name, value in outcome.headers:
            if value:
                yield Applied("header", f"{name}: {value}")
    for name, value in outcome.sent:
        yield Applied("answer", f"{name}: {value}")


def _upgrade(answer: Answer, outcome: Outcome) -> Iterator[Applied]:
    """Yield that a WebSocket is not passed on, where the location does not do so itself."""
    asks = any(name.lower() == "upgrade" and value for name, value in answer.request.headers)
    passes = any(name.lower() == "upgrade" and value for name, value in outcome.headers)
    if asks and not passes and outcome.protocol in ("http", "https"):
        how = "proxy_http_version 1.1, proxy_set_header Upgrade $http_upgrade and Connection"
        yield Applied("dropped", f"header Upgrade: to pass it on takes {how}")


def _lost(conf: Conf, place: StatementPlace | None, answer: Answer) -> Iterator[Applied]:
    """Yield the headers of outer blocks that an inner one, with headers of its own, drops.

    nginx inherits ``add_header`` and ``proxy_set_header`` where the inner block has none at all.
    """
    scopes = (*place.scopes, place.statement) if place is not None else ()
    passed = pass_of(scopes[-1]) if scopes and answer.backend is not None else None
    kinds = ["add_header"]
    if passed is not None and passed.name in ("proxy_pass", "grpc_pass"):
        kinds.append(passed.name.replace("_pass", "_set_header"))
    for kind in kinds:
        if not any(scope.first(f"{kind}_inherit") for scope in scopes):
            yield from _shadowed(conf, scopes, kind)


def _shadowed(conf: Conf, scopes: tuple[Statement, ...], kind: str) -> Iterator[Applied]:
    inner = next((scope for scope in reversed(scopes) if scope.first(kind)), None)
    if inner is None:
        return
    own = {item.args[0].lower() for item in inner.all(kind)}
    for item in (item for scope in scopes if scope is not inner for item in scope.all(kind)):
        if item.args[0].lower() not in own:
            why = f"{kind} holds in no {inner.name} that has one of its own"
            yield Applied("dropped", f"{item.args[0]} ({conf.place(item.line)}): {why}")
