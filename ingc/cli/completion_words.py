"""What completion completes, as data: made of the commands, read by `ingc.cli.completing`.

The file that it is kept in spares each TAB the loading of the commands.
"""

from __future__ import annotations

import json
from typing import Any

import click

from ingc.cli.commands import COMMANDS
from ingc.cli.flags import Switch
from ingc.diagnostics.catalogue.index import ENTRIES
from ingc.diagnostics.render.page import with_blanks
from ingc.frontend.annotations.registry import DECLARATIONS
from ingc.frontend.kinds import annotations_of_kinds
from ingc.target import OLDEST, format_version

_NEWEST_MINOR = 31
_TAKEN = {
    "--nginx-version": "versions",
    "--accept-ignored": "annotations",
    "--output-dir": "dir",
    **dict.fromkeys(
        ("--output", "--filename", "--config", "--conf", "--junit", "--nginx", "--stream-module"),
        "file",
    ),
}
"""What the values of some options are: a list's name, a file or a folder."""
_ARGUMENTS = {
    ("annotations", "name"): "annotations",
    ("explain-code", "code"): "codes",
    ("help", "name"): "commands",
}
_FILES = frozenset({"inputs", "arguments", "old", "new"})


def completion_words(root: click.Group) -> str:
    """Return the file's text: JSON with a line for each option and each value."""
    context = click.Context(root, info_name=root.name)
    commands = {}
    for name in root.list_commands(context):
        command = root.get_command(context, name)
        if command is not None:
            commands[name] = _command(
                name, command, click.Context(command, help_option_names=["-h", "--help"])
            )
    values = {"commands": {name: COMMANDS[name][1] for name in commands}, **_lists()}
    return _written({"commands": commands, "values": values})


def _lists() -> dict[str, dict[str, str]]:
    minors = range(OLDEST[1], _NEWEST_MINOR + 1)
    return {
        "versions": {
            "auto": "that of the nginx found",
            **{format_version((1, minor, 0))[:-2]: "" for minor in minors},
        },
        "codes": {code: with_blanks(entry.summary) for code, entry in ENTRIES.items()},
        "names of codes": {entry.name: code for code, entry in ENTRIES.items()},
        "annotations": {
            name: declared.doc
            for declarations in (DECLARATIONS, *(k.declarations for k in annotations_of_kinds()))
            for name, declared in declarations.items()
        },
    }


def _command(name: str, command: click.Command, context: click.Context) -> dict[str, Any]:
    options: dict[str, Any] = {}
    arguments = ""
    for param in command.get_params(context):
        if isinstance(param, click.Option):
            takes = "" if isinstance(param, Switch) or param.is_flag else _taken(param)
            for opt in param.opts:
                options[opt] = [takes, param.help or ""]
        elif param.name in _FILES:
            arguments = "file"
        else:
            arguments = _ARGUMENTS.get((name, str(param.name)), "") or _taken(param)
    return {"arguments": arguments, "options": options}


def _taken(param: click.Parameter) -> str:
    """Return what a value is: ``file``, ``dir``, choices with ``|`` between, a list, ``text``."""
    if isinstance(param.type, click.Choice):
        return "|".join(map(str, param.type.choices))
    return next((_TAKEN[opt] for opt in param.opts if opt in _TAKEN), "text")


def _written(value: Any, depth: int = 0) -> str:
    """Write JSON in which each object's member has a line, and each list is in one."""
    if not isinstance(value, dict):
        return json.dumps(value)
    indent = " " * (depth + 1)
    members = [f"{indent}{json.dumps(key)}: {_written(value[key], depth + 1)}" for key in value]
    return "{\n" + ",\n".join(members) + "\n" + " " * depth + "}" + ("" if depth else "\n")
