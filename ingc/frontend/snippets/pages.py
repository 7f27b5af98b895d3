"""``error_page`` in snippets."""

from __future__ import annotations

import re

from ingc.frontend.snippets.contents import SnippetContents
from ingc.frontend.snippets.parsed import ReadDirective
from ingc.frontend.snippets.values import RefusedDirective, ValueUse, read_value
from ingc.ir.features.snippets import ErrorPage
from ingc.syntax.text import Text

_PATH = re.compile(r"/(?!/)[A-Za-z0-9._~!&()*+,;:@=/-]*").fullmatch
_URL = re.compile(r"https?://|\$scheme|\$\{scheme\}").match
_REDIRECTS = (301, 302, 303, 307, 308)


def read_error_page(item: ReadDirective, contents: SnippetContents) -> None:
    """``error_page CODE … [=CODE] PATH | URL``."""
    *words, target = item.args
    changed: int | None = None
    if words and words[-1].text.startswith("="):
        word = words.pop()
        if not re.fullmatch(r"=[2-5][0-9][0-9]", word.text):
            why = "the status of the page itself is known to nobody before"
            raise RefusedDirective(why, "write = and a status, as =200", word.place)
        changed = int(word.text[1:])
    codes = []
    for word in words:
        if not re.fullmatch(r"[45][0-9][0-9]", word.text) or word.text in ("444", "494", "499"):
            raise RefusedDirective(f"{word.text} is no error's status", "", word.place)
        codes.append(int(word.text))
    if not codes:
        raise RefusedDirective("it names no status", "write error_page 404 /path", item.place)
    if _URL(target.text):
        if changed is not None and changed not in _REDIRECTS:
            why = f"with {changed} nginx sends no Location"
            raise RefusedDirective(why, "write =302, or leave it out", target.place)
        text = read_value(target, contents.names, ValueUse.REDIRECT)
    elif _PATH(target.text):
        text = Text((target.text,))
    else:
        why = "its page is neither a path of the same host nor a URL"
        raise RefusedDirective(why, "write a path such as /error, or https://…", target.place)
    contents.pages.append(ErrorPage(tuple(dict.fromkeys(codes)), text, changed))
