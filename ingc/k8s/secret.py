"""v1 Secret."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import Diagnostic, ObjectRef, Origin, Related, Sink
from ingc.diagnostics.catalogue.tls import SecretNotBase64
from ingc.ir import SecretBytes
from ingc.k8s.fields import Fields

VERSION = "v1"
SEALED = "SealedSecret"
"""Of bitnami.com: its controller makes the Secret of the same name."""


@dataclass(frozen=True, slots=True)
class NoSecret:
    """Why there is no Secret of a name, and what brings it."""

    why: str
    """``is not in the input``"""
    add: str
    """``add it``"""


ABSENT = NoSecret("is not in the input", "add it")
SOPS = NoSecret("is encrypted by sops", "decrypt it with sops -d")
SEALED_IN = NoSecret("is sealed", "add the Secret that its controller makes of it")


@dataclass(frozen=True, slots=True)
class Secret:
    """A Secret's decoded data."""

    namespace: str
    name: str
    data: Mapping[str, SecretBytes]
    plain: frozenset[str]
    """The keys that came as plain text, under ``stringData``."""
    origin: Origin
    faults: tuple[Diagnostic, ...] = ()
    """What is wrong with the data; it matters only where something names the Secret."""
    sops: bool = False
    """The data are ciphers of sops, and so of no use."""

    @property
    def broken(self) -> bool:
        """True where the data are of no use."""
        return bool(self.faults)

    def judge(self, sink: Sink, at: Origin) -> None:
        """Report what is wrong with the data, as the Secret is named at a place."""
        named = (Related(at, "named here"),) if at.object else ()
        for fault in self.faults:
            sink.report(fault.entry, fault.origin, named)

    def place_of(self, key: str) -> Origin:
        """Return where a value stands; for a key that is not there, where all of them do."""
        if key in self.plain:
            return self.origin.at("stringData", key)
        return self.origin.at("data", key) if key in self.data else self.origin.at("data")


def read_secret(fields: Fields, ref: ObjectRef, _version: str) -> Secret:
    """Read a Secret: ``data`` decoded, ``stringData`` over it, as the API server does."""
    if isinstance(fields.value.get("sops"), Mapping):
        return Secret(ref.namespace, ref.name, {}, frozenset(), fields.origin, sops=True)
    data: dict[str, SecretBytes] = {}
    for key, text in fields.strings("data").items():
        try:
            data[key] = SecretBytes(base64.b64decode("".join(text.split()), validate=True))
        except (binascii.Error, ValueError):
            fields.report(SecretNotBase64(key=key), "data", key)
    plain = fields.strings("stringData")
    for key, text in plain.items():
        data[key] = SecretBytes(text.encode("utf-8", "replace"))
    return Secret(ref.namespace, ref.name, data, frozenset(plain), fields.origin)
