"""The passes, by the names that ``--layout`` has for them (`ingc.option_values.LAYOUT_PASSES`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ingc.ir import Settings
from ingc.option_values import LAYOUT_PASSES
from ingc.plan.layout import Server
from ingc.plan.passes.around import Around
from ingc.plan.passes.plain_wildcards import name_wildcards
from ingc.plan.passes.prefix_regexes import write_prefixes
from ingc.plan.passes.regex_groups import group_regexes
from ingc.plan.passes.shared_servers import share_servers

Servers = tuple[Server, ...]
Pass = Callable[[Servers, Around], Servers]

PASSES: Mapping[str, Pass] = {
    "prefix-regexes": write_prefixes,
    "regex-groups": group_regexes,
    "plain-wildcards": name_wildcards,
    "shared-servers": share_servers,
}


def run_passes(servers: Servers, settings: Settings, around: Around) -> Servers:
    """Return what the passes of the settings make of servers; their maps go to ``around``."""
    for name in LAYOUT_PASSES:
        if name in settings.passes:
            servers = PASSES[name](servers, around)
    return servers
