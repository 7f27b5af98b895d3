"""What a kind of object with rules is, and its card: what it owes to each floor, what it brings.

Stages ask a card's facts and never a kind's name. A kind stands in a column of its own, with one
name on every floor that the card lists, and in the columns of the features that it brings;
`tests/test_kinds.py` holds that nothing else mentions it, and that no floor is missing. A stage
finds a function of a kind by name: ``function_of_kind("frontend", kind, "read_intent")`` takes it
from the module ``ingc.frontend.COLUMN``.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from importlib import import_module
from typing import Any


class Floor(enum.Enum):
    """A floor on which a kind or a feature has a module, a folder or a page of its own.

    The value is its path, where ``{}`` stands for the name of the column.
    """

    CARD = "ingc/kinds/{}.py"
    DIAGNOSTICS = "ingc/diagnostics/catalogue/{}.py"
    K8S = "ingc/k8s/{}"
    FRONTEND = "ingc/frontend/{}"
    DOCS = "docs/{}.md"
    EXAMPLE = "examples/{}.yaml"
    GOLDEN = "golden/{}"
    NGINX = "tests/nginx/test_{}.py"
    MUTANTS = "tests/mutation/rules/{}.toml"
    OF_MERGE = "ingc/merge/{}.py"
    IR_FEATURES = "ingc/ir/features/{}.py"
    RESOLVE_FEATURES = "ingc/resolve/features/{}.py"
    PLAN_FEATURES = "ingc/plan/features/{}.py"
    PROVE_FEATURES = "ingc/prove/features/{}.py"


@dataclass(frozen=True, slots=True)
class Brought:
    """A feature that a kind brings: its column, the same on each of its floors.

    Its reading is a module of that name in the kind's folder of the frontend, where anything of
    the object has to be read for it.
    """

    column: str
    floors: tuple[Floor, ...]
    types: tuple[str, ...] = ()
    """Types of features that only this kind requests; no other column names them."""
    read: bool = True
    """True where the kind's folder of the frontend has a module of that name."""


class TlsOf(enum.Enum):
    """What an entry of ``spec.tls`` is about."""

    HOSTS = "it names hosts, and requests TLS for the whole of them"
    OBJECT = "it says how the object's own requests come; its certificate alone is the host's"


@dataclass(frozen=True, slots=True)
class Miss:
    """How a request for a host is answered that none of its rules takes."""

    status: int
    """404 or 503."""
    to_https: bool
    """True where plain http is redirected first, as the ConfigMap says."""


NOT_FOUND = Miss(404, to_https=True)
"""What holds where several kinds name a host."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RuleKind:
    """A kind of object with rules: its card. There is one object for each kind."""

    name: str
    """``kind`` of its objects, as the API writes it."""
    plural: str
    """Its objects, for people."""
    column: str
    """The name of its modules on each floor."""
    floors: tuple[Floor, ...]
    """Where it has a module, a folder or a page."""
    mentions: str = ""
    """A regex of what mentions it in names, comments, texts and docstrings, in any letter case;
    empty: everything is described in its words."""
    brings: tuple[Brought, ...] = ()

    version: str
    """``networking.k8s.io/v1``, the newest that is read."""
    resource: str
    """As the API calls its collection: ``ingresses``."""
    optional: bool = False
    """True where not every cluster has the kind."""
    secrets_at: tuple[tuple[str, ...], ...] = ()
    """Fields that name Secrets of the object's namespace; a list of them has it in each item."""
    config_maps_where: tuple[tuple[tuple[str, ...], str, str], ...] = ()
    """A field, a value of it, and the ConfigMap of the object's namespace that is needed then."""

    named_with_kind: bool = False
    """True where it is called ``Kind/namespace/name``; else ``namespace/name``."""
    host_field: tuple[str, ...] = ()
    """The field with the one host of an object; empty: each rule has one."""
    backend_field: str
    """The field of a rule with its backend."""
    annotation_prefixes: tuple[str, ...] = ()
    """What annotations of objects of this kind alone begin with, without the slash."""
    reader: str = ""
    """Who reads those elsewhere."""

    miss: Miss = NOT_FOUND
    """Of a host that objects of such kinds alone name."""
    regexes: bool = True
    """True where another rule's annotation may make a regex of its path."""
    slash_below: bool = False
    """True where a path that ends with a slash takes what is below it alone."""
    tls: TlsOf = TlsOf.HOSTS
    passes_tls: bool = False
    """True where the object itself requests that its TLS is passed on, no annotation."""
    protocol_by_port: bool = True
    """True where ``appProtocol`` of a Service's port may request TLS or gRPC to the backend."""
    own_hsts: str = ""
    """The annotation that alone requests Strict-Transport-Security; empty: the ConfigMap does."""
    connect_timeout: str = ""
    """nginx's time to connect to a backend; empty: the ConfigMap's."""
    most_weight: int = 0
    """The largest share that one of a rule's Services can have; 0: a rule has one Service."""

    @property
    def group(self) -> str:
        """The API group."""
        return self.version.rpartition("/")[0]

    def called(self, namespace: str, name: str) -> str:
        """Return what an object is called: ``namespace/name``, or with its kind before it."""
        return f"{self.name}/{namespace}/{name}" if self.named_with_kind else f"{namespace}/{name}"

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __reduce__(self) -> tuple[Any, ...]:
        # A copy of it is it: kinds are compared by identity.
        return _again, (self.name,)


def _again(name: str) -> RuleKind:
    found: RuleKind = import_module("ingc.kinds.table").kind_named(name)
    return found


def function_of_kind(floor: str, kind: RuleKind, name: str) -> Any:
    """Return what a kind's module of a stage has under a name."""
    return getattr(import_module(f"ingc.{floor}.{kind.column}"), name)
