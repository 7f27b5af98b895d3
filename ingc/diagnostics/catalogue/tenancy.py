"""ING24x: hosts that several namespaces share, and whose they are."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import NOTE, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING240", name="host-owner-undecided", severity=WARNING)
class HostOwnerUndecided(Entry):
    """Namespaces share a host, and no creationTimestamp says which of them has it.

    A host belongs to the namespace of the oldest Ingress that names it: what holds for the whole
    host, such as its certificate and its default backend, is the owner's alone. Where the oldest
    Ingresses of two namespaces have the same timestamp or none, as in manifests that were never
    in a cluster, the first by namespace and name counts as older.

    Fix: pass `--host-owner HOST=NAMESPACE`, with `*` for the rules without a host.
    """

    host: str
    owner: str
    option: str
    summary = "nothing tells whose {host} is, so it belongs to namespace {owner} by its name"
    label = "has the same timestamp, or none"
    help = "pass --host-owner {option}={owner}, or another namespace"


@code("ING241", name="wish-for-host-of-another", severity=WARNING, strict=True)
class WishForHostOfAnother(Entry):
    """An Ingress asks for what holds for a whole host, and another namespace has that host.

    A host belongs to the namespace of the oldest Ingress that names it. Others may add paths;
    what they ask for the whole host has no effect: a `tls` entry, a default backend,
    `ssl-passthrough`, `app-root`, aliases, client certificates, ciphers. In ingress-nginx the
    first Ingress that asks gets it, whoever that is.

    Fix: let the owner ask for it, or use a host of your own. The operator can give the host to
    another namespace with `--host-owner`, or let all namespaces share with `--trust-namespaces`.
    """

    what: str
    host: str
    owner: str
    summary = "{what} has no effect on {host}, which belongs to namespace {owner}"
    label = "is the owner's to ask for"
    help = "let {owner} ask for it, or use a host of your own"


@code("ING242", name="host-below-host-of-another", severity=WARNING)
class HostBelowHostOfAnother(Entry):
    """A host takes names that went to a wildcard, or to rules without a host, of another namespace.

    An exact name is a host of its own, and beats a wildcard and rules without a host; a wildcard
    beats these. So it is with names that an annotation adds to a host. An older Ingress of another
    namespace served these names until now.

    Fix: nothing, where both namespaces know of it; else remove the host.
    """

    hosts: tuple[str, ...]
    cover: str
    owner: str
    summary = "{hosts} no longer goes to {cover} of namespace {owner}"
    label = "is a host of its own"
    help = "remove it unless namespace {owner} knows of it"


@code("ING243", name="host-owner-unused", severity=WARNING)
class HostOwnerUnused(Entry):
    """The option `--host-owner` gives a host to a namespace that has no Ingress for it.

    Nothing that holds for the whole host has an effect then, whoever asks for it; paths are served.

    Fix: correct the host or the namespace.
    """

    host: str
    owner: str
    why: str
    summary = "--host-owner {host}={owner}: {why}"
    label = ""
    help = "correct the option"


@code("ING244", name="regex-below-its-prefix", severity=NOTE)
class RegexBelowItsPrefix(Entry):
    """A path is a regex on a host of another namespace: it takes only what lies below its prefix.

    The regex is anchored at both sides of its literal beginning: of `/api.*` it takes `/api` and
    what is below `/api/`, in this letter case, not `/apix` and `/API`. It takes nothing that a
    longer path of an older namespace takes. In ingress-nginx it would be tried for the whole host
    and all its paths would become regexes.

    Fix: nothing, where the path begins with the element that is the Ingress's own, as in
    `/api(/|$)(.*)`; else use a host of your own.
    """

    host: str
    owner: str
    below: str
    summary = "{host} belongs to namespace {owner}, so this regex takes only what is below {below}"
    label = "bounded by its literal beginning"
    help = "begin the path with an element of your own, as in /name(/|$)(.*)"


@code("ING245", name="regex-alias-over-another", severity=WARNING, strict=True)
class RegexAliasOverAnother(Entry):
    """An alias that is a regex would take names from another namespace, and has no effect.

    Nobody can list what a regex takes. So it takes nothing where rules without a host, of an older
    Ingress of another namespace, take every name that no host has. And nginx tries wildcards and
    regexes in one order: a host that is a wildcard, or has one as an alias, has no regex beside it
    where an older host of another namespace has one, which would be tried after it.

    Fix: write the names out, or put the regex on a host without wildcards. The operator can let all
    namespaces share with `--trust-namespaces`.
    """

    annotation: str
    alias: str
    cover: str
    owner: str
    fix: str
    summary = "{annotation} can not have {alias}: {cover} of namespace {owner} would lose names"
    label = "takes nothing"
    help = "{fix}"
