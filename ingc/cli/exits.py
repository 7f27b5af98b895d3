"""What the exit codes mean, and how a command ends with one."""

from __future__ import annotations

import re

import click

from ingc.syntax.visible import visible

_COMMAND = re.compile(r"^([ \t]*)::", re.MULTILINE)

OK = 0
"""Fine; warnings too."""
ERRORS = 1
"""The input has errors."""
USAGE = 2
"""Wrong usage, unreadable input, or no nginx to run."""
INTERNAL = 3
"""A bug of ours."""
NO = 4
"""The answer is no: tests failed, routes differ, a route reaches nobody."""


class CommandFailure(click.ClickException):
    """Ends the command with a message on stderr and an exit code."""

    def __init__(self, message: str, code: int = USAGE) -> None:
        super().__init__(shown(message))
        self.code = code


def shown(message: str) -> str:
    """Return a message in which names and texts of others move no terminal; it may have lines.

    A name with a line break begins a line: GitHub's runner takes none for its command.
    """
    return _COMMAND.sub(r"\1:\\x3a", "\n".join(map(visible, message.split("\n"))))
