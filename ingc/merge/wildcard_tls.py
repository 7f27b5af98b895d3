"""A host below a wildcard with ``tls`` has the wildcard's certificate, as in ingress-nginx.

There a certificate is looked up by the name that the client asks for, then by the wildcard over
it, whichever Ingress it is of. Here it has to be of a namespace that the host is of.
"""

from __future__ import annotations

from collections.abc import Container

from ingc.frontend.intent import IntentTls, TlsGroup

Groups = tuple[TlsGroup, ...]


def entries_below(
    tls: Groups, namespaces: Container[str], over: Groups
) -> tuple[Groups, IntentTls | None]:
    """Return the entries for a host, and one of another namespace where there are none.

    ``namespaces`` are those that the host is of, ``over`` the entries of the wildcard over it.
    """
    # The entries of a group are of one Ingress.
    own = tuple(group for group in over if group[0].namespace in namespaces)
    known = {id(group) for group in tls}
    found = (*tls, *(group for group in own if id(group) not in known))
    return found, over[0][0] if over and not found else None
