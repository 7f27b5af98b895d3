"""Values in snippets: which variables may stand where, and texts as typed parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from ingc.frontend.snippets.parsed import SnippetWord, TextSpot
from ingc.ir.features.snippets import SNIPPET_VARIABLES, TYPE_OF_TEXTS
from ingc.syntax.digest import digest
from ingc.syntax.naming import dashed_word
from ingc.syntax.regex.reading import BadRegex, captures, read_pattern, slow_part
from ingc.syntax.text import ALLOWED, DECODED, BadVariable, Text, Variable, most_bytes, read_text

_LONGEST = 4000
_LONGEST_OWNER = 14
"""Characters: with a variable of 26 the whole name fits into nginx's table of them."""
_BACK_REFERENCE = re.compile(r"(?:[^\\]|\\[^1-9gk])*\\[1-9gk]", re.DOTALL).match
_CONTROL = re.compile(r"[\x00-\x1f\x7f]").search
_LINES = dict.fromkeys(map(ord, "\n\r\t"))
_NAMES = re.compile(r"\$(?:\{\w+\}|[A-Za-z0-9_]+)")
OF_ROUTE = frozenset(
    {"namespace", "ingress_name", "service_name", "service_port", "proxy_upstream_name"}
)
"""Variables of ingress-nginx that are known when compiling; `ingc.resolve` writes them out."""
RENAMED: Mapping[str, str] = {
    "best_http_host": "host",
    "http_host": "host",
    "pass_access_scheme": "scheme",
    "pass_server_port": "server_port",
    "req_id": "request_id",
    "the_real_ip": "remote_addr",
}
"""Variables of ingress-nginx, and nginx's own with the same value."""
KNOWN = frozenset(
    {"args", "document_uri", "host", "https", "is_args", "query_string", "remote_addr"}
    | {"request_method", "request_uri", "scheme", "uri"}
)
"""Variables that decide where a request goes: the oracle and the model know their values."""
_KNOWN_FAMILIES = ("arg_", "cookie_", "http_")
_WHEN_SENT = frozenset(
    {"connection", "connection_requests", "nginx_version", "proxy_add_x_forwarded_for"}
    | {"realip_remote_addr", "server_protocol", "ssl_cipher", "ssl_client_escaped_cert"}
    | {"ssl_session_reused"}
)
"""Beside `ALLOWED`: known when a request is passed on, and without line breaks."""
_WHEN_ANSWERED = frozenset(
    {"bytes_sent", "proxy_host", "proxy_port", "request_time", "status", "upstream_addr"}
    | {"upstream_bytes_received", "upstream_cache_status", "upstream_connect_time"}
    | {"upstream_header_time", "upstream_response_length", "upstream_response_time"}
    | {"upstream_status"}
)
_ANSWER_FAMILIES = re.compile(r"\$\{?((?:sent_http|upstream_http|upstream_cookie)_[a-z0-9_]+)")


class ValueUse(Enum):
    """Where a text stands, which decides what it may name."""

    ANSWER = "a header of the answer"
    REQUEST = "a header of the request to the backend"
    REDIRECT = "a redirect"
    BODY = "the text of an answer"
    PATH = "a path"
    VARIABLE = "a variable"
    COMPARED = "a comparison"
    FILTERED = "text in an answer"


_AS_HEADER = frozenset({ValueUse.ANSWER, ValueUse.REQUEST, ValueUse.REDIRECT})
"""Where a line break would begin another header."""
_OF_ANSWERS = frozenset({ValueUse.ANSWER, ValueUse.FILTERED})
"""Where the answer is there."""
_DECIDES = frozenset({ValueUse.REDIRECT, ValueUse.PATH, ValueUse.VARIABLE, ValueUse.COMPARED})
"""Where the value decides what becomes of the request, so that it has to be known."""


