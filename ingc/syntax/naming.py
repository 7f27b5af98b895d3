"""Names that people can read, each made of all that its thing is made of.

A name is a function of its content and of nothing else: another Ingress changes no name, and
nobody gets a name whose content is somebody else's. So the words of a name can be told apart again,
and a digest of the whole content stands for what no word can say (`ingc.syntax.digest`); no word
looks like one.
"""

from __future__ import annotations

import re
from itertools import takewhile

from ingc.syntax.digest import digest, is_digest

_BETWEEN = "___"
"""Between two words; no word holds it."""
_WORD = re.compile(r"[a-z0-9]+(?:__?[a-z0-9]+)*").fullmatch
_DASHED = re.compile(r"[a-z0-9]+(?:[_-][a-z0-9]+)*").fullmatch
_DOTTED = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*").fullmatch
_PATH = re.compile(r"/[a-z0-9]+(?:[/-][a-z0-9]+)*").fullmatch
_NETWORK = re.compile(r"[0-9]+(?:\.[0-9]+){3}(?:/[0-9]+)?").fullmatch

Words = tuple[str | None, ...]
"""The words of a name; ``None``: what it stands for is no word."""


def word(text: str) -> str | None:
    """Return a name of a variable, or a part of it, as a word: it is one as it is, or none."""
    return text if _WORD(text) and not is_digest(text) else None


def dashed_word(text: str) -> str | None:
    """Return a name with dashes, such as an upstream's, as a word: a dash is two lines there."""
    return word(text.replace("-", "__")) if _DASHED(text) else None


def host_word(host: str) -> str | None:
    """Return a host name as a word: a dot is one line there, a dash two."""
    return word(host.replace("-", "__").replace(".", "_")) if _DOTTED(host) else None


def path_word(path: str) -> str | None:
    """Return a path, but for the slash that it begins with, as a word."""
    return word(path[1:].replace("-", "__").replace("/", "_")) if _PATH(path) else None


def network_word(network: str) -> str | None:
    """Return an IPv4 address or network as a word."""
    return network.replace("/", "__").replace(".", "_") if _NETWORK(network) else None


def written(words: Words, *content: object) -> str:
    """Return words as one text; from the first that is missing on, a digest of the content."""
    said = tuple(takewhile(lambda item: item is not None, words))
    rest = () if len(said) == len(words) else (digest(*content),)
    return _BETWEEN.join([item for item in (*said, *rest) if item is not None])


def is_one_word(text: str) -> bool:
    """Return whether a text made by `written` is of one word, so that others may follow it."""
    return _BETWEEN not in text
