"""Reads simple directives: those of a location, and of a server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ingc.ir.features.tuning import ServerTuning, Tuning
from ingc.prove.effective import Effect, says
from ingc.target import DIRECTIVES

_OF_OTHERS = frozenset(
    [
        "absolute_redirect",
        "add_header",
        "allow",
        "auth_basic",
        "auth_basic_user_file",
        "auth_request",
        "auth_request_set",
        "deny",
        "error_page",
        "internal",
        "limit_conn",
        "limit_req",
        "log_subrequest",
        "mirror",
        "mirror_request_body",
        "port_in_redirect",
        "set",
        "rewrite",
        "return",
        "satisfy",
    ]
)
"""Directives of locations that other features ask for, beside the families below."""
_FAMILIES = ("pass", "set_header", "param", "index", "hide_header", "intercept_errors", "ssl_")
_ENDINGS = ("headers_hash_bucket_size", "headers_hash_max_size")
_OF_SERVERS = ("ssl_ciphers", "ssl_prefer_server_ciphers")
_NOT_OF_FASTCGI = frozenset({"http_502", "http_504"})
Wrong = tuple[str, str]
"""What is asked for, and what is in effect."""


def read_tuning(effect: Effect, asked: Iterable[Tuning]) -> Iterator[Wrong]:
    """Yield the directives that are asked for and not in effect, and the other way round."""
    wanted: dict[str, list[Tuning]] = {}
    for item in asked:
        wanted.setdefault(effect.word(item.directive), []).append(item)
    for name, items in wanted.items():
        if name not in DIRECTIVES:
            continue  # the module that passes requests on has no such word
        found = effect.every(items[0].directive)
        if not _same(found, items, fastcgi=effect.language == "fastcgi"):
            yield f"{name} of a Tuning", f"{name} {found or 'nowhere'}"
    for statement in effect.place.block or ():
        own = statement.block is None and statement.name not in wanted
        if own and not _is_of_others(statement.name):
            yield f"no {statement.name}", f"{statement.name} {' '.join(statement.args)}"


def _same(
    found: tuple[tuple[str, ...], ...], wanted: Sequence[Tuning | ServerTuning], *, fastcgi: bool
) -> bool:
    if len(found) != len(wanted):
        return False
    for args, item in zip(found, wanted, strict=True):
        kept = [arg for arg in item.args if not (fastcgi and arg in _NOT_OF_FASTCGI)]
        if len(args) != len(kept) or not all(map(says, args, kept)):
            return False
    return True


def _is_of_others(name: str) -> bool:
    _, _, rest = name.partition("_")
    return name in _OF_OTHERS or rest.startswith(_FAMILIES) or name.endswith(_ENDINGS)


def read_server_tuning(effect: Effect, asked: Iterable[ServerTuning]) -> Iterator[Wrong]:
    """Yield the directives of a server that are asked for and not in effect, or otherwise."""
    wanted = {item.directive: item for item in asked}
    for name, item in wanted.items():
        found = effect.every(name)
        if not _same(found, [item], fastcgi=False):
            yield f"{name} of a ServerTuning", f"{name} {found or 'nowhere'}"
    for name in _OF_SERVERS:
        if name not in wanted and effect.place.first(name) is not None:
            yield f"no {name}", f"{name} {effect.args(name)}"
