"""How a golden case is shown: its part of nginx.conf, and what becomes of a request."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import ingc
from ingc.ir import Route
from ingc.ir.features.rewrite import Rewrite
from ingc.match import Match
from ingc.options import Options

_BLOCK = re.compile(r"\n\n(?=    \S)")
"""Between the groups, maps, upstreams and servers inside ``http``; locations stand deeper."""
_SERVER = re.compile(r"    # (?P<title>.*)\n    server \{").match
_STOCK_HOST = "stock.invalid"
_STOCK: dict[str, Any] = {
    "apiVersion": "networking.k8s.io/v1",
    "kind": "Ingress",
    "metadata": {"name": "stock", "namespace": "stock"},
    "spec": {"rules": [{"host": _STOCK_HOST}], "tls": [{"secretName": "stock"}]},
}


def outcome(match: Match) -> str:
    """Say what becomes of a request, and why."""
    if match.redirect:
        return f"{match.status} to {match.redirect}"
    winner = next((item for item in match.candidates if item.wins), None)
    if match.unopened:
        return f"{match.unopened}: {match.why}"
    why = match.why or (winner.reason if winner else "no rule takes it")
    if match.upstream and match.route:
        guards = match.route.may_answer
        unless = f", unless {' or '.join(map(str, guards))}" if guards else ""
        sent = match.upstream_uri
        as_sent = f" as {sent.decode('latin-1')}" if _rewrites(match.route) and sent else ""
        odds = "".join(f" (or {name}, {100 * odds:g}%)" for name, odds in match.alternatives)
        return f"{match.upstream}{odds}{as_sent} by {match.route.origin}: {why}{unless}"
    if match.route:
        return f"{match.status} by {match.route.origin}: {why}"
    return f"{match.status or 'refused'}: {why}"


def _rewrites(route: Route) -> bool:
    return any(isinstance(item, Rewrite) for item in route.features)


def unframed(config: str, options: Options, *, servers: bool) -> str:
    """Return what is particular to a configuration, moved to the left.

    Left out is what the same options give for any other input: the frame, and the servers for
    unknown names, unless ``servers``. The first line names what is left out.
    """
    stock = frozenset(_blocks(_stock(options)))
    config, begins, stream = config.partition("\nstream {\n")
    hidden, shown = ["the frame"], []
    for block in _blocks(config):
        server = _SERVER(block)
        if block not in stock or (servers and server):
            shown.append(_shortened(re.sub(r"^    ", "", block, flags=re.MULTILINE)))
        elif server:
            hidden.append(server["title"])
    if begins:
        shown.append((begins + stream).strip())
    return "\n\n".join([f"# not shown, see golden/frame: {'; '.join(hidden)}", *shown]) + "\n"


def _shortened(block: str) -> str:
    """Return a block; of the media types, which are always the same, the first alone."""
    if not block.startswith("types {"):
        return block
    first, *others = block.splitlines()[1:-1]
    return f"types {{\n{first}\n    # and {len(others)} more\n}}"


def _blocks(config: str) -> list[str]:
    return _BLOCK.split(config.rstrip().removesuffix("}").rstrip())


def _stock(options: Options) -> str:
    """Return the configuration that these options give for a host that no case has."""
    options = dataclasses.replace(
        options,
        tls_files="{namespace}/{secret}",
        default_ssl_certificate=None,
        configmap=None,
        tcp_services_configmap=None,
        udp_services_configmap=None,
    )
    config = ingc.compile([_STOCK], options).config
    assert config is not None
    return config
