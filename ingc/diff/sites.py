"""The sites whose pages an nginx.conf lets read answers: what ``Origin`` it compares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ingc.explain.conf.api import Conf
from ingc.model.tree import Statement
from ingc.syntax.regex.samples import samples

_ORIGIN = "$http_origin"
_ALLOWS = "Access-Control-"
_STRANGER = "https://ingc.invalid"
_MOST_SAMPLES = 3


def sites_of(conf: Conf) -> Iterator[str]:
    """Yield origins that a configuration compares, and one that it does not; or none at all."""
    found = list(dict.fromkeys(_sites(conf.model.http.block or ())))
    if found:
        yield from (*found, _STRANGER)


def minds_sites(server: Statement) -> bool:
    """Return whether a server answers other sites otherwise."""
    return any(
        "$cors" in item.args[:1] or any(arg.startswith(_ALLOWS) for arg in item.args)
        for item in _statements(server)
    )


def _statements(block: Statement) -> Iterator[Statement]:
    for item in block.block or ():
        yield item
        yield from _statements(item)


def _sites(statements: Iterable[Statement]) -> Iterator[str]:
    for item in statements:
        if item.name == "if" and len(item.args) == 3 and item.args[0] == _ORIGIN:
            yield from _samples(item.args[2])
        elif item.name == "map" and item.args[0] == _ORIGIN:
            for entry in item.block or ():
                if entry.name.startswith("~"):
                    yield from _samples(entry.name.lstrip("~*"))
                elif "://" in entry.name:
                    yield entry.name
        elif item.name == "set" and item.args == (_ORIGIN, "*"):
            yield "https://any.example.com"
        else:
            yield from _sites(item.block or ())


def _samples(pattern: str) -> Iterator[str]:
    for number, text in enumerate(samples(pattern)):
        if number >= _MOST_SAMPLES:
            return
        origin = text.decode("latin-1")
        if origin.isprintable() and origin.isascii() and " " not in origin:
            yield origin
