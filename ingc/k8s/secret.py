"""v1 Secret."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from ingc.diagnostics import ObjectRef, Origin
from ingc.diagnostics.catalogue.tls import SecretNotBase64
from ingc.ir import SecretBytes
from ingc.k8s.fields import Fields

VERSION = "v1"


@dataclass(frozen=True, slots=True)
class Secret:
    """A Secret's decoded data."""

    namespace: str
    name: str
    data: Mapping[str, SecretBytes]
    plain: frozenset[str]
    """The keys that came as plain text, under ``stringData``."""
    origin: Origin
    broken: bool = False

    def place_of(self, key: str) -> Origin:
        """Return where a value stands; for a key that is not there, where all of them do."""
        if key in self.plain:
            return self.origin.at("stringData", key)
        return self.origin.at("data", key) if key in self.data else self.origin.at("data")


def read_secret(fields: Fields, ref: ObjectRef, _version: str) -> Secret:
    """Read a Secret: ``data`` decoded, ``stringData`` over it, as the API server does."""
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
