"""v1 Node, as far as it shows whether the Pods on it can be reached."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import ObjectRef
from ingc.k8s.fields import Fields
from ingc.k8s.pod import why_unready

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Node:
    """A Node; it decides nothing of a configuration and helps to explain one."""

    name: str
    unready: str
    """Why it runs nothing as it should, by ``status``; ``""`` where it does."""


def read_node(fields: Fields, ref: ObjectRef, _version: str) -> Node:
    """Read a Node."""
    status = fields.mapping("status")
    return Node(ref.name, why_unready(status) if status else "")
