"""Text in which nginx expands variables, as typed parts; and the variables a user may name."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

_BRACES_NOT_NEEDED = re.compile(r"\$\{(?:(\w+)\}(?!\w)|([1-9])\})")
"""A group is one digit, and in braces nginx would take it for a variable of that name."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One of nginx's variables, of those that our own maps define, or a capture (``1``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text with variables in it; a plain part must hold no ``$``."""

    parts: tuple[str | Variable, ...]

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the variables, in order."""
        return tuple(part.name for part in self.parts if isinstance(part, Variable))

    @property
    def constant(self) -> str | None:
        """The text where it holds no variable, else ``None``."""
        if any(isinstance(part, Variable) for part in self.parts):
            return None
        return "".join(part for part in self.parts if isinstance(part, str))

    def __str__(self) -> str:
        """The text as nginx reads it: ``$name``, with braces where a name would go on."""
        return _BRACES_NOT_NEEDED.sub(
            lambda found: f"${found[1] or found[2]}",
            "".join(part if isinstance(part, str) else f"${{{part.name}}}" for part in self.parts),
        )


DOLLAR = Variable("ingc_dollar")
"""Holds one dollar sign; defined by a ``geo`` wherever it is used."""

ALLOWED = frozenset(
    {
        "args",
        "binary_remote_addr",
        "body_bytes_sent",
        "content_length",
        "content_type",
        "host",
        "hostname",
        "https",
        "is_args",
        "msec",
        "query_string",
        "remote_addr",
        "remote_port",
        "request",
        "request_id",
        "request_length",
        "request_method",
        "request_uri",
        "scheme",
        "server_addr",
        "server_name",
        "server_port",
        "server_protocol",
        "ssl_client_fingerprint",
        "ssl_client_i_dn",
        "ssl_client_s_dn",
        "ssl_client_serial",
        "ssl_client_verify",
        "ssl_protocol",
        "ssl_server_name",
        "time_iso8601",
        "time_local",
    }
)
"""nginx's variables that depend on the request alone, nothing of files, keys or other hosts.

None of them can hold a line break, so that each may stand in a header."""
DECODED = frozenset({"document_uri", "remote_user", "uri"})
"""Those that a client can put a line break into."""
_OF_THE_CONTROLLER = {
    "pass_access_scheme": "scheme",
    "pass_server_port": "server_port",
    "req_id": "request_id",
    "the_real_ip": "remote_addr",
}
"""Variables that ingress-nginx's template sets, and those of nginx with the same value."""
_FAMILIES = re.compile(r"(?:arg|cookie|http)_[a-z0-9_]+").fullmatch
_REFERENCE = re.compile(r"\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))?")


class BadVariable(ValueError):
    """A text names a variable that it may not name; the message names the variable."""


def read_text(
    text: str,
    *,
    captures: bool = False,
    decoded: bool = False,
    also: Container[str] = frozenset(),
) -> Text:
    """Read ``$name`` and ``${name}``; with ``captures`` also ``$1`` to ``$9``.

    Where no line break can do harm, ``decoded`` allows the variables of `DECODED` too. A capture
    can hold one as well. ``also`` are more variables that have a meaning where the text stands.

    Raises `BadVariable` for a variable that is not allowed, and for a ``$`` without a name.
    """
    parts: list[str | Variable] = []
    end = 0
    for found in _REFERENCE.finditer(text):
        if text[end : found.start()]:
            parts.append(text[end : found.start()])
        name = found.group(1) or found.group(2)
        if not name:
            raise BadVariable('a "$" is not followed by the name of a variable')
        if name in also:
            parts.append(Variable(name))
        else:
            parts.extend(_reference(name, captures=captures, decoded=decoded))
        end = found.end()
    if text[end:]:
        parts.append(text[end:])
    return Text(tuple(parts))


def _reference(name: str, *, captures: bool, decoded: bool) -> tuple[Variable | str, ...]:
    if captures and name[0] in "123456789":
        # nginx reads one digit; what follows is text.
        return (Variable(name[0]), *((name[1:],) if name[1:] else ()))
    if name in ("http_host", "best_http_host"):
        # What a client sends in its Host header need not be the host that nginx has judged.
        return (Variable("host"),)
    if name in ALLOWED or _FAMILIES(name) or (decoded and name in DECODED):
        return (Variable(name),)
    instead = _OF_THE_CONTROLLER.get(name)
    if instead is not None:
        raise BadVariable(f'the variable "${name}" is ingress-nginx\'s own; write ${instead}')
    raise BadVariable(f'the variable "${name}" may not be used')


def literal(text: str) -> Text:
    """Return a text in which each ``$`` means itself, for places where nginx expands variables."""
    parts: list[str | Variable] = []
    for index, piece in enumerate(text.split("$")):
        if index:
            parts.append(DOLLAR)
        if piece:
            parts.append(piece)
    return Text(tuple(parts))


def most_bytes(text: str) -> int:
    """Return the most bytes that a text may take as a token: quoted, escaped, with `DOLLAR`."""
    escaped = sum(map(text.count, '\\"\n\r\t'))
    dollar = len("${}") + len(DOLLAR.name)
    return 2 + len(text.encode("utf-8", "replace")) + escaped + text.count("$") * (dollar - 1)
