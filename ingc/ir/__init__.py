"""The IR: everything that decides what nginx does, and nothing else.

Small frozen values. Two equal IRs give the same nginx.conf. Places in files are no part of
equality. `ingc.resolve` builds it; `match`, `plan` and `emit` read it.
"""

from ingc.ir.at_start import AtStart, service_name
from ingc.ir.config import (
    ANY_HOST,
    Action,
    Certificate,
    Config,
    DeadRoute,
    Endpoint,
    Host,
    Https,
    OutputFile,
    Proxy,
    Redirect,
    RegexCause,
    Route,
    RouteOrigin,
    SecretBytes,
    ServiceShare,
    ServiceTarget,
    Settings,
    StatusAnswer,
    Stream,
    Tenancy,
    Upstream,
)
from ingc.ir.features.card import HostFeature, RouteFeature, UpstreamFeature
from ingc.ir.matches import BoundedRegex, Exact, Prefix, Regex, RouteMatch, specified_match
from ingc.ir.policies import Policies

__all__ = [
    "ANY_HOST",
    "Action",
    "AtStart",
    "BoundedRegex",
    "Certificate",
    "Config",
    "DeadRoute",
    "Endpoint",
    "Exact",
    "Host",
    "HostFeature",
    "Https",
    "OutputFile",
    "Policies",
    "Prefix",
    "Proxy",
    "Redirect",
    "Regex",
    "RegexCause",
    "Route",
    "RouteFeature",
    "RouteMatch",
    "RouteOrigin",
    "SecretBytes",
    "ServiceShare",
    "ServiceTarget",
    "Settings",
    "StatusAnswer",
    "Stream",
    "Tenancy",
    "Upstream",
    "UpstreamFeature",
    "service_name",
    "specified_match",
]
