"""Reads what ``nginx -V`` prints: the version, and what the binary was built with."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass

_PRODUCT = re.compile(r"nginx version: ([^\s/]+)/(\d+)\.(\d+)\.(\d+)")
_CONFIGURE = re.compile(r"^configure arguments:(.*)$", re.MULTILINE)
_WITH = re.compile(r"--with-((?:http_|stream_|mail_)\w+?)_module(=dynamic)?")
_WITH_CORE = re.compile(r"--with-(http|stream|mail|threads|file-aio|debug|compat)(=dynamic)?")
_WITHOUT = re.compile(r"--without-((?:http|http_|stream_|mail_)\w*?)(?:_module)?")


class NotNginxError(ValueError):
    """The text is not what ``nginx -V`` prints."""


@dataclass(frozen=True, slots=True)
class Build:
    """What a binary reports of itself."""

    product: str
    """``nginx``, or the name that a derivative prints in its place, such as ``openresty``."""
    version: tuple[int, int, int]
    configure: tuple[str, ...]
    """The configure arguments, unquoted, in the order of the build."""
    modules: frozenset[str]
    """Optional modules linked in, without ``_module``: ``http_ssl``, ``stream``, ``threads``."""
    dynamic: frozenset[str]
    """Optional modules built as files of their own, which ``load_module`` has to load."""
    without: frozenset[str]
    """Standard modules left out: ``http_rewrite``."""
    third_party: tuple[str, ...]
    """Paths of the sources of added modules, as the build wrote them."""


def parse_build(text: str) -> Build:
    """Read the output of ``nginx -V``. Raises `NotNginxError` where it is something else."""
    found = _PRODUCT.search(text)
    if found is None:
        raise NotNginxError("no line `nginx version: nginx/N.N.N`")
    version = (int(found[2]), int(found[3]), int(found[4]))
    arguments = _CONFIGURE.search(text)
    configure = tuple(_split(arguments[1])) if arguments else ()
    modules: set[str] = set()
    dynamic: set[str] = set()
    without: set[str] = set()
    third_party: list[str] = []
    for argument in configure:
        if match := _WITH.fullmatch(argument) or _WITH_CORE.fullmatch(argument):
            (dynamic if match[2] else modules).add(match[1])
        elif match := _WITHOUT.fullmatch(argument):
            without.add(match[1])
        elif argument.startswith(("--add-module=", "--add-dynamic-module=")):
            third_party.append(argument.partition("=")[2])
    return Build(
        product=found[1],
        version=version,
        configure=configure,
        modules=frozenset(modules),
        dynamic=frozenset(dynamic),
        without=frozenset(without),
        third_party=tuple(third_party),
    )


def _split(arguments: str) -> list[str]:
    try:
        return shlex.split(arguments)
    except ValueError:  # a build may leave a quote open; the plain words still name the modules
        return arguments.split()
