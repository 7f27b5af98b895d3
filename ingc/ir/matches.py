"""What a route takes: a path, all below it, or what a regex matches."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.syntax.uri import decode_once


@dataclass(frozen=True, slots=True)
class Exact:
    """Takes the one ``$uri`` that equals ``path``."""

    path: str


@dataclass(frozen=True, slots=True)
class Prefix:
    """Takes ``$uri`` by path elements; a trailing slash of ``path`` counts only for its length."""

    path: str


@dataclass(frozen=True, slots=True)
class Regex:
    """Takes ``$uri`` by the caseless regex ``^`` + ``pattern``; only on hosts in regex mode."""

    pattern: str


@dataclass(frozen=True, slots=True)
class BoundedRegex(Regex):
    """Takes ``$uri`` by the whole caseless regex, anchored at its start, and only what ``below``
    takes as a Prefix; on hosts of another namespace."""

    below: str
    """Without a slash at its end; empty: any path."""


RouteMatch = Exact | Prefix | Regex


def specified_match(path: str, path_type: str) -> Exact | Prefix:
    """Return what the path of a rule takes as Kubernetes specifies it (``HTTPIngressPath``).

    The path names what a client requests, so it is decoded as nginx decodes a request.
    ImplementationSpecific is Prefix, as ingress-nginx makes it.
    """
    decoded = decode_once(path).decode()  # k8s has refused what is no UTF-8
    return Exact(decoded) if path_type == "Exact" else Prefix(decoded)
