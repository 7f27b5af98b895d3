"""Requests that a canary takes, and what chooses between it and its route's own upstream."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingc.ir import Proxy
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.canary import Canary, HeaderRule
from ingc.model.values import VariableBlock
from ingc.prove.cookies import cookie_of, seen_cookie
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.upstream_blocks import SESSIONS
from ingc.prove.values import NoValue
from ingc.prove.witness import Witness
from ingc.syntax.regex.samples import sample
from ingc.syntax.request import Request

_CANARY, _PRIMARY = "canary", "primary"
_SIDES = {_CANARY: 100.0, _PRIMARY: 0.0}
_DEFAULT = "default"
_ALWAYS_OR_NEVER = {"~^always$": _CANARY, "~^never$": _PRIMARY}
_KEPT = {"~^canary$": _CANARY, "~^primary$": _PRIMARY}
_HEADER = "$http_"
_HOST = "host"


def vary_canary(canary: Canary, plain: Request) -> Iterator[Witness]:
    """Yield a request for each value of its header and its cookie."""
    for headers in _choices(canary):
        label = ", ".join(f"{name}: {value}" for name, value in headers)
        yield Witness(plain._replace(headers=(*plain.headers, *headers)), label)


def _choices(canary: Canary) -> Iterator[tuple[tuple[str, str], ...]]:
    rule = canary.header
    if rule is not None and rule.name.lower() == _HOST:
        rule = None  # Another Host is a request for another host.
    if rule is not None:
        values = ["always", "never", "other"]
        if rule.value is not None:
            values += [rule.value, rule.value + "x"]
        if rule.pattern is not None:
            found = sample(rule.pattern).decode("latin-1")
            values += [found, f"x{found}x", found.swapcase()]
        yield from (((rule.name, value),) for value in values)
    if canary.cookie:
        yield (("Cookie", f"x{canary.cookie}=always"),)
        for value in ("always", "never", "other"):
            yield (("Cookie", f"{canary.cookie}={value}"),)
            if rule is not None:
                yield ((rule.name, "never"), ("Cookie", f"{canary.cookie}={value}"))


def read_canary(place: InEffect) -> Canary | None:
    """Return what chooses another upstream than `InEffect.upstream`, and for which requests.

    A header's value is read as the regex for it alone, and names of headers as variables have them.
    """
    if place.passing is None:
        return None
    chosen = _followed(place, place.passing.args[0].rpartition("://")[2].partition("/")[0])
    block = _block(place, chosen)
    if block is None:
        name = chosen.partition(SESSIONS)[0]
        return None if name == place.upstream else Canary(name, percent=100.0)
    entries = dict(block.entries)
    if entries.keys() != {_CANARY, _DEFAULT}:
        raise NoValue("upstream", f"what ${block.variable} chooses")
    own, other = (
        _followed(place, entries[key]).partition(SESSIONS)[0] for key in (_DEFAULT, _CANARY)
    )
    if own != place.upstream:
        raise NoValue("upstream", f"{own} in place of {place.upstream} for all other requests")
    return None if block.source == _PRIMARY else _Chain(place).read(block.source, Canary(other))


def _followed(place: InEffect, text: str) -> str:
    """Return a text; a variable that the scheme alone decides is replaced by what it holds."""
    held = place.assigned.get(text[1:], text) if text.startswith("$") else text
    block = _block(place, held)
    return place.expand(held) if block is not None and block.source == "$https" else held


def _block(place: InEffect, text: str) -> VariableBlock | None:
    return place.written.blocks.get(text[1:]) if text.startswith("$") else None


@dataclass(frozen=True)
class _Chain:
    """The questions that choose a side, each with the next one as its default."""

    place: InEffect

    def read(self, text: str, known: Canary) -> Canary:
        """Return a canary with what a side's text says, from the first question to the last."""
        steps = (self._side, self._header, self._cookie)
        for step in steps:
            block = _block(self.place, text)
            found = step(block, known) if block is not None else None
            if found is not None:
                text, known = found
        return replace(known, percent=self._share(text))

    def _side(self, block: VariableBlock, known: Canary) -> tuple[str, Canary] | None:
        """A client with a cookie stays on its side, or with the primary."""
        entries = dict(block.entries)
        rest = entries.pop(_DEFAULT, "")
        if not self._cookie_of(block):
            return None
        if entries == _KEPT:
            return rest, known
        if entries.keys() == {""} and rest == _PRIMARY:
            return entries[""], replace(known, sticky=False)
        return None

    def _header(self, block: VariableBlock, known: Canary) -> tuple[str, Canary] | None:
        if not block.source.startswith(_HEADER):
            return None
        entries = dict(block.entries)
        rest, name = entries.pop(_DEFAULT, ""), block.source.removeprefix(_HEADER)
        if entries == _ALWAYS_OR_NEVER:
            return rest, replace(known, header=HeaderRule(name))
        if len(entries) != 1:
            raise NoValue("header", f"several values of {name}")
        (key, side), *_ = entries.items()
        if not key.startswith("~") or key.startswith("~*") or side != _CANARY:
            raise NoValue("header", f"{name}: {key} for {side}")
        return rest, replace(known, header=HeaderRule(name, pattern=key[1:]))

    def _cookie(self, block: VariableBlock, known: Canary) -> tuple[str, Canary] | None:
        entries = dict(block.entries)
        rest, name = entries.pop(_DEFAULT, ""), self._cookie_of(block)
        if not name or entries != _ALWAYS_OR_NEVER:
            return None
        return rest, replace(known, cookie=name)

    def _cookie_of(self, block: VariableBlock) -> str:
        """Return the cookie whose value a block looks up; empty: none."""
        return cookie_of(block.source, self.place.written.blocks)

    def _share(self, text: str) -> float:
        """Return the percentage of requests for which nothing else decides."""
        if text in _SIDES:
            return _SIDES[text]
        block = _block(self.place, text)
        if block is None or block.statement.name != "split_clients":
            raise NoValue("percent", text or "nothing")
        (share, side), *rest = block.entries
        if block.source != "$request_id" or side != _CANARY or rest != [("*", _PRIMARY)]:
            raise NoValue("percent", f"shares of {block.source}")
        return float(share.removesuffix("%"))


def seen_canary(expected: ExpectedRoute) -> Canary | None:
    """Return what can be seen of a route's canary, in the words of `read_canary`."""
    own, action = expected.route.feature(Canary), expected.route.action
    if own is None or not isinstance(action, Proxy) or not expected.module:
        return None
    pinned = expected.route.feature(Affinity) is not None
    seen = Canary(
        expected.called(own.upstream),
        _seen_header(own.header),
        seen_cookie(own.cookie),
        float(f"{min(max(own.percent, 0), 100):.2f}"),
        sticky=own.sticky or not pinned,
    )
    nobody = seen == Canary(seen.upstream) and not pinned
    everybody = seen == Canary(seen.upstream, percent=100.0) and not pinned
    if nobody or (everybody and seen.upstream == expected.called(action.upstream)):
        return None
    return seen


def _seen_header(rule: HeaderRule | None) -> HeaderRule | None:
    if rule is None:
        return None
    name, value = rule.name.lower().replace("-", "_"), rule.value
    pattern = rule.pattern if value is None else f"^{value.replace('.', '[.]')}$"
    return HeaderRule(name, pattern=pattern)
