"""Text that nginx's sub module replaces in answers, in snippets.

https://nginx.org/en/docs/http/ngx_http_sub_module.html
"""

from __future__ import annotations

from collections.abc import Mapping

from ingc.frontend.snippets.contents import SnippetContents
from ingc.frontend.snippets.parsed import ReadDirective, SnippetWord
from ingc.frontend.snippets.tuning import SWITCH, TYPES, ArgumentShape, arguments
from ingc.frontend.snippets.values import RefusedDirective, ValueUse, read_value
from ingc.ir.features.tuning import FILTER
from ingc.syntax.text import Text, Variable

_MOST = 100
"""Of one snippet. A location may have those of two, and nginx numbers them by a byte."""
_MAYBE_NOTHING = frozenset({"service_name", "service_port"})
"""Variables that are empty where a route has no Service."""
OF_FILTERS: Mapping[str, ArgumentShape] = {
    "sub_filter_once": SWITCH,
    "sub_filter_types": TYPES,
    "sub_filter_last_modified": SWITCH,
}
"""What says how and where text is replaced."""


def read_filter(item: ReadDirective, contents: SnippetContents) -> None:
    """``sub_filter TEXT REPLACEMENT``, one more of the location."""
    searched, replacement = item.args
    before = contents.tunings.get(FILTER, ())
    if len(before) >= 2 * _MOST:
        raise RefusedDirective(f"there are more than {_MOST} of it", "", item.place)
    pair = _searched(searched, contents), _value(replacement, contents)
    contents.tunings[FILTER] = (*before, *pair)


def _searched(word: SnippetWord, contents: SnippetContents) -> Text:
    text = _value(word, contents)
    named = [part.name if isinstance(part, Variable) else "" for part in text.parts]
    if _MAYBE_NOTHING.issuperset(named):
        why = "nginx does not start with an empty text to replace"
        raise RefusedDirective(why, "write the text that is to be replaced", word.place)
    return text


def _value(word: SnippetWord, contents: SnippetContents) -> Text:
    return read_value(word, contents.names, ValueUse.FILTERED)


def read_filter_setting(item: ReadDirective, contents: SnippetContents) -> None:
    """Read a directive of `OF_FILTERS`."""
    name = item.name.text
    contents.tunings[name] = arguments(item, OF_FILTERS[name])
