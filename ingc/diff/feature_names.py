"""What some features are called in a comparison, where the name of their type would say less."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from ingc.ir.features.access import SatisfyAny
from ingc.ir.features.aliases import Alias
from ingc.ir.features.card import Argument
from ingc.ir.features.headers import KeptHeader, RequestHeader
from ingc.ir.features.limits import Limits
from ingc.ir.features.tuning import ServerTuning, Tuning

Named = Iterator[tuple[str, object]]
Usual = Mapping[str, tuple[Argument, ...]]
"""The arguments of directives that nothing else sets."""


def name_tuning(item: Tuning | ServerTuning, usual: Usual) -> Named:
    """Yield the directive, unless it has its usual arguments."""
    if item.args != usual.get(item.directive):
        yield item.directive, item.args


name_server_tuning = name_tuning


def name_request_header(item: RequestHeader, _usual: Usual) -> Named:
    """Yield the header."""
    yield f"request header {item.name}", item.value


def name_kept_header(item: KeptHeader, _usual: Usual) -> Named:
    """Yield the header."""
    yield f"request header {item.name}", "the client's, if it sends one"


def name_satisfy_any(_item: SatisfyAny, _usual: Usual) -> Named:
    """Yield nginx's directive."""
    yield "satisfy", ("any",)


def name_limits(item: Limits, _usual: Usual) -> Named:
    """Yield the limits; whose requests are counted together is a matter of names alone."""
    yield "limits", dataclasses.replace(item, owner="")


def name_alias(item: Alias, _usual: Usual) -> Named:
    """Yield the names."""
    yield "alias", " ".join(item.names)
