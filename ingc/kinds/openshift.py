"""The card of OpenShift's Routes: what their router, HAProxy, does otherwise than ingress-nginx."""

from ingc.kinds.card import Brought, Floor, Miss, RuleKind, TlsOf

_HAPROXY, _ROUTER = "haproxy.router.openshift.io", "router.openshift.io"

ROUTE = RuleKind(
    name="Route",
    plural="OpenShift Routes",
    column="openshift",
    floors=(
        Floor.CARD,
        Floor.DIAGNOSTICS,
        Floor.K8S,
        Floor.FRONTEND,
        Floor.DOCS,
        Floor.EXAMPLE,
        Floor.GOLDEN,
        Floor.NGINX,
        Floor.MUTANTS,
    ),
    mentions=(
        r"openshift|(?<!kube-)\brouters?\b|\breencrypt"
        # What the IR has is a route with a small letter, or a class in backticks.
        r"|(?-i:(?<![-`.])\bRoutes?\b)"
    ),
    brings=(
        Brought("below", (Floor.OF_MERGE,), read=False),
        Brought(
            "load_balance",
            (
                Floor.IR_FEATURES,
                Floor.RESOLVE_FEATURES,
                Floor.PLAN_FEATURES,
                Floor.PROVE_FEATURES,
                Floor.GOLDEN,
                Floor.NGINX,
            ),
            types=("LeastConnections", "BalanceWish"),
        ),
        Brought("own_certificate", (Floor.RESOLVE_FEATURES,)),
        Brought("own_hsts", (Floor.RESOLVE_FEATURES,), read=False),
        Brought("reencrypt", (Floor.RESOLVE_FEATURES,), types=("ReencryptWish",)),
        Brought("shares", (Floor.RESOLVE_FEATURES,)),
    ),
    version="route.openshift.io/v1",
    resource="routes",
    optional=True,
    secrets_at=(("spec", "tls", "externalCertificate", "name"),),
    config_maps_where=((("spec", "tls", "termination"), "reencrypt", "openshift-service-ca.crt"),),
    named_with_kind=True,
    host_field=("spec", "host"),
    backend_field="to",
    annotation_prefixes=(_HAPROXY, _ROUTER),
    reader="OpenShift's router",
    miss=Miss(503, to_https=False),
    regexes=False,
    slash_below=True,
    tls=TlsOf.OBJECT,
    passes_tls=True,
    protocol_by_port=False,
    own_hsts=f"{_HAPROXY}/hsts_header",
    connect_timeout="5s",
    most_weight=256,
)
