"""``map`` blocks of the operator's http-snippet."""

from __future__ import annotations

import re

from ingc.frontend.snippets.contents import SnippetContents
from ingc.frontend.snippets.parsed import ReadDirective, SnippetWord
from ingc.frontend.snippets.values import (
    RefusedDirective,
    ValueUse,
    is_tainted,
    new_variable,
    read_regex,
    read_value,
)
from ingc.ir.policies import VariableMap
from ingc.syntax.text import Text

_FLAGS = frozenset({"hostnames", "volatile", "include"})
_MOST = 4096


def read_map(item: ReadDirective, contents: SnippetContents) -> None:
    """``map SOURCE $NAME { KEY VALUE; … }``."""
    names = contents.names
    source = read_value(item.args[0], names, ValueUse.COMPARED)
    if source.constant is not None:
        raise RefusedDirective("what it looks up has no variable", "", item.args[0].place)
    name = new_variable(item.args[1], names)
    entries: dict[str, Text] = {}
    tainted = False
    for line in item.block or ():
        if line.name.text in _FLAGS and not line.name.quoted:
            why = f"{line.name.text} reads a file, or changes how keys are compared"
            raise RefusedDirective(why, "write each key and its value", line.place)
        if len(line.args) != 1 or line.block is not None:
            raise RefusedDirective("an entry is a key and a value", "", line.place)
        key = _key(line.name)
        if key in entries:
            raise RefusedDirective(f'the key "{key}" stands there twice', "", line.place)
        if len(entries) >= _MOST:
            raise RefusedDirective(f"it has more than {_MOST} entries", "", line.place)
        entries[key] = read_value(line.args[0], names, ValueUse.VARIABLE)
        read = re.findall(r"\$\{?(\w+)", line.args[0].text.lower())
        tainted = tainted or any(is_tainted(each, names, "") for each in read)
    contents.maps.append(VariableMap(names.variable(name).name, source, tuple(entries.items())))
    names.given[name] = tainted


def _key(word: SnippetWord) -> str:
    """Return a key as nginx compares it: a regex, or text whose case does not count."""
    text = word.text
    if text.startswith("~"):
        caseless = text.startswith("~*")
        bare = SnippetWord(text.removeprefix("~").removeprefix("*"), word.quoted, word.place)
        return ("~*" if caseless else "~") + read_regex(bare)
    if text.startswith("\\"):
        raise RefusedDirective("a key with an escape in front", "write a regex", word.place)
    if not re.fullmatch(r"[ -~]*", text):
        raise RefusedDirective("a key holds what is not printable ASCII", "", word.place)
    return text if text == "default" else text.lower()
