"""What Ingresses may request at all."""

from __future__ import annotations

from ingc.frontend.configmap.declare import Key, KeyGroup, meaningless
from ingc.frontend.configmap.grammars import WORDS
from ingc.frontend.declarations import namespaces
from ingc.frontend.declarations.grammars import BOOL, HEADERS, one_of

RISK_LEVEL = Key(
    "annotations-risk-level",
    "Refuse Ingresses that have an annotation of a higher risk.",
    one_of("Low", "Medium", "High", "Critical", caseless=True),
    default="High",
    under_own_name=True,
    rejects=True,
)
BLOCKED_WORDS = Key(
    "annotation-value-word-blocklist",
    "Refuse Ingresses in which the value of an annotation holds one of these words.",
    WORDS,
    under_own_name=True,
    rejects=True,
)
ALLOWED_RESPONSE_HEADERS = Key(
    "global-allowed-response-headers",
    "The headers that custom-headers may set.",
    HEADERS,
    annotation="custom-headers",
    under_own_name=True,
    rejects=True,
)
STRICT_PATHS = Key(
    "strict-validate-path-type",
    "Refuse Ingresses with other signs than letters, digits and /._- in a path that is Exact or "
    "Prefix; in ingress-nginx admission does, unless it is false.",
    BOOL,
    default="false",
    under_own_name=True,
)
CROSS_NAMESPACE = Key(
    namespaces.CROSS_NAMESPACE,
    "Let annotations name Secrets and ConfigMaps of other namespaces; never the Secrets of tls.",
    BOOL,
    default="false",
    under_own_name=True,
)
GROUP = KeyGroup(
    "What Ingresses may ask for",
    (
        meaningless("allow-snippet-annotations", "the option --allow-snippets decides", "false"),
        CROSS_NAMESPACE,
        RISK_LEVEL,
        BLOCKED_WORDS,
        STRICT_PATHS,
        ALLOWED_RESPONSE_HEADERS,
    ),
)
