"""What TLS decides: whether nginx agrees upon it, and what it makes of a client's certificate."""

from __future__ import annotations

from ingc.model.scopes import setting
from ingc.model.servers import Socket
from ingc.model.tree import Statement
from ingc.syntax.request import Request

MISDIRECTED = 421
BAD_CERTIFICATE, NO_CERTIFICATE = 495, 496
"""nginx's own statuses, which are sent as 400."""


def refuses(socket: Socket, in_tls: bytes) -> bool:
    """Return whether nginx refuses the handshake for a name, as it reads it."""
    server, _ = socket.find(in_tls)
    reject = server.first("ssl_reject_handshake")
    return reject is not None and reject.args == ("on",)


def is_misdirected(in_tls: bytes, name: bytes, socket: Socket, http: Statement) -> bool:
    """Return whether a server wants certificates, and TLS was agreed upon for another name.

    nginx remembers the name that TLS requests where a server has it, and compares the names.
    """
    if not socket.ssl or in_tls == name or _mode(http, socket.find(name)[0]) == "off":
        return False
    return bool(in_tls) and socket.named(in_tls) is not None


def certificate_refused(
    request: Request, in_tls: bytes, name: bytes, socket: Socket, http: Statement
) -> tuple[int | None, Request]:
    """Return the status for a client that does not show the certificate that a server wants.

    And the request as that server knows its client. ``None``: it may go on.
    """
    mode = _mode(http, socket.find(name)[0])
    if mode == "off":
        return None, request
    if is_misdirected(in_tls, name, socket, http):
        return MISDIRECTED, request
    if in_tls != name and _mode(http, socket.first) == "off":
        request = request._replace(verified=False, rejected="")  # TLS requested none
    if request.verified is not False:
        return None, request
    if request.rejected == "invalid" or (request.rejected and mode != "optional_no_ca"):
        return BAD_CERTIFICATE, request
    return NO_CERTIFICATE if mode == "on" else None, request


def _mode(http: Statement, server: Statement) -> str:
    return (setting((http, server), "ssl_verify_client") or ("off",))[0]
