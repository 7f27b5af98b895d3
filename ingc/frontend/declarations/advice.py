"""What to write in place of raw nginx directives: looked up in the declarations."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ingc.frontend.declarations.declare import Annotation, Declaration

_DIRECTIVE = re.compile(r"(?:\A|[;{}\n])\s*([a-z][a-z0-9_]*)(?=[\s;{])")
_OTHERWISE = {
    "add_header": "custom-headers",
    "more_set_headers": "custom-headers",
    "more_clear_headers": "the ConfigMap key hide-headers",
    "proxy_hide_header": "the ConfigMap key hide-headers",
    "more_set_input_headers": "the ConfigMap key proxy-set-headers",
    "proxy_set_header": "upstream-vhost for Host, else the ConfigMap key proxy-set-headers",
    "allow": "allowlist-source-range",
    "deny": "denylist-source-range",
    "rewrite": "rewrite-target",
    "return": "permanent-redirect or temporal-redirect",
    "limit_req": "limit-rps or limit-rpm",
    "gzip": "the ConfigMap key use-gzip",
}
"""Directives that no declaration names, or that several do, with the best of them."""


def advise(snippet: str, declarations: Iterable[Declaration]) -> str:
    """Name, for each directive of a snippet, the annotation that does the same; "" for none."""
    known: dict[str, str] = {}
    for declared in declarations:
        if isinstance(declared, Annotation):
            for directive in {declared.sets, declared.see} - {""}:
                known.setdefault(directive, declared.name)
    found = {**known, **_OTHERWISE}
    named = dict.fromkeys(_DIRECTIVE.findall(snippet))
    return "; ".join(f"for {name} use {found[name]}" for name in named if name in found)
