"""A backend that speaks TLS, and notes what its clients show in the handshake."""

from __future__ import annotations

import socket
import ssl
import tempfile
from pathlib import Path

from tests.nginx.backend import Backend


class TlsBackend(Backend):
    """A `Backend` behind TLS."""

    def __init__(
        self, name: str, pair: tuple[bytes, bytes], *, clients: bytes | None = None
    ) -> None:
        """``pair`` is its certificate and key; with ``clients`` one of these certificates (PEM)
        must be shown by whoever connects.
        """
        super().__init__(name)
        self.names: list[str | None] = []
        """The SNI of each handshake."""
        self.versions: list[str | None] = []
        """The version of TLS of each connection."""
        self.shown: list[bytes | None] = []
        """The client certificate of each connection, DER."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with tempfile.TemporaryDirectory(prefix="ingc-") as folder:
            paths = Path(folder) / "crt", Path(folder) / "key"
            for path, content in zip(paths, pair, strict=True):
                path.write_bytes(content)
            self.context.load_cert_chain(*paths)
        self.context.sni_callback = lambda _socket, sni, _context: self.names.append(sni)
        if clients is not None:
            self.context.load_verify_locations(cadata=clients.decode("ascii"))
            self.context.verify_mode = ssl.CERT_REQUIRED

    def _serve(self, connection: socket.socket) -> None:
        try:
            wrapped = self.context.wrap_socket(connection, server_side=True)
        except OSError:
            return  # a client that goes away, or has no certificate
        self._open.append(wrapped)
        self.versions.append(wrapped.version())
        self.shown.append(wrapped.getpeercert(binary_form=True))
        super()._serve(wrapped)
