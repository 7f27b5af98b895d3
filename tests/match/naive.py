"""What Kubernetes and our rules ask for, said plainly: slow, and with no line of the product's
matching in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pcre2

from ingc import ir
from ingc.syntax.uri import BadTarget, decode_once, remove_dot_segments
from tests.objects import Object


def takes(match: ir.RouteMatch, uri: bytes) -> bool:
    """Tell whether a route takes a normalised path, by the definition of its kind."""
    match match:
        case ir.Exact(path):
            return uri == path.encode()
        case ir.Prefix(path):
            wanted, given = _elements(path.encode()), _elements(uri)
            return given[: len(wanted)] == wanted
        case ir.Regex(pattern):
            found = pcre2.compile(("^" + pattern).encode(), pcre2.IGNORECASE).search(uri)
            return found is not None


def _elements(path: bytes) -> list[bytes]:
    """Kubernetes's path elements; a trailing slash makes none."""
    return [element for element in path.split(b"/") if element]


def first(routes: Iterable[ir.Route], uri: bytes) -> ir.Route | None:
    """Return the first route that takes a path."""
    return next((route for route in routes if takes(route.match, uri)), None)


@dataclass(frozen=True, slots=True)
class Rule:
    """One path of one Ingress."""

    ingress: str
    field: str
    exact: bool
    path: bytes
    service: str


def spec_answer(objects: Iterable[Object], host: str, uri: bytes) -> str | None:
    """Return ``namespace/ingress field`` of what takes a request, or None for 404.

    ``objects`` are Ingresses as dicts, ``host`` is lower-case without port, ``uri`` normalised.
    """
    ordered = sorted(objects, key=_age)
    name = _host_for(host, {named for item in ordered for named in _hosts(item)})
    rules = [rule for item in ordered for rule in _rules(item, name)]
    exact = [rule for rule in rules if rule.exact and rule.path == uri]
    if exact:
        return f"{exact[0].ingress} {exact[0].field}"
    below = [rule for rule in rules if not rule.exact and takes(_prefix(rule), uri)]
    if below:
        # max() gives the first of equals: the oldest Ingress, and in it the first path.
        winner = max(below, key=lambda rule: len(rule.path))
        return f"{winner.ingress} {winner.field}"
    whole = next((field for item in ordered for field in _redirected(item, name)), None)
    if whole is not None:
        return whole
    for item in ordered:
        if name in _hosts(item) and "defaultBackend" in item["spec"]:
            return f"{_name(item)} spec.defaultBackend"
    return None


def _prefix(rule: Rule) -> ir.Prefix:
    return ir.Prefix(rule.path.decode())


def _name(item: Object) -> str:
    return f"{item['metadata'].get('namespace', 'default')}/{item['metadata']['name']}"


def _age(item: Object) -> tuple[bool, str, str]:
    created = item["metadata"].get("creationTimestamp", "")
    return not created, created, _name(item)


def _hosts(item: Object) -> set[str]:
    """Return the hosts that an Ingress names; "" where a rule has none, or there is no rule."""
    return {rule.get("host", "") for rule in item["spec"].get("rules", ({},))}


def _host_for(host: str, named: set[str]) -> str:
    if host in named:
        return host
    label, _, rest = host.partition(".")
    return f"*.{rest}" if label and f"*.{rest}" in named else ""


def _rules(item: Object, host: str) -> Iterator[Rule]:
    for n, rule in enumerate(item["spec"].get("rules", ())):
        if rule.get("host", "") != host:
            continue
        for m, path in enumerate(rule.get("http", {}).get("paths", ())):
            decoded = decode_once(path.get("path") or "/")
            if _is_normal(decoded):
                yield Rule(
                    _name(item),
                    f"spec.rules[{n}].http.paths[{m}]",
                    path["pathType"] == "Exact",
                    decoded,
                    path["backend"].get("service", {}).get("name", ""),
                )


def _redirected(item: Object, host: str) -> Iterator[str]:
    """Yield the rules without paths whose whole host the Ingress redirects."""
    asked = item["metadata"].get("annotations", {})
    wishes = {key.rpartition("/")[2]: value for key, value in asked.items()}
    redirects = {"permanent-redirect", "temporal-redirect"} & set(wishes)
    if redirects or "://" in wishes.get("rewrite-target", ""):
        for n, rule in enumerate(item["spec"].get("rules", ())):
            if rule.get("host", "") == host and not rule.get("http", {}).get("paths"):
                yield f"{_name(item)} spec.rules[{n}]"


def _is_normal(path: bytes) -> bool:
    """A path that nginx never sees takes nothing."""
    try:
        return remove_dot_segments(path) == path
    except BadTarget:
        return False
