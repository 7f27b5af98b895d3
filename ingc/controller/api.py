"""What the controller asks of a Kubernetes API server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol


class ApiError(Exception):
    """The API server refused a request, or could not be reached."""

    def __init__(self, status: int, reason: str = "", retry_after: float | None = None) -> None:
        """Keep the HTTP status (0: no answer), ``Status.reason``, and Retry-After in seconds."""
        super().__init__(f"{status} {reason}".strip())
        self.status = status
        self.reason = reason
        self.retry_after = retry_after


class Api(Protocol):
    """A Kubernetes API server."""

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """Return the decoded JSON answer. Raises `ApiError`, also where none comes (status 0)."""

    def watch(self, path: str, params: Mapping[str, str]) -> AsyncIterator[Mapping[str, Any]]:
        """Yield one event (``type``, ``object``) each, until the server ends. Raises `ApiError`."""
