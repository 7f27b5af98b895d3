"""The access log: its form, where it goes, and what is left out."""

from __future__ import annotations

import re

from ingc.ir import Settings
from ingc.model.tree import Statement
from ingc.prove.unequal import Unequal
from ingc.prove.values import canonical, read_text, render
from ingc.prove.written import Written
from ingc.syntax.text import Text, Variable

_FIELDS = """
    time=time_iso8601 remote_addr=remote_addr scheme=scheme host=host method=request_method
    uri=request_uri protocol=server_protocol status=status bytes_sent=body_bytes_sent
    request_length=request_length request_time=request_time route=ingc_route upstream=upstream_addr
    upstream_status=upstream_status upstream_time=upstream_response_time request_id=ingc_request_id
    referer=http_referer user_agent=http_user_agent
"""
_JSON = ",".join('"{}":"${}"'.format(*item.split("=")) for item in _FIELDS.split())
_COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
    '"$http_referer" "$http_user_agent" $host $scheme "$ingc_route"'
)
"""nginx's own ``combined``, with the name of the route."""
_SCHEME = Variable("ingc_scheme")
_WHOLE = re.compile(r"~\*\^(.*)\\z", re.DOTALL).fullmatch


def log_differs(settings: Settings, written: Written) -> Unequal | None:
    """Return the first difference between the log of all servers and the expected one."""
    if settings.access_log == "off":
        forms: list[tuple[str, ...]] = []
    else:
        forms = [_form(settings)]
    found = [_read_form(item) for item in written.http.all("log_format")]
    if canonical(tuple(found)) != canonical(tuple((n, e, read_text(t)) for n, e, t in forms)):
        return Unequal("LogFile", "format", render(tuple(forms)), render(tuple(found)))
    if settings.fragment:
        return None
    return access_log_differs(settings, written.http.all("access_log"), written)


def _form(settings: Settings) -> tuple[str, str, str]:
    """Return the name of the log's form, what is escaped, and its text."""
    log = settings.policies.log
    if log.format is not None:
        scheme = _SCHEME if settings.policies.front.tells_scheme else Variable("scheme")
        parts = tuple(scheme if part == _SCHEME else part for part in log.format.parts)
        return "ingc_own", f"escape={log.escape}", str(Text(parts))
    if settings.access_log == "json":
        return "ingc_json", "escape=json", f"{{{_JSON}}}"
    return "ingc_combined", "", _COMBINED


def _read_form(line: Statement) -> tuple[str, str, Text]:
    name, *rest = line.args
    escape = rest.pop(0) if rest and rest[0].startswith("escape=") else ""
    return name, escape, read_text("".join(rest))


def access_log_differs(
    settings: Settings, lines: tuple[Statement, ...], written: Written
) -> Unequal | None:
    """Return the difference between the log in effect and the expected one."""
    log = settings.policies.log
    found = [item.args for item in lines]
    if settings.access_log == "off":
        wanted: tuple[str, ...] = ("off",)
    else:
        wanted = (log.path, _form(settings)[0], *log.params)
    if len(found) != 1 or found[0][: len(wanted)] != wanted:
        return Unequal("LogFile", "path", render(wanted), render(tuple(found)))
    return _skipped_differ(settings, found[0][len(wanted) :], written)


def _skipped_differ(
    settings: Settings, condition: tuple[str, ...], written: Written
) -> Unequal | None:
    skipped = settings.policies.log.skipped if settings.access_log != "off" else ()
    block = None
    if len(condition) == 1 and condition[0].startswith("if=$"):
        block = written.blocks.get(condition[0].removeprefix("if=$"))
    if not skipped:
        return None if not condition else Unequal("LogFile", "skipped", "none", render(condition))
    entries = dict(block.entries) if block is not None and block.source == "$request_uri" else {}
    rest = entries.pop("default", "")
    keys = {_key(key, skipped) for key, value in entries.items() if value == "0"}
    if rest != "1" or len(keys) != len(entries) or keys != set(skipped):
        return Unequal("LogFile", "skipped", render(skipped), render(tuple(sorted(keys))))
    return None


def _key(key: str, wanted: tuple[str, ...]) -> str:
    """Return a key as the IR has it: one too long for nginx's table is a regex for it alone."""
    whole = _WHOLE(key) if key not in wanted else None
    text = re.sub(r"\\(.)", r"\1", whole[1], flags=re.DOTALL) if whole else ""
    return next((item for item in wanted if text and item.removeprefix("\\") == text), key)
