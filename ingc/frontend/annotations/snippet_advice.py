"""What to write in place of a snippet, by what it does, where that is more than one directive."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from ingc.frontend.annotations.declare import Annotation, Declaration
from ingc.frontend.annotations.redirects import URL_LOCATION
from ingc.frontend.declarations.grammar import BadValue

_COMMENT = re.compile(r"(?<!\S)#[^\n]*")
_REFUSED = r"(?:deny\s+all|return\s+4\d\d)\s*;"
_PERMANENT = {"301": "", "308": ' and permanent-redirect-code: "308"'}


_MOST = 10_000
"""Characters of a snippet that are looked at: patterns take long on longer ones."""


def _redirect(found: re.Match[str]) -> str:
    code, url = found["code"] or "302", found["url"]
    try:
        URL_LOCATION.read(url)
    except BadValue:
        return ""
    name = "permanent-redirect" if code in _PERMANENT else "temporal-redirect"
    more = _PERMANENT.get(code, "" if code == "302" else f' and temporal-redirect-code: "{code}"')
    return f"for return use {name}: {url}{more}"


def _closed(found: re.Match[str]) -> str:
    path = re.sub(r"[\^$\\]", "", found["path"])
    if not re.fullmatch(r"/[\w./-]*", path):
        path = "the path"
    return (
        f"for location use an Ingress with {path} alone and denylist-source-range: 0.0.0.0/0,::/0"
    )


def _moved(found: re.Match[str]) -> str:
    name = "permanent-redirect" if found["flag"] == "permanent" else "temporal-redirect"
    return (
        f"for rewrite use an Ingress with the path alone, as a regex with $ at its end, and {name}"
    )


def _blocked(found: re.Match[str]) -> str:
    key = "block-user-agents" if found["what"] == "user_agent" else "block-referers"
    return f"for if use the ConfigMap key {key}"


def _websocket(_found: re.Match[str]) -> str:
    return "remove the headers Upgrade and Connection: WebSockets are passed on anyway"


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (
        re.compile(
            rf"\bif\s*\(\s*\$http_(?P<what>user_agent|referer)\s[^{{}}]*\)\s*\{{\s*{_REFUSED}\s*\}}"
        ),
        _blocked,
    ),
    (
        re.compile(rf"\blocation\s+(?:[=~^*]+\s+)?(?P<path>\S+)\s*\{{\s*(?:{_REFUSED}\s*)+\}}"),
        _closed,
    ),
    (
        re.compile(r"\brewrite\s+\S+\s+\S+\s+(?P<flag>permanent|redirect)\s*;"),
        _moved,
    ),
    (
        re.compile(
            r"(?:\A|[;}])\s*return\s+(?:(?P<code>30[12378])\s+)?(?P<url>(?:https?|\$scheme)://[^\s;\"']+)\s*;"
        ),
        _redirect,
    ),
    (
        re.compile(
            r"\bproxy_set_header\s+(?:Upgrade\s+[\"']?\$http_upgrade"
            r"|Connection\s+[\"']?(?:upgrade|\$(?:connection_upgrade|http_connection)))[\"']?\s*;",
            re.IGNORECASE,
        ),
        _websocket,
    ),
)


def by_what_it_does(snippet: str) -> tuple[list[str], str]:
    """Return advice, and what of the snippet it does not speak of."""
    rest = _COMMENT.sub("", snippet[:_MOST])
    advice: dict[str, None] = {}
    for pattern, words in _RULES:

        def worded(found: re.Match[str], words: Callable[[re.Match[str]], str] = words) -> str:
            text = words(found)
            advice.update({text: None} if text else {})
            return ";" if text else found[0]

        rest = pattern.sub(worded, rest)
    return list(advice), rest


def without_effect(snippet: str, declarations: Iterable[Declaration]) -> Iterator[tuple[str, str]]:
    """Yield the directives of a snippet that set what holds anyway, with advice."""
    for declared in declarations:
        if not isinstance(declared, Annotation) or not declared.default:
            continue
        name = declared.sets or declared.see
        found = re.search(rf"(?:\A|[;{{}}\s]){name}\s+([^\s;]+)\s*;", snippet) if name else None
        if found is not None and _is_default(declared, found[1]):
            yield name, f"remove {name} {found[1]}, which holds anyway"


def _is_default(declared: Annotation[object], text: str) -> bool:
    try:
        return declared.read(text) == declared.read(declared.default)
    except BadValue:
        return False
