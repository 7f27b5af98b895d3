"""What is settled of the routes of one host."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.diagnostics import Related, Sink
from ingc.diagnostics.catalogue.hosts_paths import RouteNeverReached
from ingc.frontend.intent import IntentRoute
from ingc.ir import RouteMatch


@dataclass(frozen=True, slots=True)
class DeadIntent:
    """A route that gets no requests."""

    route: IntentRoute
    why: str
    by: IntentRoute | None


@dataclass(frozen=True, slots=True)
class Settled:
    """The routes of a host."""

    live: tuple[IntentRoute, ...]
    """By precedence."""
    matches: tuple[RouteMatch, ...]
    """What each of them takes."""
    dead: tuple[DeadIntent, ...]
    regex: bool = False
    """True where some path is a regex, so that the routes are tried one after the other."""
    closed: bool = False
    """True where a regex is broken: its requests must not fall to other routes."""
    causes: tuple[IntentRoute, ...] = ()
    """The routes that make regexes of the paths of their namespace."""


def report_dead(dead: DeadIntent, fix: str, sink: Sink) -> None:
    """Report a route that gets no requests, and which one takes them."""
    also = [Related(dead.by.origin, "takes its requests")] if dead.by else []
    entry = RouteNeverReached(path=dead.route.path, why=dead.why, fix=fix)
    sink.report(entry, dead.route.origin.at("path"), also)
