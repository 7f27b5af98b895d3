"""What a finding means for whoever leaves ingress-nginx: how much it weighs, and under which topic.

What is not listed weighs by its severity: an error keeps an Ingress from being compiled, a warning
asks for a decision, a note is something that stays as it is.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import Diagnostic, Severity
from ingc.frontend.declarations.declare import Support


class Weight(enum.Enum):
    """How much a finding weighs, the heaviest first."""

    REFUSED = "refused"
    """The Ingress does not compile as it is."""
    DECISION = "decision"
    """It compiles, and somebody has to decide something before it behaves as before."""
    DIFFERS = "differs"
    """It compiles, and answers some requests otherwise."""
    KEPT = "kept"
    """A quirk that is the same as in ingress-nginx."""
    NOTHING = "nothing"
    """It says nothing about behaviour."""


class Topic(enum.Enum):
    """Under which heading a finding stands."""

    SNIPPETS = "Snippets"
    MODULES = "Modules that stock nginx lacks"
    ELSEWHERE = "Secrets and ConfigMaps of other namespaces"
    SHARED = "Hosts that namespaces share"
    REFUSED = "What the compile refuses"
    CERTIFICATES = "Certificates and passwords"
    SERVICES = "Services and names"
    IDLE = "Annotations without effect"
    OTHER = "Other findings"
    BEHAVIOUR = "Works otherwise in stock nginx"
    REGEX = "Regexes and paths"
    ANSWERS = "Answers of nginx itself"
    PLAIN = "Kept, and worth knowing"


@dataclass(frozen=True, slots=True)
class Weighed:
    """The weight and the topic of a finding."""

    weight: Weight
    topic: Topic


_DECISIONS: Mapping[Topic, str] = {
    Topic.SNIPPETS: "ING423 ING424 ING425 ING427",
    Topic.SHARED: "ING240 ING241 ING243 ING244 ING245 ING456 ING511",
    Topic.CERTIFICATES: "ING453 ING454 ING506 ING507",
    Topic.SERVICES: "ING320 ING323 ING324 ING326 ING327 ING328 ING343 ING468 ING469",
    Topic.IDLE: "ING401 ING403 ING404 ING406 ING407 ING408 ING437 ING440 ING445",
    Topic.ELSEWHERE: "ING442",
    Topic.MODULES: "ING450",
}
_DIFFERENCES = (
    "ING310 ING344 ING422 ING434 ING455 ING463 ING466 ING470 ING471 ING472 ING473 ING474 ING475 "
    "ING478"
)
_KEPT: Mapping[Topic, str] = {
    Topic.REGEX: "ING210 ING211 ING212 ING213 ING216 ING221 ING415 ING416 ING419 ING420",
    Topic.ANSWERS: "ING214 ING311 ING313 ING314 ING315 ING316 ING317 ING318 ING446 ING447 ING479",
    Topic.PLAIN: (
        "ING105 ING132 ING215 ING230 ING242 ING322 ING346 ING410 ING411 ING412 ING413 ING418 "
        "ING433 ING438 ING476 ING477 ING505 ING509"
    ),
}
_NOTHING = "ING015 ING021 ING025 ING026 ING027 ING107 ING130 ING131 ING133 ING144 ING481 ING903"


def _listed() -> dict[str, Weighed]:
    found: dict[str, Weighed] = {}
    for weight, topics in ((Weight.DECISION, _DECISIONS), (Weight.KEPT, _KEPT)):
        for topic, codes in topics.items():
            found |= dict.fromkeys(codes.split(), Weighed(weight, topic))
    found |= dict.fromkeys(_DIFFERENCES.split(), Weighed(Weight.DIFFERS, Topic.BEHAVIOUR))
    return found | dict.fromkeys(_NOTHING.split(), Weighed(Weight.NOTHING, Topic.PLAIN))


_BY_CODE = _listed()
_BY_SEVERITY = {
    Severity.ERROR: Weighed(Weight.REFUSED, Topic.REFUSED),
    Severity.WARNING: Weighed(Weight.DECISION, Topic.OTHER),
    Severity.NOTE: Weighed(Weight.KEPT, Topic.PLAIN),
}
_NEEDS_MODULE = Support.NEEDS_MODULE.value
_ELSEWHERE = "in another namespace than the Ingress"
"""How the reason of a finding ends that is about a Secret elsewhere."""


def weigh(found: Diagnostic) -> Weighed:
    """Return what a finding means."""
    weighed = _BY_CODE.get(found.code, _BY_SEVERITY[found.severity])
    if found.severity is Severity.ERROR:
        weighed = Weighed(Weight.REFUSED, weighed.topic)
    topic = _special_topic(found)
    return Weighed(weighed.weight, topic) if topic else weighed


def _special_topic(found: Diagnostic) -> Topic | None:
    values = vars(found.entry)
    if str(values.get("support", "")) == _NEEDS_MODULE:
        return Topic.MODULES
    if is_snippet(found):
        return Topic.SNIPPETS
    return Topic.ELSEWHERE if _ELSEWHERE in str(values.get("why", "")) else None


def is_snippet(found: Diagnostic) -> bool:
    """Return whether a finding is about a snippet that is refused."""
    values = vars(found.entry)
    name = str(values.get("annotation", values.get("key", "")))
    return found.code in ("ING402", "ING486", "ING401", "ING485") and name.endswith("-snippet")
