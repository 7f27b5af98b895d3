"""What the controller needs of an API server: one request, or one watch, in JSON.

`client` speaks to a real one. Nothing here tries again: who asks knows whether that makes sense.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Protocol

CONNECT = 10.0
"""Seconds that a connection to the API server may take."""
JSON = "application/json"
METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""``Accept`` of a list that is answered with the metadata of its objects alone."""
METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
"""The same of a watch."""


class ApiError(Exception):
    """The API server refused, or gave no answer that can be read; the text is for people."""

    def __init__(
        self, status: int, reason: str = "", retry_after: float | None = None, message: str = ""
    ) -> None:
        self.status = status
        """The HTTP status; 0: there was no answer."""
        self.reason = reason
        """``reason`` of the API's Status, such as ``Expired``; what failed, where there is none."""
        self.retry_after = retry_after
        """Seconds after which the server wants to be asked again, where it says so."""
        super().__init__(message or f"{status} {reason}".strip())


class Api(Protocol):
    """What the controller needs of an API server."""

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
        """Return the decoded answer. Raises `ApiError`."""

    def watch(
        self, path: str, params: Mapping[str, str], *, accept: str = JSON
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        """Give events as they come (``type`` and ``object``), until the server ends the watch.

        It holds a connection until it is closed. Raises `ApiError`, also for an event of type
        ``ERROR``.
        """


def error_of(
    status: Mapping[str, Any], code: int = 0, retry_after: float | None = None
) -> ApiError:
    """Return the error that a Status (meta/v1) reports; ``code`` where it has none."""
    details = status.get("details")
    seconds = details.get("retryAfterSeconds") if isinstance(details, dict) else None
    if retry_after is None and isinstance(seconds, int | float) and seconds > 0:
        retry_after = float(seconds)
    found = status.get("code")
    number = found if isinstance(found, int) else code
    reason = status.get("reason") or f"HTTP {number}"
    return ApiError(number, str(reason), retry_after, str(status.get("message") or ""))
