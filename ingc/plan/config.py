"""The IR → the whole layout."""

from __future__ import annotations

import dataclasses

from ingc.ir import Config
from ingc.plan import frame
from ingc.plan.layout import Directive, Layout, Server
from ingc.plan.locations import Contents
from ingc.plan.servers import plan_servers
from ingc.plan.upstreams import plan_upstream


def plan(config: Config) -> Layout:
    """Lay out a configuration for the nginx that the settings name."""
    settings = config.settings
    contents = Contents(settings, {upstream.name: upstream for upstream in config.upstreams})
    servers = plan_servers(config, contents)
    shared = frame.defaults(config)
    http = frame.http_groups(config)
    if settings.fragment:
        inherited = tuple(item for group in shared for item in group.directives)
        servers = tuple(_with_defaults(server, inherited) for server in servers)
    else:
        http = (*http, *shared)
    blocks = (plan_upstream(upstream, settings) for upstream in config.upstreams)
    return Layout(
        fragment=settings.fragment,
        main=() if settings.fragment else frame.main_directives(),
        events=() if settings.fragment else (frame.directive("worker_connections", 16384),),
        http=http,
        maps=frame.maps(config),
        upstreams=tuple(block for block in blocks if block is not None),
        servers=servers,
    )


def _with_defaults(server: Server, inherited: tuple[Directive, ...]) -> Server:
    """In somebody else's ``http`` the defaults go into each server, where they can't clash."""
    return dataclasses.replace(server, directives=(*server.directives, *inherited))
