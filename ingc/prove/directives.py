"""Teaches crossplane the directives that its own table lacks."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from ingc.target import DIRECTIVES

_CONTEXTS = {
    "main": "NGX_MAIN_CONF",
    "events": "NGX_EVENT_CONF",
    "http": "NGX_HTTP_MAIN_CONF",
    "upstream": "NGX_HTTP_UPS_CONF",
    "server": "NGX_HTTP_SRV_CONF",
    "location": "NGX_HTTP_LOC_CONF",
    "if": "NGX_HTTP_LIF_CONF",
}


def register_directives(map_keys: Iterable[str]) -> None:
    """Add our table to crossplane's.

    Its strict mode takes the entries of a ``map`` for directives, so their keys are added too,
    for no context that it knows: as directives elsewhere they stay refused.
    """
    from crossplane import analyzer

    _register_table()
    for key in map_keys:
        analyzer.DIRECTIVES.setdefault(key, [analyzer.NGX_CONF_ANY])


@cache
def _register_table() -> None:
    from crossplane import analyzer

    # Written to directly: analyzer.register_external_directives is Python 2 code.
    for name, spec in DIRECTIVES.items():
        mask = analyzer.NGX_CONF_ANY
        if spec.block:
            mask |= analyzer.NGX_CONF_BLOCK
        for context in spec.contexts:
            mask |= getattr(analyzer, _CONTEXTS[context])
        analyzer.DIRECTIVES[name] = [*analyzer.DIRECTIVES.get(name, ()), mask]
