"""Headers in snippets: of answers, and of requests to backends."""

from __future__ import annotations

import re

from ingc.frontend.snippets.contents import SnippetContents
from ingc.frontend.snippets.parsed import ReadDirective, SnippetWord
from ingc.frontend.snippets.values import RefusedDirective, ValueUse, read_value
from ingc.ir.features.snippets import AddedHeader
from ingc.syntax.header import LONGEST_NAME
from ingc.syntax.text import Text

_NAME = re.compile(r"[A-Za-z0-9_-]+").fullmatch
_OF_ANSWERS = frozenset(
    {"connection", "content-length", "date", "keep-alive", "server", "trailer"}
    | {"transfer-encoding", "upgrade"}
)
"""Headers that nginx or the framing of the answer decides."""
_OF_REQUESTS = frozenset({"content-length", "trailer", "transfer-encoding", "te"})
"""Headers that say where a request ends."""
_SENT_ANYWAY = frozenset(
    ("connection", text) for text in ("$connection_upgrade", "${connection_upgrade}")
)
"""What ingress-nginx writes into each location, and ours has by a variable of its own."""
_FLAG = re.compile(r"-[a-z]").match


def _name(word: SnippetWord, text: str, taken: frozenset[str]) -> str:
    if _NAME(text) is None:
        raise RefusedDirective(f'"{text}" is no name of a header', "", word.place)
    if len(text) > LONGEST_NAME:
        why = f"the name of a header has {LONGEST_NAME} characters at most"
        raise RefusedDirective(why, "", word.place)
    if text.lower() in taken:
        instead = "set the ConfigMap key server-tokens" if text.lower() == "server" else ""
        raise RefusedDirective(f"nginx itself decides about {text}", instead, word.place)
    if text.lower().startswith("x-ingc-"):
        raise RefusedDirective(f"{text} is a header of ours", "", word.place)
    return text


def read_add_header(item: ReadDirective, contents: SnippetContents) -> None:
    """``add_header NAME VALUE [always]``."""
    name, value, *rest = item.args
    if rest and rest[0].text != "always":
        raise RefusedDirective(f'"{rest[0].text}" is not "always"', "", rest[0].place)
    header = _name(name, name.text, _OF_ANSWERS | {"content-type"})
    text = read_value(value, contents.names, ValueUse.ANSWER)
    contents.added.append(AddedHeader(header, text, always=bool(rest)))


def _pairs(item: ReadDirective) -> list[SnippetWord]:
    flag = next((word for word in item.args if _FLAG(word.text)), None)
    if flag is not None:
        why = f"stock nginx can't make a header depend on {flag.text}"
        raise RefusedDirective(why, "leave the flag out, or set it in the application", flag.place)
    return list(item.args)


def read_more_set_headers(item: ReadDirective, contents: SnippetContents) -> None:
    """``more_set_headers "NAME: VALUE" …``: in place of the backend's, whatever the status."""
    for word in _pairs(item):
        raw, _, value = word.text.partition(":")
        name = raw.strip()
        if name.lower() == "content-type":
            why = "stock nginx can't replace the Content-Type of a backend's answer"
            raise RefusedDirective(why, "set it in the application", word.place)
        header = _name(word, name, _OF_ANSWERS)
        text = read_value(
            SnippetWord(value.strip(), word.quoted, word.place), contents.names, ValueUse.ANSWER
        )
        contents.cleared.pop(header.lower(), None)
        contents.replaced.pop(header.lower(), None)
        if text.parts:
            contents.replaced[header.lower()] = (header, text)
        else:
            contents.cleared[header.lower()] = header


def read_more_clear_headers(item: ReadDirective, contents: SnippetContents) -> None:
    """``more_clear_headers NAME …``."""
    for word in _pairs(item):
        for part in word.text.split():
            name = part.rstrip(":")
            if name.endswith("*"):
                why = "stock nginx can't remove headers by how their names begin"
                raise RefusedDirective(why, "name each header", word.place)
            header = _name(word, name, _OF_ANSWERS | {"content-type"})
            contents.replaced.pop(header.lower(), None)
            contents.cleared[header.lower()] = header


def _sent(
    word: SnippetWord, name: str, value: SnippetWord | None, contents: SnippetContents
) -> None:
    header = _name(word, name, _OF_REQUESTS)
    own = "connection_upgrade" in contents.names.given
    if value is not None and not own and (header.lower(), value.text.lower()) in _SENT_ANYWAY:
        return
    text = read_value(value, contents.names, ValueUse.REQUEST) if value is not None else Text(())
    contents.request_headers[header.lower()] = (header, text)


def read_proxy_set_header(item: ReadDirective, contents: SnippetContents) -> None:
    """``proxy_set_header NAME VALUE``; nginx sends none with an empty value."""
    _sent(item.args[0], item.args[0].text, item.args[1], contents)


def read_more_set_input_headers(item: ReadDirective, contents: SnippetContents) -> None:
    """``more_set_input_headers "NAME: VALUE" …``."""
    for word in _pairs(item):
        name, _, value = word.text.partition(":")
        _sent(word, name.strip(), SnippetWord(value.strip(), word.quoted, word.place), contents)


def read_more_clear_input_headers(item: ReadDirective, contents: SnippetContents) -> None:
    """``more_clear_input_headers NAME …``."""
    for word in _pairs(item):
        for part in word.text.split():
            if part.endswith("*"):
                raise RefusedDirective("a header is named whole", "name each header", word.place)
            _sent(word, part.rstrip(":"), None, contents)


def read_proxy_hide_header(item: ReadDirective, contents: SnippetContents) -> None:
    """``proxy_hide_header NAME``."""
    word = item.args[0]
    header = _name(word, word.text, _OF_ANSWERS | {"content-type"})
    contents.hidden[header.lower()] = header
