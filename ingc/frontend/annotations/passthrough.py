"""TLS that nginx does not open."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.annotations.declare import Annotation, Family, Scope, Values
from ingc.frontend.declarations.grammars import BOOL
from ingc.frontend.wishes import Ask, HostSetting, PassthroughWish

SSL_PASSTHROUGH = Annotation(
    "ssl-passthrough",
    "Pass the host's TLS unopened to the Service of its path /, with --enable-ssl-passthrough.",
    BOOL,
    scope=Scope.HOST,
    default="false",
    rejects=True,
    see="ssl_preread",
)


def build(values: Values) -> Iterator[Ask]:
    """Request the TLS of the hosts."""
    if values.own(SSL_PASSTHROUGH):
        place = values.place(SSL_PASSTHROUGH)
        yield HostSetting(SSL_PASSTHROUGH.name, PassthroughWish(), place)


FAMILY = Family("TLS passthrough", (SSL_PASSTHROUGH,), build)
