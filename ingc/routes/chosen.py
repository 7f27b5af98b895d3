"""Some of the rows: those of a host, a namespace, a Service, a path."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.routes.rows import RouteRow, StreamRow

NO_HOST = "*"
"""What rules without a host are chosen by."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a row must be; what is empty chooses nothing."""

    host: str = ""
    """A host as a rule names it, a name that a wildcard serves, or `NO_HOST`."""
    ingress_namespace: str = ""
    service: str = ""
    """``namespace/name``."""
    path: str = ""
    """The path of a rule, or one above it."""

    def routes(self, rows: tuple[RouteRow, ...]) -> tuple[RouteRow, ...]:
        """Return the routes that are chosen."""
        host = self._host({row.host for row in rows})
        return tuple(row for row in rows if self._fits(row, host))

    def streams(self, rows: tuple[StreamRow, ...]) -> tuple[StreamRow, ...]:
        """Return the ports and hosts that are chosen; of neither a path or an Ingress is known."""
        if self.path or self.ingress_namespace:
            return ()
        host = self._host({row.host for row in rows})
        return tuple(
            row
            for row in rows
            if (not self.host or (row.protocol == "tls" and row.host == host))
            and (not self.service or row.service == self.service)
        )

    def _host(self, names: set[str | None]) -> str | None:
        """Return the host that serves the requested name."""
        requested = self.host.lower().removesuffix(".")
        if requested == NO_HOST:
            return None
        wildcard = "*." + requested.partition(".")[2]
        return wildcard if requested not in names and wildcard in names else requested

    def _fits(self, row: RouteRow, host: str | None) -> bool:
        if self.host and row.host != host:
            return False
        if self.ingress_namespace and not _is_in(row, self.ingress_namespace):
            return False
        if self.service and self.service not in (row.service, row.canary_service):
            return False
        return not self.path or _is_below(row, self.path)


def _is_in(row: RouteRow, namespace: str) -> bool:
    return f"/{row.ingress or ''}".rpartition("/")[0].rpartition("/")[2] == namespace


def _is_below(row: RouteRow, path: str) -> bool:
    if row.path_type is None:
        return False
    if row.path_type == "ImplementationSpecific":
        return row.path.startswith(path)  # it may be a regex, whose elements end in other ways
    return row.path == path or row.path.startswith(path.removesuffix("/") + "/")
