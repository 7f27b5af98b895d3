"""From files, or a text, to a `Conf`.

A foreign file may hold what crossplane does not know; what was compiled may not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any

from ingc.explain.conf.api import BadConf, Conf
from ingc.explain.conf.arguments import lacking
from ingc.explain.conf.endless import Endless, refuse_endless
from ingc.explain.conf.evidence import WatchedObjects
from ingc.explain.conf.including import NotJoined, joined
from ingc.explain.conf.lua import EndlessLua, with_lua_quoted
from ingc.explain.conf.templates import template_mark
from ingc.model.known import INCLUDED
from ingc.prove.parsing import RefusedText, Token, parse, tokens_of
from ingc.target import Version


def read_conf(path: Path | str, version: Version = (1, 26, 0)) -> Conf:
    """Read an nginx.conf and the files that it includes. Raises `BadConf`.

    A file without ``http``, as they lie in ``conf.d``, is taken for the inside of one.
    """
    failures: list[Exception] = []
    name = str(path)
    try:
        refuse_endless(name)
    except Endless as error:
        raise BadConf(str(error)) from error
    _refuse_template(name)
    payload = _parser()(
        name, strict=False, check_ctx=False, check_args=False, onerror=failures.append
    )
    files = payload["config"]
    for failure in failures:
        if not isinstance(failure, OSError) or not files[0]["parsed"]:
            reason = _reason(failure)
            raise BadConf(reason if name in reason else f"{name}: {reason}")
    for file in files[1:]:
        _refuse_template(file["file"])
    try:
        parsed = joined(files)
    except NotJoined as error:
        raise BadConf(str(error)) from error
    bad = next(lacking(parsed), None)
    if bad is not None:
        raise BadConf(f"{bad['file']}:{bad['line']}: {bad['directive']} lacks arguments")
    names = {item["directive"] for item in parsed}
    inside = not names & {"http", "stream"}
    if inside and "server" not in names:
        raise BadConf(f"{name}: it has neither an http nor a stream block, so it serves nothing")
    if inside:
        parsed = [{"directive": "http", "args": [], "line": 1, "file": name, "block": parsed}]
    unread = tuple(
        f"{item['file']}:{item['line']}: {item['error']}" if item.get("line") else item["error"]
        for item in payload["errors"]
        if not str(item["error"]).rstrip("'\"").endswith(INCLUDED)
    )
    return Conf(parsed, version, name, unread, inside=inside, evidence=WatchedObjects())


@cache
def _parser() -> Callable[..., dict[str, Any]]:
    """Return crossplane's own ``parse``, for files with Lua in them."""
    from crossplane import lexer, parser
    from crossplane.errors import NgxParserSyntaxError

    def lex(name: str) -> Iterator[Token]:
        text = Path(name).read_text(encoding="utf-8", errors="replace")
        try:
            quoted = with_lua_quoted(text)
        except EndlessLua as error:
            raise NgxParserSyntaxError(str(error), name, error.line) from error
        yield from lexer._balance_braces(tokens_of(quoted), name)

    names = {**vars(parser), "lex": lex}
    return FunctionType(parser.parse.__code__, names, "parse", parser.parse.__defaults__)


def _reason(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "its blocks are nested too deep"
    if isinstance(error, OSError):
        return error.strerror or str(error)
    # What crossplane finds wrong has a place; all else is what it does not expect.
    return str(error) if hasattr(error, "lineno") else "it is not in nginx's syntax"


def _refuse_template(name: str) -> None:
    try:
        text = with_lua_quoted(Path(name).read_text(encoding="utf-8", errors="replace"))
    except (OSError, EndlessLua):
        return  # what can't be read is reported by crossplane
    found = template_mark(text)
    if found is not None:
        mark, line = found
        raise BadConf(f"{name}:{line}: it holds {mark}, so it is a template: render it first")


def conf_of(
    text: str, version: Version, *, fragment: bool = False, name: str = "nginx.conf"
) -> Conf:
    """Read the text of what was compiled; ``name`` is for places. Raises `BadConf`."""
    parsed = parse(f"http {{\n{text}\n}}\n" if fragment else text)
    if isinstance(parsed, RefusedText):
        raise BadConf(f"{name}:{parsed.line}: {parsed.why}")
    return Conf(parsed, version, name)
