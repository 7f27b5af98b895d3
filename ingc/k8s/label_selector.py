"""meta/v1 LabelSelector, as workloads and NetworkPolicies hold it."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.k8s.fields import Fields
from ingc.syntax.labels import Operator, Requirement, Selector

_OPERATORS: dict[str, Operator] = {
    "In": "in",
    "NotIn": "notin",
    "Exists": "exists",
    "DoesNotExist": "absent",
}


def read_label_selector(fields: Fields) -> Selector:
    """Read a LabelSelector; an empty one takes everything.

    https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/label-selector/
    """
    exact = fields.strings("matchLabels").items()
    required = [Requirement(key, "in", frozenset({value})) for key, value in exact]
    return Selector((*required, *_read_expressions(fields)))


def _read_expressions(fields: Fields) -> Iterator[Requirement]:
    for item in fields.mappings("matchExpressions"):
        operator = _OPERATORS.get(item.text("operator"))
        if operator is not None:
            yield Requirement(item.text("key"), operator, frozenset(item.texts("values")))
