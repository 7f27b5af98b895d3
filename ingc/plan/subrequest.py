"""Subrequests to a service on a request's behalf: an internal location, and what it sends."""

from __future__ import annotations

from collections.abc import Collection

from ingc.ir import Settings, Upstream
from ingc.ir.features.external_auth import Destination
from ingc.plan.layout import Directive, directive
from ingc.plan.pieces import named
from ingc.plan.upstreams import address_of, resolves_by_variable
from ingc.syntax.digest import digest
from ingc.syntax.header import LONGEST_NAME
from ingc.syntax.naming import dashed_word
from ingc.syntax.text import Text, Variable

_FEW_HEADERS = 30


def room_for(headers: Collection[str]) -> tuple[Directive, ...]:
    """Return what makes room for headers of these names in nginx's hash of them."""
    longest = max(map(len, headers), default=0)
    if longest <= LONGEST_NAME and len(headers) <= _FEW_HEADERS:
        return ()
    entry = 16 + (longest + 2 + 7) // 8 * 8
    bucket = max(256, 1 << (entry - 1).bit_length())
    return (directive("proxy_headers_hash_bucket_size", bucket),)


def variable_for(stem: str, header: str) -> Variable:
    """Return a variable for a header, with a name that fits into nginx's hash of variables."""
    name = f"ingc_{stem}_{header.lower().replace('-', '_')}"
    if len(name) > LONGEST_NAME:
        name = f"ingc_{stem}_{digest(header.lower())}"[:LONGEST_NAME]
    return Variable(name)


def pass_to(service: Destination, upstream: Upstream, settings: Settings) -> tuple[Directive, ...]:
    """Return the directives that pass a request on to a service."""
    # A stand-in speaks plain http, whatever the service speaks.
    scheme = "http" if settings.echo else service.scheme
    tls: tuple[Directive, ...] = ()
    if scheme == "https":
        server_name = upstream.service.service
        tls = (directive("proxy_ssl_server_name", "on"), directive("proxy_ssl_name", server_name))
    if not resolves_by_variable(upstream, settings):
        target = Text((f"{scheme}://{upstream.name}", *service.uri.parts))
        return (*tls, directive("proxy_pass", _joined(target)))
    # A subrequest shares its variables with this request, so the name must be its own.
    words = (dashed_word(upstream.name),)
    address = Variable(named("address", upstream.name, words=words))
    target = Text((f"{scheme}://", address, *service.uri.parts))
    name = directive("set", address, address_of(upstream))
    return (name, *tls, directive("proxy_pass", target))


def _joined(text: Text) -> Text | str:
    constant = text.constant
    return text if constant is None else constant
