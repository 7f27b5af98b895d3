"""What holds for the whole configuration: options, and the ConfigMap's settings."""

from __future__ import annotations

import dataclasses

from ingc.diagnostics import Sink
from ingc.frontend.configmap import GlobalSettings
from ingc.ir import (
    Certificate,
    Policies,
    Settings,
)
from ingc.option_values import all_networks, listened, read_layout
from ingc.options import Options
from ingc.resolve.certificate import FOLDER
from ingc.resolve.files import Files
from ingc.resolve.modules import loadable_modules, without_server_header
from ingc.target import parse_version

_FEW_UPSTREAMS = 100
_OF_MANY = 32
"""Connections that are kept to each of more upstreams; fewer would cost requests a second."""


def make_settings(
    options: Options, given: GlobalSettings, default: Certificate | None, files: Files, sink: Sink
) -> Settings:
    """Return what holds for all hosts; ``default`` is the certificate of the options."""
    names = () if given.ipv6_names or not options.resolver else ("ipv6=off",)
    return Settings(
        target=parse_version(options.nginx_version),
        # nginx refuses an address that stands there twice, in whatever form.
        listen_addresses=tuple(dict.fromkeys(map(listened, options.listen_address)))
        or given.listen
        or ("",),
        http_port=options.http_port,
        https_port=options.https_port,
        redirect_port=options.redirect_port,
        resolver=(*options.resolver, *names),
        access_log=options.access_log if given.access_log else "off",
        health_check_path=options.health_check_path or None,
        fragment=options.fragment,
        default_certificate=None if given.reject_handshake else default,
        tunings=without_server_header(given.tunings, options),
        echo=options.echo,
        debug_header=all_networks(options.debug_header),
        policies=_with_files(given, files),
        modules=loadable_modules(options, sink),
        passes=read_layout(options.layout),
    )


def sized(policies: Policies, upstreams: int) -> Policies:
    """Return policies that keep fewer connections to each of many upstreams.

    nginx reserves 150 to 160 bytes for a connection that may be kept, in each upstream.
    """
    if not policies.keepalive.sized or upstreams <= _FEW_UPSTREAMS:
        return policies
    kept = dataclasses.replace(policies.keepalive, connections=_OF_MANY)
    return dataclasses.replace(policies, keepalive=kept)


def _with_files(given: GlobalSettings, files: Files) -> Policies:
    """Write what the ConfigMap has for files."""
    policies = given.policies
    for item in given.files:
        path: str | None = item.path
        if item.content is not None:
            place = (FOLDER, item.namespace, item.name, item.ending)
            path = files.add(*place, item.content, private=True)
        if item.directive == "ssl_dhparam":
            policies = dataclasses.replace(policies, dh_param=path)
        else:
            policies = dataclasses.replace(policies, ticket_key=path)
    return policies
