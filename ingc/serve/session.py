"""A compiled input in a private folder, with a real nginx on it."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Self

from ingc.compiler import print_config
from ingc.ir import Certificate, Config, Host, Https, OutputFile, SecretBytes, Settings
from ingc.nginx import Nginx, NginxFailed, Running
from ingc.nginx.workers import unprivileged
from ingc.plan.frame.http import serves_https
from ingc.prove import Proofs
from ingc.serve.balancer import Balancer
from ingc.serve.echo import Responder, has_room
from ingc.serve.files import write_files
from ingc.serve.modules import lacks_stream
from ingc.serve.private_folder import make_private
from ingc.serve.selfsigned import self_signed
from ingc.syntax.url import DEFAULT_PORTS

ECHO_SOCKET = "backend.sock"
_SELF_SIGNED = Certificate("self-signed.crt", "self-signed.key")


class NotServed(Exception):
    """A configuration was not taken over; the text states why. What ran before still runs."""


class Session:
    """Runs a real nginx in a private folder, and with ``echo`` the responder behind it.

    A context manager; leaving it stops nginx and the responder and removes the folder. Started by
    root, nginx's workers give up its rights, as they do everywhere.
    """

    def __init__(self, nginx: Nginx, *, echo: bool) -> None:
        """Make the folder. Raises `WorkersUnknown` where root has no account for the workers."""
        self._workers = unprivileged(nginx) if os.geteuid() == 0 else None
        self._private = make_private(_has_room if self._workers is None else _is_reachable)
        self.folder = self._private.path
        if self._workers:
            self.folder.chmod(0o711)  # they open the responder's socket and files of passwords
        self._nginx = nginx
        self._proofs = Proofs()
        self._running: Running | None = None
        self.serves_https = False
        """Whether anything listens for https."""
        self._responder = Responder(self.folder / ECHO_SOCKET) if echo else None
        self._compiled: Config | None = None
        self._balancers: dict[str, Balancer] = {}

    @property
    def echo_socket(self) -> str:
        """The path of the responder's socket."""
        return str(self.folder / ECHO_SOCKET)

    def __enter__(self) -> Self:
        """Start the responder; nginx starts with the first configuration."""
        if self._responder:
            self._responder.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Stop everything and remove the folder."""
        try:
            if self._running:
                self._running.stop()
            for balancer in self._balancers.values():
                balancer.stop()
            if self._responder:
                self._responder.stop()
        finally:
            self._private.remove()

    @property
    def alive(self) -> bool:
        """True while nginx runs."""
        return self._running is not None and self._running.alive

    @property
    def config(self) -> Config:
        """What was served last, as nginx has it. Raises `LookupError` before that."""
        if self._compiled is None:
            raise LookupError("nothing was served yet")
        return self._compiled

    def serve(self, config: Config) -> None:
        """Take over a configuration: start nginx on it, or reload. Raises `NotServed`."""
        if self._responder:
            self._responder.describe = {
                upstream.name: {
                    "service": upstream.service.name,
                    "port": str(upstream.service.port),
                }
                for upstream in config.upstreams
            }
            config = _with_self_signed(config)
        text, _, unproved = print_config(config, self._proofs)
        self._proofs.end_compile()
        if unproved is not None:
            raise NotServed(f"the configuration could not be proved: {unproved.why}")
        lacking = lacks_stream(self._nginx, config)
        if lacking:
            raise NotServed(lacking)
        conf = self.folder / "nginx.conf"
        before = conf.read_bytes() if conf.exists() else None
        write_files(self.folder, config.files, self._workers.gid if self._workers else None)
        conf.write_text(text, encoding="utf-8")
        failure = self._take_over(conf)
        if failure:
            if before is not None:
                conf.write_bytes(before)
            raise NotServed(failure)
        self._compiled = config
        self.serves_https = serves_https(config)
        self._balance(config.settings)

    def port(self, scheme: str) -> int | None:
        """Return the port of the loopback that adds a PROXY line to a scheme's connections.

        ``None``: nginx, which clients reach themselves, reads no such line.
        """
        balancer = self._balancers.get(scheme)
        return balancer.port if balancer is not None and balancer.adds_line else None

    def _balance(self, settings: Settings) -> None:
        """Stand in for the load balancer that nginx expects before it."""
        wanted = settings.policies.front.proxy_protocol
        ports = {"http": settings.http_port, "https": settings.https_port}
        if wanted and not self._balancers:
            address = _reached_at(settings)
            for scheme, port in ports.items():
                balancer = Balancer((address, port), DEFAULT_PORTS[scheme])
                balancer.start()
                self._balancers[scheme] = balancer
        for balancer in self._balancers.values():
            balancer.adds_line = wanted

    def _take_over(self, conf: Path) -> str | None:
        if self._running is not None:
            return self._running.reload()
        directives = self._workers.directive if self._workers else ""
        running = Running(self._nginx, self.folder, conf, directives=directives)
        try:
            running.start()
        except NginxFailed as error:
            return str(error)
        self._running = running
        return None


def _reached_at(settings: Settings) -> str:
    """Return an address at which this machine reaches nginx."""
    first = settings.listen_addresses[0].strip("[]")
    return {"": "127.0.0.1", "*": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}.get(  # noqa: S104
        first, first
    )


def _has_room(folder: Path) -> bool:
    return has_room(folder / ECHO_SOCKET)


def _is_reachable(folder: Path) -> bool:
    return _has_room(folder) and all(above.stat().st_mode & 0o001 for above in folder.parents)


def _with_self_signed(config: Config) -> Config:
    """Give each host that is meant for https, but has no certificate, a self-signed one."""
    bare = [host for host in config.hosts if host.https and host.https.certificate is None]
    if not bare:
        return config
    certificate, key = self_signed([host.name for host in bare])
    files = (
        OutputFile(_SELF_SIGNED.certificate, SecretBytes(certificate), private=False),
        OutputFile(_SELF_SIGNED.key, SecretBytes(key), private=True),
    )
    hosts = tuple(_signed(host) if host in bare else host for host in config.hosts)
    return dataclasses.replace(config, hosts=hosts, files=(*config.files, *files))


def _signed(host: Host) -> Host:
    redirect = host.https is not None and host.https.redirect
    return dataclasses.replace(host, https=Https(_SELF_SIGNED, redirect))
