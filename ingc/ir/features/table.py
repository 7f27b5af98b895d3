"""Every type of feature, in the order of columns."""

from __future__ import annotations

from ingc.ir.features.access import AccessList, SatisfyAny
from ingc.ir.features.affinity import Affinity
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.basic_auth import BasicAuth
from ingc.ir.features.canary import Canary
from ingc.ir.features.card import HostFeature, Kind, RouteFeature, UpstreamFeature
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import CustomErrors, StandIn
from ingc.ir.features.external_auth import ExternalAuth, Keepalive, SignIn
from ingc.ir.features.headers import CustomHeaders, KeptHeader, RequestHeader
from ingc.ir.features.limits import Limits
from ingc.ir.features.load_balance import HashBy, LeastConnections, LeastTime, ServiceAddress
from ingc.ir.features.mirror import Mirror
from ingc.ir.features.modsecurity import Firewall
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.protocols import BackendProtocol, FastCgi, OneRequestConnections
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.rewrite import Rewrite, UseRegex
from ingc.ir.features.snippets import (
    AnswerHeaders,
    ErrorPages,
    LocationProgram,
    ServerProgram,
)
from ingc.ir.features.tracing import Traced
from ingc.ir.features.tuning import ServerTuning, Tuning

ROUTE_FEATURES: tuple[type[RouteFeature], ...] = (
    AccessList,
    SatisfyAny,
    Affinity,
    BackendTls,
    BasicAuth,
    Canary,
    HttpsOnly,
    Cors,
    CustomErrors,
    StandIn,
    ExternalAuth,
    SignIn,
    CustomHeaders,
    RequestHeader,
    KeptHeader,
    Limits,
    Mirror,
    BackendProtocol,
    FastCgi,
    HttpsRedirect,
    Rewrite,
    UseRegex,
    Firewall,
    Traced,
    Tuning,
    LocationProgram,
    AnswerHeaders,
    ErrorPages,
)
HOST_FEATURES: tuple[type[HostFeature], ...] = (
    Alias,
    WwwRedirect,
    ClientCertificates,
    Passthrough,
    AppRoot,
    ServerTuning,
    ServerProgram,
)
UPSTREAM_FEATURES: tuple[type[UpstreamFeature], ...] = (
    Keepalive,
    HashBy,
    LeastTime,
    LeastConnections,
    ServiceAddress,
    OneRequestConnections,
)
FEATURES: tuple[Kind, ...] = (*ROUTE_FEATURES, *HOST_FEATURES, *UPSTREAM_FEATURES)
"""`tests/test_features.py` holds that none is missing."""
