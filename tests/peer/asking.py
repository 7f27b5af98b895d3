"""Sends a recorded request to the nginx of the replay, and reads what is compared."""

from __future__ import annotations

import email.utils
import gzip
import http.client
import json
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from tests.peer.network import CLIENT, NGINX
from tests.peer.recorded import Facts, Question

_TIMEOUT = 20.0  # seconds
_IGNORED = frozenset(
    {
        *("accept-ranges", "connection", "content-length", "content-type", "date", "etag"),
        *("keep-alive", "last-modified", "server", "transfer-encoding", "x-backend"),
    }
)
_RANDOM = re.compile(r"=(?:[0-9.]+\|[0-9a-f]{32}|[0-9a-f]{32})(?=;|$)")
"""The value of an affinity cookie."""
_ID = re.compile(r"[0-9a-f]{32}")
_STEP = 10  # seconds, to which a cookie's end is rounded
_UNCHECKED = ssl.create_default_context()
_UNCHECKED.check_hostname = False
_UNCHECKED.verify_mode = ssl.CERT_NONE


def ask(question: Question, services: Mapping[str, str]) -> Facts:
    """Return what came of a request; ``services`` has the Service of each endpoint."""
    port = 443 if question.scheme == "https" else 80
    source = (question.source or CLIENT, 0)
    connected = False
    try:
        with socket.create_connection((NGINX, port), _TIMEOUT, source) as plain:
            connected = True
            if question.scheme == "http":
                return _exchange(plain, question, services)
            name = question.server_name or None
            with _UNCHECKED.wrap_socket(plain, server_hostname=name) as sealed:
                return _exchange(sealed, question, services)
    except ssl.SSLError as error:
        return {"status": f"tls: {error.reason or error}"}
    except http.client.RemoteDisconnected:
        return {"status": "closed"}
    except http.client.BadStatusLine:
        return {"status": "no http"}
    except OSError as error:
        return {"status": f"{'io' if connected else 'connect'}: {type(error).__name__}"}


def _exchange(open_socket: socket.socket, asked: Question, services: Mapping[str, str]) -> Facts:
    with suppress(OSError):  # what nginx refuses early it may still have answered
        open_socket.sendall(_written(asked))
    response = http.client.HTTPResponse(open_socket, method=asked.method)
    response.begin()
    try:
        body = response.read()
    except http.client.IncompleteRead as error:
        body = error.partial
    if response.getheader("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    return dict(_facts(response, _story(body), services))


def _written(question: Question) -> bytes:
    """Return the bytes of a request."""
    lines = [f"{question.method} {question.path} HTTP/{question.version}"]
    if question.host or (question.host is not None and question.version == "1.1"):
        lines.append(f"Host: {question.host}")
    lines += question.headers
    body = question.body.encode()
    if body:
        lines.append(f"Content-Length: {len(body)}")
    if not any(line.lower().startswith("connection:") for line in question.headers):
        lines.append("Connection: close")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _story(body: bytes) -> dict[str, Any]:
    """Return what the backend tells of the request; empty where none was asked."""
    try:
        story = json.loads(body)
    except ValueError:
        return {}
    return story if isinstance(story, dict) and "address" in story else {}


def _facts(
    response: http.client.HTTPResponse, story: Mapping[str, Any], services: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    yield "status", response.status
    endpoint = story.get("address") or response.getheader("X-Backend")
    if endpoint:
        yield "service", services.get(endpoint, endpoint)
    answered: dict[str, list[str]] = {}
    for name, value in sorted((name.lower(), value) for name, value in response.getheaders()):
        if name not in _IGNORED:
            settled = _cookie(value.strip()) if name == "set-cookie" else value.strip()
            answered.setdefault(f"answer {name}", []).append(settled)
    yield from answered.items()
    if not story:
        return
    yield from ((name, story[name]) for name in ("path", "method", "version", "tls"))
    yield "body", f"{story['body'][:80]}{len(story['body'])}"
    sent: dict[str, list[str]] = {}
    for name, value in ((name.lower(), value) for name, value in story["headers"]):
        random = name == "x-request-id" and _ID.fullmatch(value)
        sent.setdefault(f"request {name}", []).append("<id>" if random else value)
    yield from sent.items()


def _cookie(text: str) -> str:
    """Return a Set-Cookie without what is random, its attributes sorted."""
    first, *attributes = (part.strip() for part in _RANDOM.sub("=*", text, count=1).split(";"))
    return "; ".join([first, *sorted(map(_attribute, attributes))])


def _attribute(text: str) -> str:
    name, equals, value = text.partition("=")
    if name.lower() == "expires":
        return f"expires=+{round((_moment(value) - time.time()) / _STEP) * _STEP}"
    return name.lower() + equals + value


def _moment(text: str) -> float:
    try:
        return email.utils.parsedate_to_datetime(text).timestamp()
    except ValueError:
        return datetime.strptime(text, "%a, %d-%b-%y %H:%M:%S GMT").replace(tzinfo=UTC).timestamp()
