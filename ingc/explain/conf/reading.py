"""From files, or a text, to a `Conf`.

A foreign file may hold what crossplane does not know; what was compiled may not.
"""

from __future__ import annotations

from pathlib import Path

from ingc.explain.conf.api import BadConf, Conf
from ingc.prove.parsing import RefusedText, parse
from ingc.target import Version


def read_conf(path: Path | str, version: Version = (1, 26, 0)) -> Conf:
    """Read an nginx.conf and the files that it includes. Raises `BadConf`."""
    import crossplane

    failures: list[Exception] = []
    name = str(path)
    payload = crossplane.parse(
        name,
        combine=True,
        strict=False,
        check_ctx=False,
        check_args=False,
        onerror=failures.append,
    )
    for error in failures:
        if not isinstance(error, OSError) or not payload["config"][0]["parsed"]:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            raise BadConf(reason if name in str(reason) else f"{name}: {reason}")
    parsed = payload["config"][0]["parsed"]
    if not any(item["directive"] in ("http", "stream") for item in parsed):
        raise BadConf(f"{name}: it has neither an http nor a stream block, so it serves nothing")
    unread = tuple(
        f"{item['file']}:{item['line']}: {item['error']}" if item.get("line") else item["error"]
        for item in payload["errors"]
    )
    return Conf(parsed, version, name, unread)


def conf_of(
    text: str, version: Version, *, fragment: bool = False, name: str = "nginx.conf"
) -> Conf:
    """Read the text of what was compiled; ``name`` is for places. Raises `BadConf`."""
    parsed = parse(f"http {{\n{text}\n}}\n" if fragment else text)
    if isinstance(parsed, RefusedText):
        raise BadConf(f"{name}:{parsed.line}: {parsed.why}")
    return Conf(parsed, version, name)
