"""Errors, limits, and who may come in."""

from __future__ import annotations

from ingc.frontend.configmap.declare import Key, KeyGroup, KeyValues
from ingc.frontend.configmap.grammars import MAP_KEYS, VARIABLE
from ingc.frontend.declarations.grammars import BOOL, KILOBYTES, NETWORKS, codes, integer
from ingc.ir.policies import Blocked

BLOCK_CIDRS = Key(
    "block-cidrs", "Clients that are refused with 403.", NETWORKS, rejects=True, see="geo"
)
BLOCK_AGENTS = Key(
    "block-user-agents",
    "Values of User-Agent that are refused with 403.",
    MAP_KEYS,
    rejects=True,
    see="map",
)
BLOCK_REFERERS = Key(
    "block-referers",
    "Values of Referer that are refused with 403.",
    MAP_KEYS,
    rejects=True,
    see="map",
)


def blocked(values: KeyValues) -> Blocked:
    """Return who is refused everywhere."""
    return Blocked(
        networks=tuple(str(item) for item in values.get(BLOCK_CIDRS) or ()),
        agents=values.get(BLOCK_AGENTS) or (),
        referers=values.get(BLOCK_REFERERS) or (),
    )


_STATUSES = integer(400, 599)

GROUP = KeyGroup(
    "Errors, limits, access",
    (
        Key(
            "custom-http-errors",
            "Statuses of backends that the default backend answers in their place.",
            codes(300, 599),
            annotation="custom-http-errors",
        ),
        Key(
            "disable-proxy-intercept-errors",
            "Pass backends' errors on in spite of custom-http-errors.",
            BOOL,
            default="false",
            annotation="disable-proxy-intercept-errors",
        ),
        Key(
            "limit-rate",
            "How fast one answer is sent, in kB/s; 0 for no limit.",
            KILOBYTES,
            default="0",
            sets="limit_rate",
            annotation="limit-rate",
            rejects=True,
        ),
        Key(
            "limit-rate-after",
            "After how many kB it is slowed.",
            KILOBYTES,
            default="0",
            sets="limit_rate_after",
            annotation="limit-rate-after",
            rejects=True,
        ),
        Key(
            "limit-req-status-code",
            "The status of requests over a limit.",
            _STATUSES,
            default="503",
            sets="limit_req_status",
            annotation="limit-rps",
            under_own_name=True,
        ),
        Key(
            "limit-conn-status-code",
            "The status of connections over a limit.",
            _STATUSES,
            default="503",
            sets="limit_conn_status",
            annotation="limit-connections",
            under_own_name=True,
        ),
        Key(
            "limit-conn-zone-variable",
            "What tells clients apart that have limits; where it is empty nothing is counted.",
            VARIABLE,
            default="$binary_remote_addr",
            annotation="limit-connections",
            under_own_name=True,
            rejects=True,
            see="limit_conn_zone",
        ),
        Key(
            "denylist-source-range",
            "Clients that are refused.",
            NETWORKS,
            annotation="denylist-source-range",
            rejects=True,
        ),
        Key(
            "whitelist-source-range",
            "The only clients that may come in.",
            NETWORKS,
            annotation="allowlist-source-range",
            rejects=True,
        ),
        BLOCK_CIDRS,
        BLOCK_AGENTS,
        BLOCK_REFERERS,
    ),
)
