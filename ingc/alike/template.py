"""A text with holes in the places of names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_HOLE = "\0"
_IN_A_VARIABLE = re.compile(r"\$\{?\w*\0").search
_MAY_NAME = frozenset(
    [
        "#",
        "fastcgi_param",
        "fastcgi_pass",
        "grpc_pass",
        "proxy_pass",
        "proxy_set_header",
        "server",
        "server_name",
        "set",
        "ssl_certificate",
        "ssl_certificate_key",
        "upstream",
    ]
)
"""Where nginx takes any name as it takes another: no word has a meaning of its own there, and
nothing is a regex."""
LONGEST_NAME = 320
"""More than any name has that Kubernetes takes: a namespace, a Service and a port."""
_LONGEST_LINE = 4000
"""Less than nginx takes as one argument."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text of which some parts are others for each host."""

    pieces: tuple[str, ...]
    """What stands around the holes."""
    order: tuple[int, ...]
    """Which name stands in each hole."""
    form: str
    """The pieces, for ``%``."""

    def filled(self, names: Sequence[str]) -> str:
        """Return the text with names in it."""
        return self.form % tuple([names[number] for number in self.order])

    def takes_any_name(self) -> bool:
        """Return whether nginx reads the same whatever names stand in the holes.

        None is in the name of a variable or of a directive, nor where some names have a meaning.
        """
        for line in _HOLE.join(self.pieces).split("\n"):
            if _HOLE not in line:
                continue
            if line.split(maxsplit=1)[0] not in _MAY_NAME or _IN_A_VARIABLE(line):
                return False
            if len(line) + line.count(_HOLE) * LONGEST_NAME > _LONGEST_LINE:
                return False
        return True

    def ends(self, text: str, at: int, names: Sequence[str]) -> int:
        """Return where a part of a text ends that is this one with names in it; -1: it is not."""
        for literal, number in zip(self.pieces, (*self.order, None), strict=True):
            if not text.startswith(literal, at):
                return -1
            at += len(literal)
            if number is not None:
                name = names[number]
                if not text.startswith(name, at):
                    return -1
                at += len(name)
        return at


def template_of(text: str, names: Sequence[str]) -> Template:
    """Return a text with a hole wherever one of some names stands; none is a part of another."""
    numbers = {name: number for number, name in enumerate(names)}
    pieces = re.split(f"({'|'.join(map(re.escape, names))})", text)
    form = "%s".join([piece.replace("%", "%%") for piece in pieces[::2]])
    order = tuple([numbers[name] for name in pieces[1::2]])
    return Template(tuple(pieces[::2]), order, form)
