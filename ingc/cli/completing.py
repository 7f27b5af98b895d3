"""Answers a shell's TAB: what may stand where the cursor is.

It is called by the scripts of ``ingc completion``, in click's protocol, and loads neither click nor
a command: what there is to complete is in a file that is made of the commands.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

WORDS_FILE = Path(__file__).parent / "completion_words.json"
COMPLETION_VARIABLE = "_INGC_COMPLETE"
"""The environment's variable by which the scripts call."""

_WORD = re.compile(r"""(?:[^\s"'\\]|\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?)+""", re.DOTALL)
_QUOTED = re.compile(r"""\\(.)|["']""", re.DOTALL)

Item = tuple[str, str, str]
"""Kind (``plain``, ``file`` or ``dir``), value, and what it means."""


def complete(environment: Mapping[str, str]) -> None:
    """Print what fits, in the form of the calling shell."""
    shell = environment[COMPLETION_VARIABLE].partition("_")[0]
    words = [_QUOTED.sub(r"\1", word) for word in _WORD.findall(environment.get("COMP_WORDS", ""))]
    if shell == "fish":
        incomplete = _QUOTED.sub(r"\1", environment.get("COMP_CWORD", ""))
        before = words[1:-1] if incomplete and words[-1:] == [incomplete] else words[1:]
    else:
        number = environment.get("COMP_CWORD", "")
        place = int(number) if number.isdecimal() else len(words)
        before, incomplete = words[1:place], words[place] if place < len(words) else ""
    items = fitting(before, incomplete, json.loads(WORDS_FILE.read_text(encoding="utf-8")))
    sys.stdout.write("".join(_line(item, shell) for item in items))


def complete_for_kubectl() -> None:
    """Print what fits in ``kubectl ingc …``, as kubectl takes it of ``kubectl_complete-ingc``.

    The last argument is the word to be completed. A line has a value and its meaning, the last one
    what kubectl's completion does besides: 4 completes no files, 0 files, 16 folders.
    """
    *before, incomplete = sys.argv[1:] or [""]
    items = fitting(before, incomplete, json.loads(WORDS_FILE.read_text(encoding="utf-8")))
    kinds = {kind for kind, _, _ in items}
    lines = [f"{value}\t{meaning}" for kind, value, meaning in items if kind == "plain"]
    lines.append(":16" if "dir" in kinds else ":0" if "file" in kinds else ":4")
    sys.stdout.write("".join(f"{line}\n" for line in lines))


def _line(item: Item, shell: str) -> str:
    kind, value, meaning = item
    if shell == "zsh":
        # zsh's script reads three lines an item; one without a meaning has "_".
        return f"{kind}\n{value}\n{meaning or '_'}\n"
    if shell == "fish":
        return f"{kind},{value}\t{meaning}\n" if meaning else f"{kind},{value}\n"
    return f"{kind},{value}\n"


def fitting(before: Sequence[str], incomplete: str, words: Mapping[str, Any]) -> list[Item]:
    """Return what may stand after ``before`` and begins with ``incomplete``."""
    commands: Mapping[str, Any] = words["commands"]
    name = next((word for word in before if not word.startswith("-")), "")
    if name not in commands:
        top = {**words["values"]["commands"], "--help": "", "--version": ""}
        offered = {key: about for key, about in top.items() if incomplete or key[0] != "-"}
        return [] if name else _beginning(offered, incomplete)
    rest = list(before[before.index(name) + 1 :])
    options: Mapping[str, tuple[str, str]] = commands[name]["options"]
    option, typed = _open_option(rest, incomplete, options)
    if option:
        items = _values(options[option][0], typed, words["values"])
        # bash takes "=" for the end of a word, the other shells give the whole word.
        lead = f"{option}=" if incomplete.startswith(f"{option}=") else ""
        return [(kind, lead + value, about) for kind, value, about in items]
    if incomplete.startswith("-") and "--" not in rest:
        return _beginning({opt: about for opt, (_, about) in options.items()}, incomplete)
    return _values(commands[name]["arguments"], incomplete, words["values"])


def _open_option(
    rest: list[str], incomplete: str, options: Mapping[str, tuple[str, str]]
) -> tuple[str, str]:
    """Return the option whose value is being typed, and what is typed of it; empty: none."""
    name, equals, typed = incomplete.partition("=")
    if equals and name in options:
        return name, typed
    if rest[-1:] == ["="]:
        rest = rest[:-1]
    elif incomplete == "=":
        incomplete = ""
    last = rest[-1] if rest else ""
    if "--" not in rest and last in options and options[last][0]:
        return last, incomplete
    return "", ""


def _values(what: str, typed: str, lists: Mapping[str, Mapping[str, str]]) -> list[Item]:
    if what in ("file", "dir"):
        return [(what, typed, "")]
    if what in lists:
        by_name = lists.get(f"names of {what}", {}) if typed else {}
        return _beginning(lists[what], typed) or _beginning(by_name, typed)
    return _beginning(dict.fromkeys(what.split("|"), ""), typed) if "|" in what else []


def _beginning(values: Mapping[str, str], typed: str) -> list[Item]:
    wanted = typed.lower()
    return [
        ("plain", value, meaning)
        for value, meaning in values.items()
        if value.lower().startswith(wanted)
    ]
