"""Teaches crossplane the directives that its own table lacks."""

from __future__ import annotations

from functools import cache

from ingc.target import DIRECTIVES

_CONTEXTS = {
    "main": "NGX_MAIN_CONF",
    "events": "NGX_EVENT_CONF",
    "http": "NGX_HTTP_MAIN_CONF",
    "upstream": "NGX_HTTP_UPS_CONF",
    "server": "NGX_HTTP_SRV_CONF",
    "location": "NGX_HTTP_LOC_CONF",
    "if": "NGX_HTTP_LIF_CONF NGX_HTTP_SIF_CONF",
    "stream": "NGX_STREAM_MAIN_CONF",
    "stream_server": "NGX_STREAM_SRV_CONF",
    "stream_upstream": "NGX_STREAM_UPS_CONF",
}


BLOCKS_OF_ENTRIES = frozenset({"map", "geo", "split_clients", "geoip2", "otel_exporter", "types"})
"""Blocks that hold keys and values where others hold directives."""


@cache
def register_directives() -> None:
    """Add our table to crossplane's."""
    from crossplane import analyzer

    # Written to directly: analyzer.register_external_directives is Python 2 code.
    for name, spec in DIRECTIVES.items():
        mask = analyzer.NGX_CONF_ANY
        if spec.block:
            mask |= analyzer.NGX_CONF_BLOCK
        for context in spec.contexts:
            for name_of_bit in _CONTEXTS[context].split():
                mask |= getattr(analyzer, name_of_bit)
        analyzer.DIRECTIVES[name] = [*analyzer.DIRECTIVES.get(name, ()), mask]
