"""The hosts that several namespaces share: whose they are, and what that changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ingc.ir import BoundedRegex, Config, Host, Regex, Tenancy
from ingc.syntax.visible import visible


@dataclass(frozen=True, slots=True)
class SharedHost:
    """A host that Ingresses of several namespaces name."""

    name: str
    """Empty for the rules without a host."""
    owner: str
    others: tuple[str, ...]
    changes: tuple[str, ...]
    """What is otherwise than in ingress-nginx, where all namespaces decide together."""


def shared_hosts(config: Config) -> tuple[SharedHost, ...]:
    """Return the hosts that several namespaces share, by name."""
    return tuple(
        SharedHost(host.name, found.owner, found.others, tuple(_changes(host, found)))
        for host in config.hosts
        if (found := host.tenancy) is not None
    )


def shared_as_text(hosts: tuple[SharedHost, ...]) -> str:
    """Print shared hosts for people."""
    if not hosts:
        return "no host is shared by several namespaces\n"
    lines = []
    for host in hosts:
        others = ", ".join(host.others)
        name = host.name or "the rules without a host"
        lines.append(f"{name}  belongs to {host.owner}, shared with {others}")
        lines += [f"  {visible(item)}" for item in host.changes or ("nothing changes",)]
    return "\n".join(lines) + "\n"


def _changes(host: Host, tenancy: Tenancy) -> Iterator[str]:
    for ingress, what in tenancy.ignored:
        yield f"{ingress}: {what} has no effect"
    requesters = dict.fromkeys(cause.origin.namespace for cause in host.regex_causes)
    plain: dict[str, int] = {}
    for route in host.routes:
        namespace = route.origin.namespace
        if isinstance(route.match, BoundedRegex):
            below = route.match.below or "/"
            yield f"{route.origin.ingress}: regex {route.path} takes only what is below {below}"
        elif not isinstance(route.match, Regex):
            plain[namespace] = plain.get(namespace, 0) + 1
    for namespace, count in plain.items() if requesters else ():
        others = ", ".join(name for name in requesters if name != namespace)
        paths = "1 path stays" if count == 1 else f"{count} paths stay"
        yield f"{namespace}: {paths} Exact and Prefix beside the regexes of {others}"
    for dead in host.dead:
        if dead.by is not None and dead.by.namespace != dead.route.origin.namespace:
            yield f"{dead.route.origin.ingress}: {dead.route.path} is never reached: {dead.why}"