class RefusedDirective(Exception):
    """A directive that is not taken: the reason, and what to do instead."""

    def __init__(self, why: str, instead: str = "", place: TextSpot | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.instead = instead
        self.place = place


@dataclass(slots=True)
class SnippetNames:
    """The variables of one author's snippets."""

    owner: str
    """Their namespace; empty: the operator, whose variables keep their names."""
    of_route: bool = True
    """Whether the names of Ingress and Service are known."""
    given: dict[str, bool] = field(default_factory=dict)
    """Those that are set, each with whether a client can put a line break into it."""
    weights: dict[str, int] = field(default_factory=dict)
    """How many bytes their values may have, by the names that the configuration has."""
    shared: frozenset[str] = frozenset()
    """Those that the operator's maps define."""
    text_type: str = TYPE_OF_TEXTS
    """The media type of texts that answer, where neither snippet nor ending names one."""

    def variable(self, name: str) -> Variable:
        """Return what a variable of the author's is called in the configuration."""
        return Variable(variable_name(self.owner, name))


def variable_name(owner: str, name: str) -> str:
    """Return a name that no variable of nginx, of ours or of another namespace has.

    Three lines end the namespace, which no word holds; nobody's is the operator's. Sixteen digits
    and one line stand for a namespace that is too long, or no word.
    """
    whose = dashed_word(owner) if owner else ""
    if whose is None or len(whose) > _LONGEST_OWNER:
        return f"{SNIPPET_VARIABLES}{digest(owner)[:16]}_{name}"
    return f"{SNIPPET_VARIABLES}{whose}___{name}"


def read_value(word: SnippetWord, names: SnippetNames, use: ValueUse, *, groups: str = "") -> Text:
    """Return a text; ``groups`` says what captures are of, empty: there are none.

    Raises `Refused`.
    """
    text = _NAMES.sub(lambda found: found[0].lower(), word.text)
    if _CONTROL(text.translate(_LINES) if use is ValueUse.BODY else text):
        raise RefusedDirective("its value holds a control character", "", word.place)
    if most_bytes(text) > _LONGEST:
        raise RefusedDirective("its value is longer than nginx reads", "", word.place)
    also = {*names.given, *names.shared, *RENAMED, *_allowed(text, names, use)}
    try:
        read = read_text(text, captures=bool(groups), decoded=True, also=also)
    except BadVariable as error:
        raise RefusedDirective(str(error), _about_variables(names), word.place) from error
    parts = tuple(_named(part, names) for part in read.parts)
    found = Text(parts)
    _check(read, names, use, word, groups)
    return found


def _allowed(text: str, names: SnippetNames, use: ValueUse) -> set[str]:
    """Return what may stand beside the variables that may stand anywhere."""
    found: set[str] = set(OF_ROUTE) if names.of_route else set()
    if use in _OF_ANSWERS or use is ValueUse.REQUEST:
        found |= _WHEN_SENT
    if use in _OF_ANSWERS:
        found |= _WHEN_ANSWERED
        found.update(_ANSWER_FAMILIES.findall(text))
    return found


def _about_variables(names: SnippetNames) -> str:
    own = ", ".join(f"${name}" for name in sorted(names.given))
    return f"set it in the snippet before; set here: {own or 'none'}"


def _named(part: str | Variable, names: SnippetNames) -> str | Variable:
    if isinstance(part, str):
        return part
    if part.name in names.given:
        return names.variable(part.name)
    if part.name in names.shared:
        return Variable(variable_name("", part.name))
    return Variable(RENAMED.get(part.name, part.name))


def _check(read: Text, names: SnippetNames, use: ValueUse, word: SnippetWord, groups: str) -> None:
    for part in read.parts:
        if not isinstance(part, Variable):
            continue
        if use in _AS_HEADER and is_tainted(part.name, names, groups):
            why = f"a client can put a line break into ${part.name}, which would begin a header"
            raise RefusedDirective(why, "use $request_uri, or a capture of it", word.place)
        if use is ValueUse.FILTERED and is_tainted(part.name, names, groups):
            why = f"a client can put any character into ${part.name}, markup too"
            raise RefusedDirective(why, "use $request_uri, or a capture of it", word.place)
        if use in _DECIDES and not _is_known(part.name, names):
            why = f"what ${part.name} holds is not known before the request is passed on"
            raise RefusedDirective(why, "compare what the client sends", word.place)


def is_tainted(name: str, names: SnippetNames, groups: str) -> bool:
    """Return whether a client can put a line break into a variable."""
    if name.isdigit():
        return groups != "clean"
    if name in names.given:
        return names.given[name]
    return name in DECODED


def _is_known(name: str, names: SnippetNames) -> bool:
    own = name.isdigit() or name in names.given or name in names.shared
    return (
        own
        or RENAMED.get(name, name) in KNOWN
        or name.startswith(_KNOWN_FAMILIES)
        or (name in OF_ROUTE and names.of_route)
    )


def read_regex(word: SnippetWord, *, groups: bool = True) -> str:
    """Return a regex as nginx reads it. Raises `Refused`."""
    pattern = word.text
    try:
        read_pattern(pattern)
        slow = slow_part(pattern)
        named = captures(pattern).names
    except BadRegex as error:
        raise RefusedDirective(f"its regex is not taken: {error}", "", word.place) from error
    if slow is not None:
        why = f'its regex can take nginx seconds for one request: "{slow}"'
        raise RefusedDirective(why, "say what the repeats may not hold, as [^/]* does", word.place)
    if _BACK_REFERENCE(pattern):
        why = "a back-reference can take nginx seconds for one request"
        raise RefusedDirective(why, "write out what the group takes", word.place)
    if named and groups:
        raise RefusedDirective("a group with a name sets a variable", "use $1 to $9", word.place)
    if _CONTROL(pattern) or most_bytes(pattern) > _LONGEST:
        raise RefusedDirective("its regex is no line that nginx reads", "", word.place)
    return pattern


def new_variable(word: SnippetWord, names: SnippetNames) -> str:
    """Return the name of a variable that a snippet sets. Raises `Refused`."""
    found = re.fullmatch(r"\$(?:\{(\w+)\}|(\w+))", word.text, re.ASCII)
    if found is None:
        raise RefusedDirective("a variable is $ and a name", "", word.place)
    name = (found[1] or found[2]).lower()
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,25}", name):
        raise RefusedDirective(
            "the name of a variable has letters, digits and _, 26 at most", "", word.place
        )
    own = {*ALLOWED, *DECODED, *RENAMED, *OF_ROUTE, *_WHEN_SENT, *_WHEN_ANSWERED, *names.shared}
    prefixes = (
        *_KNOWN_FAMILIES,
        "sent_http_",
        "upstream_",
        "ssl_",
        "proxy_",
        "ingc_",
        SNIPPET_VARIABLES,
    )
    if name in own or name in _OTHERS or name.startswith(prefixes):
        raise RefusedDirective(
            f"${name} has a meaning already", "set a variable of another name", word.place
        )
    return name


_OTHERS = frozenset(
    {"document_root", "limit_rate", "realpath_root", "request_body", "request_body_file"}
    | {"request_completion", "request_filename", "pid", "pipe", "location_path", "tcpinfo_rtt"}
    | {"invalid_referer", "uid_got", "uid_set", "uid_reset", "geoip_country_code", "secure_link"}
    | {"time_iso8601", "gzip_ratio", "server_addr", "modern_browser", "ancient_browser", "msie"}
    | {"nginx_version", "date_local", "date_gmt", "slice_range", "memcached_key", "http2", "http3"}
)
