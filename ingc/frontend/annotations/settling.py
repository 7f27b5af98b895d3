"""What a snippet sets is what holds, as it stands behind what annotations set.

Headers of answers, and texts to replace in these, hold beside one another; of rules about addresses
the first that fits decides.
"""

from __future__ import annotations

from collections.abc import Iterable

from ingc.frontend.snippets.access import access_list, rules_of
from ingc.frontend.wishes import RouteWish, Withdrawn
from ingc.ir import RouteFeature
from ingc.ir.features.access import AccessList
from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.snippets import AnswerHeaders, ErrorPages, LocationProgram
from ingc.ir.features.tuning import Tuning

Asked = RouteFeature | RouteWish


def settled(asked: Iterable[Asked]) -> list[Asked]:
    """Return what is requested, each thing once: of two the later one, which a snippet sets."""
    found: dict[object, Asked] = {}
    for item in asked:
        key = key_of(item)
        before = found.pop(key, None)
        if isinstance(item, Withdrawn):
            found = {key: each for key, each in found.items() if not isinstance(each, item.kinds)}
        elif isinstance(item, AccessList) and isinstance(before, AccessList):
            rules = (*rules_of(before), *rules_of(item))
            found[key] = access_list(rules) or item
        elif isinstance(item, LocationProgram) and isinstance(before, LocationProgram):
            found[key] = LocationProgram((*before.steps, *item.steps))
        elif isinstance(item, AnswerHeaders) and isinstance(before, AnswerHeaders):
            found[key] = joined(before, item)
        elif isinstance(item, Tuning) and isinstance(before, Tuning) and item.repeats:
            found[key] = item.behind(before)
        elif isinstance(item, ErrorPages) and isinstance(before, ErrorPages):
            found[key] = ErrorPages((*before.pages, *item.pages))
        else:
            found[key] = item
    return list(found.values())


def joined(first: AnswerHeaders, second: AnswerHeaders) -> AnswerHeaders:
    """Return the headers of two lists of one level; of headers-more the second decides."""
    replaced = tuple(pair for pair in first.replaced if pair[0].lower() not in second.own)
    cleared = tuple(name for name in first.cleared if name.lower() not in second.own)
    return AnswerHeaders(
        (*first.added, *second.added),
        (*replaced, *second.replaced),
        (*cleared, *second.cleared),
        tuple(dict.fromkeys((*first.hidden, *second.hidden))),
    )


def key_of(item: Asked) -> object:
    """Return what is equal for two that can't hold beside one another."""
    if isinstance(item, Tuning):
        return Tuning, item.directive
    if isinstance(item, RequestHeader):
        return RequestHeader, item.name.lower()
    return type(item)
