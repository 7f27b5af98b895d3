"""Reads Secrets by our rules and loads what they take, with another `cryptography` and its OpenSSL.

Run by the Python of an environment that has pyOpenSSL and some version of `cryptography`, as a
script, so that nothing of ours is imported before its first argument, the folders of our own
packages, is on the path. On standard input: JSON, a list of the data of Secrets (base64). On
standard output: JSON, for each Secret what was taken and what OpenSSL refuses of it.
"""

from __future__ import annotations

import base64
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

_BEGIN = b"-----BEGIN "


def judge(data: dict[str, bytes], folder: Path) -> dict[str, str]:
    """Return key → why our rules refuse it, and ``"OpenSSL"`` → why it does not load."""
    from ingc.resolve.pem import (
        read_certificates,
        read_private_key,
        read_revocation_lists,
        write_certificates,
    )
    from ingc.resolve.strength import read_served_chain
    from ingc.resolve.x509_rules import BadMaterial

    readers: dict[str, Any] = {
        "tls.crt": lambda text: write_certificates(read_served_chain(text)),
        "tls.key": lambda text: read_private_key(text).pem,
        "ca.crt": lambda text: write_certificates(read_certificates(text)),
        "ca.crl": read_revocation_lists,
    }
    found = {}
    for key, text in data.items():
        try:
            (folder / key).write_bytes(readers[key](text))
            found[key] = ""
        except BadMaterial as error:
            (folder / key).unlink(missing_ok=True)
            found[key] = str(error)
    if not (found["tls.crt"] or found["tls.key"]):
        chain, own = read_served_chain(data["tls.crt"]), read_private_key(data["tls.key"])
        if chain[0].key != own.public:
            found["tls.key"] = "another key"
            (folder / "tls.key").unlink()
    found["OpenSSL"] = _load(folder)
    return found


def _load(folder: Path) -> str:
    """Load what there is, as nginx does; return why that fails, or an empty text."""
    from OpenSSL import SSL, crypto

    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_cipher_list(b"ALL:@SECLEVEL=2")

    def show(path: str) -> None:
        first, *more = Path(path).read_bytes().split(_BEGIN)[1:]
        context.use_certificate(crypto.load_certificate(crypto.FILETYPE_PEM, _BEGIN + first))
        for item in more:
            made = crypto.load_certificate(crypto.FILETYPE_PEM, _BEGIN + item)
            context.add_extra_chain_cert(made)

    steps = [
        ("tls.crt", show),
        ("tls.key", context.use_privatekey_file),
        ("ca.crt", context.load_verify_locations),
        ("ca.crt", context.load_client_ca),
        ("ca.crl", context.load_verify_locations),
    ]
    for key, load in steps:
        path = folder / key
        if not path.exists() or (key == "tls.key" and not (folder / "tls.crt").exists()):
            continue
        try:
            load(str(path))
            if key == "tls.key":
                context.check_privatekey()
        except (SSL.Error, crypto.Error) as error:
            return f"{key}: {error}"
    return ""


def main() -> None:
    """Judge what comes in."""
    sys.path.extend(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="ingc-") as name:
        answers = []
        for secret in json.load(sys.stdin):
            data = {key: base64.b64decode(text) for key, text in secret.items()}
            answers.append(judge(data, Path(name)))
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
