"""Which headers of a request nginx reads, which it drops, and how long they may be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from ingc.syntax.size import bytes_of

_PLAIN = re.compile(r"[A-Za-z0-9-]+").fullmatch
_WITH_UNDERSCORES = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_JOINED_SINCE = (1, 23, 0)
"""From this nginx on, ``$http_name`` has the values of all lines of a name."""
_REPEATED = frozenset({"cookie", "x_forwarded_for"})
"""Names, with ``_``, of which every nginx keeps all lines."""

Headers = tuple[tuple[str, str], ...]
"""Names, in any case, with their values, in the order in which they are sent."""


class HeaderRules(NamedTuple):
    """The directives that decide on it; the defaults are nginx's own."""

    underscores: bool = False
    """``underscores_in_headers``."""
    ignored: bool = True
    """``ignore_invalid_headers``: false takes any name."""
    first: int = 1 << 10
    """``client_header_buffer_size``, in bytes."""
    number: int = 4
    size: int = 8 << 10
    """``large_client_header_buffers``."""

    @property
    def longest(self) -> int:
        """How many bytes a line may have, with its end."""
        return max(self.first, self.size)

    def drops(self, name: str) -> bool:
        """Return whether nginx passes over a header of a name."""
        takes = _WITH_UNDERSCORES if self.underscores else _PLAIN
        return self.ignored and takes(name) is None

    def fit(self, lines: Iterable[int]) -> bool:
        """Return whether nginx has room for the lines of a request, by their lengths in bytes.

        A line that does not fit into what is left of a buffer is moved into the next one.
        """
        size, used, place = self.first, 0, 0
        for length in lines:
            done = 0
            while length - done > size - place:
                done += size - place
                if used == self.number or done >= self.size:
                    return False
                size, used, place = self.size, used + 1, done
            place += length - done
        return True


def rules_of(setting: Callable[[str], tuple[str, ...] | None]) -> HeaderRules:
    """Return the rules of a configuration; ``setting`` gives a directive's arguments by its name.

    What can't be read counts as absent.
    """
    usual = HeaderRules()
    first = setting("client_header_buffer_size") or ("",)
    large = setting("large_client_header_buffers") or ("", "")
    return HeaderRules(
        setting("underscores_in_headers") == ("on",),
        setting("ignore_invalid_headers") != ("off",),
        _bytes(first[0]) or usual.first,
        int(large[0]) if large[0].isdigit() else usual.number,
        _bytes(large[-1]) or usual.size,
    )


def _bytes(text: str) -> int:
    try:
        return bytes_of(text)
    except ValueError:
        return 0


def read_headers(headers: Headers, rules: HeaderRules, version: tuple[int, int, int]) -> Headers:
    """Return the headers that nginx has of a request, as ``$http_name`` sees them.

    Of a name that stands in several lines an older nginx has the first.
    """
    kept = tuple(item for item in headers if not rules.drops(item[0]))
    if version >= _JOINED_SINCE or len(kept) < 2:
        return kept
    found: dict[object, tuple[str, str]] = {}
    for place, (name, value) in enumerate(kept):
        key = name.lower().replace("-", "_")
        found.setdefault(place if key in _REPEATED else key, (name, value))
    return tuple(found.values())
