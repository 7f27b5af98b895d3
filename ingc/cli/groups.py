"""Under which heading the help lists an option that several commands share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

GROUPS: dict[str, tuple[str, ...]] = {
    "Input": (
        "--filename",
        "--namespace",
        "--partial",
        "--allow-empty",
        "--max-input",
        "--config",
    ),
    "Which Ingresses": (
        "--ingress-class",
        "--controller-class",
        "--watch-ingress-without-class",
        "--ingress-class-by-name",
        "--watch-namespace",
        "--watch-namespace-selector",
        "--disable-catch-all",
        "--annotations-prefix",
    ),
    "The nginx to compile for": (
        "--nginx-version",
        "--nginx",
        "--stream-module",
        "--with-module",
        "--modsecurity-rules",
        "--owasp-rules",
        "--geoip2-database",
        "--listen-address",
        "--http-port",
        "--https-port",
        "--access-log",
        "--health-check-path",
    ),
    "TLS and passwords": (
        "--default-ssl-certificate",
        "--tls-files",
        "--auth-files",
        "--enable-ssl-passthrough",
        "--ssl-passthrough-proxy-port",
        "--ssl-passthrough-backend-port",
    ),
    "Backends": (
        "--backends",
        "--node-selector",
        "--node-address",
        "--resolver",
        "--resolve-at-start",
        "--cluster-domain",
        "--assume-port",
        "--default-backend-service",
        "--disable-svc-external-name",
        "--enable-topology-aware-routing",
        "--topology-zone",
    ),
    "Settings for everybody": (
        "--configmap",
        "--tcp-services-configmap",
        "--udp-services-configmap",
    ),
    "Trust": (
        "--host-owner",
        "--trust-namespaces",
        "--accept-ignored",
        "--allow-snippets",
        "--allow-address",
        "--debug-header",
        "--strict",
        "--no-proof",
    ),
    "Output": ("--quiet", "--summary"),
}
"""The headings in the order of the help; a command's own options stand above them."""

FOREIGN = (
    "Flags of ingress-nginx's controller keep their names and forms here. Those without a meaning "
    "here, such as --sync-period and --enable-metrics, are passed over with a note. A switch "
    "takes nothing, =true or =false."
)

_HEADING_OF = {name: heading for heading, names in GROUPS.items() for name in names}


def grouped(params: Sequence[click.Parameter]) -> Iterator[tuple[str, list[click.Option]]]:
    """Give each heading with its options: a command's own first, in their order, then the shared.

    An option that a command declares itself is its own whatever its name.
    """
    options = [param for param in params if isinstance(param, click.Option) and not param.hidden]
    found: dict[str, list[click.Option]] = {"Options": []}
    found |= {heading: [] for heading in GROUPS}
    for option in options:
        found[_heading_of(option)].append(option)
    for heading, names in GROUPS.items():
        found[heading].sort(key=lambda option: _place(option, names))
    return ((heading, listed) for heading, listed in found.items() if listed)


def _heading_of(option: click.Option) -> str:
    shared = getattr(option, "shared", False)
    named = next((_HEADING_OF[name] for name in option.opts if name in _HEADING_OF), "")
    return named if shared and named else "Options"


def _place(option: click.Option, names: Sequence[str]) -> int:
    return next(names.index(name) for name in option.opts if name in names)
