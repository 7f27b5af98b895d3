"""The grammar of cipher lists."""

from __future__ import annotations

import re

from ingc.frontend.declarations.grammar import BadValue, Grammar

_LEVELS = re.compile(r"@SECLEVEL=([0-9]+)").findall
_HIGHEST_LEVEL = 2
"""OpenSSL's default; at a higher one it refuses certificates that are in use, and nginx would start
for nobody."""


def _ciphers(tokens: tuple[str, ...]) -> str:
    import ssl

    ciphers = tokens[0]
    level = max(map(int, _LEVELS(ciphers)), default=0)
    if level > _HIGHEST_LEVEL:
        raise BadValue(f"@SECLEVEL={level} refuses certificates that are in use; 2 is the highest")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).set_ciphers(ciphers)
    except (ssl.SSLError, ValueError) as error:
        # nginx would not start. (ValueError: no text that C could hold.)
        raise BadValue("OpenSSL knows none of these ciphers") from error
    return ciphers


CIPHERS = Grammar(
    name="ciphers",
    rule="ciphers",
    words="a cipher list as OpenSSL takes it",
    examples=("HIGH:!aNULL", "ECDHE+AESGCM:@SECLEVEL=1"),
    wrong=("", "HIGH;", "HIGH aNULL", '"HIGH"', "$x", "NO-SUCH-CIPHER", "HIGH:@SECLEVEL=3"),
    make=_ciphers,
    write=str,
)
