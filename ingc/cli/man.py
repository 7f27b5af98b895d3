"""A manual page for each command, made of its help: what ``man ingc-compile`` prints."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import click

import ingc
from ingc.cli.groups import FOREIGN, grouped

_SEE_ALSO = ("nginx(8)", "kubectl(1)")
_HELP: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


def man_pages(root: click.Group) -> Iterator[tuple[str, str]]:
    """Give each page with the name of its file: ``ingc.1`` first, then one for each command."""
    context = click.Context(root, info_name=root.name, **_HELP)
    names = root.list_commands(context)
    yield f"{root.name}.1", _page(root, str(root.name), context, tuple(names))
    for name in names:
        command = root.get_command(context, name)
        if command is not None:
            inner = click.Context(command, info_name=f"{root.name} {name}", **_HELP)
            yield f"{root.name}-{name}.1", _page(command, f"{root.name}-{name}", inner, ())


def _page(command: click.Command, name: str, context: click.Context, inner: tuple[str, ...]) -> str:
    paragraphs = inspect.cleandoc(command.help or "").split("\n\n")
    usage = " ".join([str(context.info_name), *command.collect_usage_pieces(context)])
    version = f"ingc {ingc.__version__}"
    lines = [
        f'.TH {_text(name.upper())} 1 "" "{version}" "ingc manual"',
        ".SH NAME",
        f"{_text(name)} \\- {_text(command.get_short_help_str(200).rstrip('.'))}",
        ".SH SYNOPSIS",
        f".B {_text(usage)}",
        ".SH DESCRIPTION",
    ]
    for paragraph in paragraphs:
        lines += _paragraph(paragraph)
    lines += [".SH OPTIONS"] if not inner else [".SH COMMANDS", *_commands(inner)]
    lines += _options(command, context)
    also = [f"ingc\\-{_text(item)}(1)" for item in inner] or ["ingc(1)"]
    lines += [".SH SEE ALSO", ", ".join([*also, *_SEE_ALSO])]
    return "\n".join(lines) + "\n"


def _paragraph(text: str) -> Iterator[str]:
    if text.startswith("\b\n"):
        # Lines that stay as they are; a heading of them ends in a colon.
        first, *rest = text.removeprefix("\b\n").split("\n")
        yield ".PP"
        yield _text(first)
        yield from (".nf", ".RS 2", *(_text(line.strip()) for line in rest), ".RE", ".fi")
    else:
        yield ".PP"
        yield _text(" ".join(text.split()))


def _commands(names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        yield ".TP"
        yield f".BR ingc\\-{_text(name)} (1)"


def _options(command: click.Command, context: click.Context) -> Iterator[str]:
    shared = False
    for heading, options in grouped(command.get_params(context)):
        if heading != "Options":
            shared = True
            yield f".SS {_text(heading)}"
        for option in options:
            record = option.get_help_record(context)
            if record is not None:
                names, meaning = record
                yield from (".TP", f".B {_text(names.rstrip())}", _text(" ".join(meaning.split())))
    if shared:
        yield from (".PP", _text(FOREIGN))


def _text(text: str) -> str:
    """Write a text so that troff prints it as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"^([.'])", r"\\&\1", text)
