"""What the search gives: a cause, the sentence that leads to the fix, and the evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from ingc.diagnostics import Origin
from ingc.diagnostics.model import format_field
from ingc.diagnostics.render.excerpt import shortened

_MOST_OF_A_VALUE = 300
_MOST_OF_A_WORD = 120


class Situation(Enum):
    """What stands between a rule and a Pod; the values are names for programs."""

    SERVICE_MISSING = "service-missing"
    DNS_NAME_AS_SERVICE = "dns-name-as-service"
    EXTERNAL_NAME_LOOP = "external-name-loop"
    PORT_MISSING = "port-missing"
    TARGET_PORT_MISSING = "target-port-missing"
    NO_SELECTOR = "no-selector"
    SELECTOR_MATCHES_NOTHING = "selector-matches-nothing"
    NO_REPLICAS = "no-replicas"
    PODS_NOT_CREATED = "pods-not-created"
    UNSCHEDULABLE = "unschedulable"
    CLAIM_UNBOUND = "claim-unbound"
    HOST_PORT_TAKEN = "host-port-taken"
    VOLUME_NOT_MOUNTED = "volume-not-mounted"
    SANDBOX_FAILED = "sandbox-failed"
    IMAGE_PULL = "image-pull"
    CONFIG_MISSING = "config-missing"
    INIT_CONTAINER = "init-container"
    CRASH_LOOP = "crash-loop"
    STARTUP_PROBE = "startup-probe"
    READINESS_PROBE = "readiness-probe"
    READINESS_GATE = "readiness-gate"
    NOT_READY = "not-ready"
    TERMINATING = "terminating"
    ENDED = "ended"
    NODE_GONE = "node-gone"
    NODE_NOT_READY = "node-not-ready"
    NETWORK_NOT_READY = "network-not-ready"
    SAME_ADDRESS = "same-address"
    NETWORK_POLICY = "network-policy"
    POD_GONE = "pod-gone"
    ADDRESS_CHANGED = "address-changed"
    NOT_LISTED = "not-listed"
    DNS_DOWN = "dns-down"
    NO_LOAD_BALANCER = "no-load-balancer"
    REPORTED = "reported"
    """A diagnostic of the compiler says it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A field of an object of the input, and its value."""

    origin: Origin
    value: str
    """Made visible, and cut where it is long."""

    @property
    def object(self) -> str:
        """Kind, namespace and name."""
        return str(self.origin.object) if self.origin.object else ""

    @property
    def field(self) -> str:
        """The field as Kubernetes writes it; ``""`` for the object as a whole."""
        return word(format_field(self.origin.field))

    @property
    def place(self) -> str | None:
        """``file:line``, looked up now; ``None`` for objects that came without a file."""
        source = self.origin.source
        if source is None:
            return None
        span = self.origin.span
        return f"{source.file}:{span.line}" if span else source.file


@dataclass(frozen=True, slots=True)
class Cause:
    """Why requests reach nobody."""

    situation: Situation
    why: str
    """What is wrong: a clause that begins with a name or in lower case, without a full stop."""
    fix: str
    """What to do, in the imperative."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def sentence(self) -> str:
        """The one sentence that leads to the fix."""
        return self.sentence_with("")

    def sentence_with(self, more: str) -> str:
        """Return the sentence with something put between what is wrong and what to do."""
        return f"{self.why[:1].upper()}{self.why[1:]}{more}; {self.fix}."


def seen(origin: Origin, *path: str | int, value: object) -> Evidence:
    """Return a field below a place as evidence."""
    return Evidence(origin.at(*path), shortened(str(value), _MOST_OF_A_VALUE))


def word(text: str) -> str:
    """Return a text of the input as it may stand in a sentence: visible, and not long."""
    return shortened(text.strip(), _MOST_OF_A_WORD)


def clause(text: str) -> str:
    """Return a message of the input, without the full stop that would end our sentence."""
    return shortened(text.strip().rstrip("."), _MOST_OF_A_VALUE)


def labels_text(labels: Mapping[str, str]) -> str:
    """Write labels as kubectl takes them: ``app=web,tier=front``."""
    return word(",".join(f"{key}={value}" for key, value in sorted(labels.items())))


def listed(items: Sequence[str], most: int = 3) -> str:
    """Write items as a list: ``a, b and 3 more``."""
    named = ", ".join(items[:most])
    return f"{named} and {len(items) - most} more" if len(items) > most else named
