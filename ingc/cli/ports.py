"""Whether nginx can listen where a command wants it to, checked before anything is started."""

from __future__ import annotations

import errno
import socket
from collections.abc import Iterable, Mapping

from ingc.cli.exits import CommandFailure


def refuse_taken(addresses: Iterable[str], ports: Mapping[str, int]) -> None:
    """Raise `CommandFailure` for the first port that can't be had, with the option that names it.

    ``addresses`` are as `Options.listen_address` has them, ``ports`` by the name of their option.
    """
    for address in addresses:
        for option, port in ports.items():
            why = _why_not(address.strip("[]"), port)
            if why:
                raise CommandFailure(f"port {port} of {address} {why}; pass {option} NUMBER")


def _why_not(address: str, port: int) -> str:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        # As nginx does: what is left of an ended connection does not count.
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address, port))
            trial.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return "is taken"
            if error.errno == errno.EACCES:
                return "is only for root"
    # What else is wrong nginx itself reports best.
    return ""
