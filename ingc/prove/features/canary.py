"""Requests that a canary takes; its share of the others is compared in `ingc.prove.agreement`."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir.features.canary import Canary
from ingc.prove.witness import Witness
from ingc.syntax.regex.samples import sample
from ingc.syntax.request import Request


def vary_canary(canary: Canary, plain: Request) -> Iterator[Witness]:
    """Yield a request for each value of its header and its cookie."""
    for headers in _choices(canary):
        label = ", ".join(f"{name}: {value}" for name, value in headers)
        yield Witness(plain._replace(headers=(*plain.headers, *headers)), label)


def _choices(canary: Canary) -> Iterator[tuple[tuple[str, str], ...]]:
    rule = canary.header
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
