"""Who may pass, in snippets: rules about addresses, and which checks are enough."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

from ingc.frontend.declarations.grammars import Network, addresses
from ingc.frontend.snippets.contents import SnippetContents
from ingc.frontend.snippets.parsed import ReadDirective
from ingc.frontend.snippets.values import RefusedDirective
from ingc.ir.features.access import AccessList

_ALL: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
_MOST = 200


def read_rule(item: ReadDirective, contents: SnippetContents) -> None:
    """``allow WHOM`` and ``deny WHOM``: an address, a network, or ``all``."""
    word = item.args[0]
    if word.text == "unix:":
        raise RefusedDirective("no client comes by a unix socket", "remove it", word.place)
    if word.text != "all":
        try:
            ipaddress.ip_network(word.text, strict=False)
        except ValueError as error:
            why = f'"{word.text}" is no address and no network'
            raise RefusedDirective(
                why, "write an address such as 10.0.0.0/8, or all", word.place
            ) from error
    if len(contents.rules) >= _MOST:
        raise RefusedDirective(
            f"there are more than {_MOST} rules", "use allowlist-source-range", word.place
        )
    contents.rules.append((item.name.text, word.text))


def read_satisfy(item: ReadDirective, contents: SnippetContents) -> None:
    """``satisfy all`` or ``any``."""
    word = item.args[0]
    if word.text not in ("all", "any"):
        raise RefusedDirective(f'"{word.text}" is neither all nor any', "", word.place)
    contents.satisfy = word.text


def read_auth_basic(item: ReadDirective, contents: SnippetContents) -> None:
    """``auth_basic off``."""
    word = item.args[0]
    if word.text != "off" or word.quoted:
        why = "the passwords would be read from a file that a snippet names"
        raise RefusedDirective(why, "use auth-type, auth-secret and auth-realm", word.place)
    contents.auth_basic_off = True


def access_list(rules: Sequence[tuple[str, str]]) -> AccessList | None:
    """Return whom rules let in, of which the first that fits decides; ``None``: everybody."""
    kept: list[tuple[str, str]] = []
    for rule in rules:
        kept.append(rule)
        if rule[1] == "all":
            break
    closed = bool(kept) and kept[-1] == ("deny", "all")
    named = [(verb, _network(whom)) for verb, whom in kept if whom != "all"]
    seen: list[Network] = []
    denied: list[Network] = []
    allowed: list[Network] = []
    for verb, network in named:
        (allowed if verb == "allow" else denied).extend(_without(network, seen))
        seen.append(network)
    if not closed:
        found = AccessList(_written(denied), ())
    elif allowed:
        found = AccessList((), _written(allowed))
    else:
        found = AccessList(_written(_ALL), ())
    return found if found.deny or found.allow else None


def rules_of(listed: AccessList) -> tuple[tuple[str, str], ...]:
    """Return the rules that nginx gets for a list."""
    denied = (("deny", whom) for whom in listed.deny)
    allowed = (("allow", whom) for whom in listed.allow)
    return (*denied, *allowed, *((("deny", "all"),) if listed.allow else ()))


def _network(whom: str) -> Network:
    return ipaddress.ip_network(whom, strict=False)


def _without(network: Network, seen: Iterable[Network]) -> list[Network]:
    """Return what of a network no earlier rule has decided."""
    left = [network]
    for other in seen:
        rest: list[Network] = []
        for item in left:
            if item.version != other.version or not item.overlaps(other):
                rest.append(item)
            elif not item.subnet_of(other):  # type: ignore[arg-type]
                rest.extend(item.address_exclude(other))  # type: ignore[arg-type]
        left = rest
    return left


def _written(networks: Iterable[Network]) -> tuple[str, ...]:
    return addresses(tuple(dict.fromkeys(networks)))
