"""An API server over HTTP, with the credentials of the Pod or of a kubeconfig.

The only module that imports a client library (docs/decisions/controller.md).
"""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import httpx2
from lightkube.config.client_adapter import user_auth, verify_cluster
from lightkube.config.kubeconfig import KubeConfig, SingleConfig
from lightkube.config.models import User
from lightkube.core.exceptions import ConfigError

from ingc.controller.api import CONNECT, JSON, ApiError, error_of

_ANSWER = 60.0
"""Seconds without a byte of an answer; the API server itself gives up after as many."""
_SILENCE = 60.0
"""Seconds that a watch may be silent beyond the time for which it was requested."""
_KEEPALIVE = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    *(
        (socket.IPPROTO_TCP, number, value)
        for name, value in (("TCP_KEEPIDLE", 20), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4))
        if (number := getattr(socket, name, None)) is not None
    ),
)
"""A server that is gone without a word is noticed after 40 seconds, not when the watch is over."""


class BadKubeconfig(Exception):
    """No way to the API server is given, or it can't be read; the text says which and why."""


class KubeApi:
    """An API server over HTTP/1.1, each watch on a connection of its own."""

    def __init__(self, config: SingleConfig) -> None:
        """Open nothing yet. Raises `BadKubeconfig` where certificates or keys can't be read."""
        with _config_errors():
            verify = verify_cluster(config.cluster, config.user or User(), config.abs_file)
            auth = user_auth(config.user)
        # As many connections as there are watches: one per kind and namespace.
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=16)
        transport = httpx2.AsyncHTTPTransport(
            verify=verify, limits=limits, socket_options=_KEEPALIVE
        )
        self._client = httpx2.AsyncClient(
            base_url=config.cluster.server,
            verify=verify,
            auth=auth,
            transport=transport,
            timeout=httpx2.Timeout(_ANSWER, connect=CONNECT),
            headers={"User-Agent": "ingc-controller"},
        )

    @classmethod
    def from_config(cls, kubeconfig: Path | None = None, context: str | None = None) -> Self:
        """Find the way to the API server. Raises `BadKubeconfig`.

        ``kubeconfig`` and ``context`` name it; without both it is that of the Pod's
        ServiceAccount, else the file of ``KUBECONFIG``, else ``~/.kube/config``.
        """
        with _config_errors():
            if kubeconfig is not None:
                found = KubeConfig.from_file(kubeconfig)
            else:
                found = KubeConfig.from_env()
            config = found.get(context)
        if config is None:
            raise BadKubeconfig("the kubeconfig names no current context")
        return cls(config)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Any:
        """See `Api.request`."""
        headers = {"Accept": accept}
        if body is not None:
            headers["Content-Type"] = content_type
        content = None if body is None else json.dumps(body).encode()
        with _failures():
            answer = await self._client.request(
                method, path, params=params, content=content, headers=headers
            )
            if answer.status_code >= 400:
                raise _refusal(answer.status_code, answer.content, answer.headers)
            return json.loads(answer.content) if answer.content else None

    async def watch(
        self, path: str, params: Mapping[str, str], *, accept: str = JSON
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """See `Api.watch`."""
        silence = float(params.get("timeoutSeconds", 600)) + _SILENCE
        timeout = httpx2.Timeout(_ANSWER, connect=CONNECT, read=silence)
        given = {**params, "watch": "true"}
        split = lines()
        with _failures():
            async with self._client.stream(
                "GET", path, params=given, headers={"Accept": accept}, timeout=timeout
            ) as answer:
                if answer.status_code >= 400:
                    content = await answer.aread()
                    raise _refusal(answer.status_code, content, answer.headers)
                async for chunk in answer.aiter_bytes():
                    for line in split(chunk):
                        yield _event(line)


def lines() -> Callable[[bytes], Iterator[bytes]]:
    """Return a function that takes bytes as they come and gives the lines that are whole.

    A line ends at LF alone: what else ends one for Python (U+0085) may stand in a JSON text.
    """
    parts: list[bytes] = []

    def take(chunk: bytes) -> Iterator[bytes]:
        *whole, rest = chunk.split(b"\n")
        for line in whole:
            parts.append(line)
            text = b"".join(parts)
            parts.clear()
            if text:
                yield text
        if rest:
            parts.append(rest)

    return take


def _event(line: bytes) -> Mapping[str, Any]:
    event = json.loads(line)
    if not isinstance(event, dict) or not isinstance(event.get("object"), dict):
        raise ApiError(0, "BadAnswer", message="the watch gave no event")
    if event.get("type") == "ERROR":
        raise error_of(event["object"])
    return event


def _refusal(code: int, content: bytes, headers: Mapping[str, str]) -> ApiError:
    wait = headers.get("Retry-After", "")
    # An API server writes seconds; a proxy before it might write a date, and 1 s will do then.
    after = float(wait) if wait.isascii() and wait.isdigit() else (1.0 if wait else None)
    try:
        status = json.loads(content)
    except ValueError:
        status = None
    if isinstance(status, dict) and status.get("kind") == "Status":
        return error_of({**status, "code": code}, code, after)
    words = content[:200].decode("utf-8", "replace").strip()
    return ApiError(code, f"HTTP {code}", after, words)


@contextmanager
def _failures() -> Iterator[None]:
    """Turn what can go wrong on the way into `ApiError`."""
    try:
        yield
    except ConfigError as error:
        raise ApiError(0, "NoCredentials", message=str(error)) from error
    except (httpx2.HTTPError, httpx2.StreamError, httpx2.InvalidURL, OSError) as error:
        name = type(error).__name__
        raise ApiError(0, name, message=f"{name}: {error}".removesuffix(": ")) from error
    except ValueError as error:
        raise ApiError(0, "BadAnswer", message=f"the answer is no JSON: {error}") from error


@contextmanager
def _config_errors() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # a file of anybody: YAML, types, certificates, what is not there
        raise BadKubeconfig(f"no way to the API server: {error}") from error
