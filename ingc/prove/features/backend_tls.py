"""Reads TLS to the backend."""

from __future__ import annotations

from ingc.ir import Certificate
from ingc.prove.effective import Effect

_DEFAULT_CIPHERS = "DEFAULT"


def read_backend_tls(effect: Effect) -> dict[str, object] | None:
    """Return how TLS is spoken; what is not verified has no depth, what is not named no name."""

    def one(name: str) -> str | None:
        found = effect.args(f"proxy_ssl_{name}")
        return found[0] if found else None

    certificate, key = one("certificate"), one("certificate_key")
    verified, named = one("verify") == "on", one("server_name") == "on"
    read: dict[str, object] = {
        "certificate": Certificate(certificate, key or "") if certificate else None,
        "trusted": one("trusted_certificate") if verified else None,
        "server_name": named,
        "ciphers": one("ciphers") or _DEFAULT_CIPHERS,
    }
    if verified:
        read["depth"] = int(one("verify_depth") or 1)
    if verified or named:
        read["name"] = one("name") or ""
    plain = {"certificate": None, "trusted": None, "server_name": False, "ciphers": "DEFAULT"}
    protocols = effect.args("proxy_ssl_protocols")
    if read == plain and protocols is None:
        return None
    if protocols is not None:
        read["protocols"] = protocols
    return read
