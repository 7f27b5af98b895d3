"""Servers that speak gRPC and FastCGI."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from ingc.nginx import free_port

METHOD = "/ingc.test.Echo/"
_STARTS_WITHIN = 10.0  # seconds


@dataclass
class GrpcServer:
    """A running gRPC server: ``Say`` repeats a message, ``Count`` streams it three times, ``Fail``
    ends with a status of gRPC's own, ``Sleep`` waits for a second.
    """

    port: int = 0
    metadata: list[dict[str, str]] = field(default_factory=list)
    """What each call was told."""


def _handler(server: GrpcServer) -> grpc.GenericRpcHandler:
    def told(context: grpc.ServicerContext) -> None:
        pairs = context.invocation_metadata()
        server.metadata.append({str(key): str(value) for key, value in pairs})

    def say(request: bytes, context: grpc.ServicerContext) -> bytes:
        told(context)
        context.set_trailing_metadata((("x-trailer", "t"),))
        return request

    def count(request: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        told(context)
        for _ in range(3):
            yield request

    def fail(request: bytes, context: grpc.ServicerContext) -> bytes:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now")
        return request

    def sleep(request: bytes, context: grpc.ServicerContext) -> bytes:
        time.sleep(1)
        return request

    return grpc.method_handlers_generic_handler(
        METHOD.strip("/"),
        {
            "Say": grpc.unary_unary_rpc_method_handler(say),
            "Count": grpc.unary_stream_rpc_method_handler(count),
            "Fail": grpc.unary_unary_rpc_method_handler(fail),
            "Sleep": grpc.unary_unary_rpc_method_handler(sleep),
        },
    )


@contextlib.contextmanager
def grpc_server(
    pair: tuple[bytes, bytes] | None = None, clients: bytes | None = None
) -> Iterator[GrpcServer]:
    """Run a gRPC server, with TLS where it has a certificate and a key."""
    told = GrpcServer()
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((_handler(told),))
    if pair is None:
        told.port = server.add_insecure_port("127.0.0.1:0")
    else:
        certificate, key = pair
        credentials = grpc.ssl_server_credentials(
            [(key, certificate)], clients, require_client_auth=clients is not None
        )
        told.port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    try:
        yield told
    finally:
        server.stop(None).wait()


Call = Callable[..., bytes]


@contextlib.contextmanager
def grpc_client(port: int, authority: str, trust: bytes | None = None) -> Iterator[grpc.Channel]:
    """Open a channel to a port of the loopback; with ``trust`` (PEM) by TLS."""
    address = f"127.0.0.1:{port}"
    options = [("grpc.enable_http_proxy", 0)]
    if trust is None:
        options.append(("grpc.default_authority", authority))
        channel = grpc.insecure_channel(address, options)
    else:
        options.append(("grpc.ssl_target_name_override", authority))
        channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(trust), options)
    with channel:
        yield channel


@contextlib.contextmanager
def fastcgi_server() -> Iterator[int]:
    """Run a FastCGI server that tells its params, and give its port."""
    port = free_port()
    command = [
        *(sys.executable, "-c", "import pyuwsgi, sys; pyuwsgi.run(sys.argv[1:])"),
        *("--fastcgi-socket", f"127.0.0.1:{port}", "--die-on-term", "--need-app"),
        *("--wsgi-file", str(Path(__file__).with_name("fastcgi_app.py")), "--disable-logging"),
    ]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        _wait_for(port, running)
        yield port
    finally:
        running.kill()
        running.communicate()


def _wait_for(port: int, running: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < end and running.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise AssertionError("the FastCGI server does not start")
