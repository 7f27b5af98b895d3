"""Names of servers: nginx resolves them while it reads a text, and refuses one that it can't."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Container, Iterable, Iterator

from ingc.model.starting.refusal import Part, Place, Refusal
from ingc.model.tree import Statement
from ingc.syntax.host import EVERY

_PASSES = frozenset(
    f"{module}_pass" for module in ("proxy", "fastcgi", "grpc", "memcached", "scgi", "uwsgi")
)
_LOGS = frozenset({"access_log", "error_log"})
_ASKED = _PASSES | _LOGS | {"resolver", "server", "set_real_ip_from"}
_BLOCKS = frozenset({"server", "upstream", "location", "if", "limit_except"})
"""What directives stand in; the entries of a map are none."""
_SCHEME = re.compile(r"^(?:https?|grpcs?)://", re.IGNORECASE)
_HOST = re.compile(r"\[[^]]*\]|[^/:]*").match
_SYSLOG = re.compile(r"syslog:(?:.*,)?server=(\[[^]]*\]|[^,:]*)").match


def names(main: Iterable[Statement], http: Statement, allowed: Container[str]) -> Iterator[Refusal]:
    """Check that each name that nginx resolves at its start is one that it may.

    It resolves none that stands in a variable, and none of an upstream's server with ``resolve``.
    With `EVERY` among the allowed names, all are.
    """
    if EVERY in allowed:
        return
    outside = Place(Statement("main", (), 0, ()))
    found = [(item, outside) for item in main if item.name in _LOGS]
    for context in (http, *(item for item in main if item.name == "stream")):
        for block in context.block or ():
            place = Place(block)
            if block.block is None:
                if block.name in _ASKED:
                    found.append((block, place))
            elif block.name in _BLOCKS:
                _gather(block, place, found)
        yield from _refused(found, {block.args[0] for block in context.all("upstream")}, allowed)
        found = []


def _gather(block: Statement, place: Place, found: list[tuple[Statement, Place]]) -> None:
    """Find what may name a server in a block and those inside of it, however deep."""
    for item in block.block or ():
        if item.block is None:
            if item.name in _ASKED:
                found.append((item, place))
        elif item.name in _BLOCKS:
            # A location inside of another is a part of that one.
            outer = item.name == "location" and place.location is None
            _gather(item, Place(place.block, item) if outer else place, found)


def _refused(
    found: Iterable[tuple[Statement, Place]], upstreams: Container[str], allowed: Container[str]
) -> Iterator[Refusal]:
    for item, place in found:
        for name in _hosts(item, upstreams):
            if name and name not in allowed:
                why = f"host not found in {item.name}: nothing lets it resolve {name} then"
                yield Refusal(why, (Part("", (place,)),), item.line)


def _hosts(item: Statement, upstreams: Container[str]) -> Iterator[str]:
    """Yield the hosts that a directive has nginx resolve; "" is none."""
    first = item.args[0]
    if item.name in _PASSES:
        # An upstream is meant by its name alone, without a port.
        yield "" if _SCHEME.sub("", first).partition("/")[0] in upstreams else _host(first)
    elif item.name in _LOGS:
        server = _SYSLOG(first)
        yield _host(server[1]) if server and server[1] != "unix" else ""
    elif item.name == "resolver":
        yield from (_host(argument) for argument in item.args if "=" not in argument)
    elif "resolve" not in item.args:
        yield _host(first.partition("/")[0])


def _host(text: str) -> str:
    """Return the name of a server, or "" where it is an address or stands in a variable."""
    address = _SCHEME.sub("", text)
    if "$" in address or address.startswith("unix:"):
        return ""
    host = _HOST(address)
    name = host[0] if host else ""
    return "" if _is_address(address) or _is_address(name) else name.lower()


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True
