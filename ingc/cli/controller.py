"""``ingc controller``."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingc.cli.exits import ERRORS, CommandFailure
from ingc.cli.flags import Command, Switch, port
from ingc.cli.session import find_nginx, version_to_run
from ingc.cli.settings import compile_options, make_options
from ingc.kinds import OTHERS

if TYPE_CHECKING:
    from ingc.controller.options import ControllerOptions

_OF_FILES = ("--filename", "--namespace", "--allow-empty", "--max-input", "--quiet", "--summary")
"""Options of commands that read files."""
_NEEDED = {"httpx2", "lightkube", "prometheus_client"}


def _reading_others(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for each kind with rules that it may read beside Ingress."""
    for kind in reversed(OTHERS):
        text = f"Read {kind.plural}, where there are such."
        command = click.option(f"--read-{kind.resource}", cls=Switch, help=text)(command)
    return command


@click.command("controller", cls=Command)
@click.option(
    "--folder",
    metavar="DIR",
    required=True,
    help="Where nginx.conf and certificates are kept, from one start to the next; nobody else's.",
)
@click.option("--kubeconfig", metavar="FILE", help="The way to the cluster.  [that of the Pod]")
@click.option("--context", metavar="NAME", help="The context of the kubeconfig.  [its current one]")
@click.option(
    "--read-namespace",
    multiple=True,
    metavar="NAME",
    help="Read this namespace alone; repeatable.  [all]",
)
@_reading_others
@click.option(
    "--read-pods",
    cls=Switch,
    help="Read Pods and Nodes for Services whose annotation ingc/backends needs them.",
)
@click.option(
    "--publish-service", metavar="NS/NAME", help="Publish this Service's addresses in Ingresses."
)
@click.option(
    "--publish-status-address",
    metavar="ADDRESS[,...]",
    help="Publish these addresses in Ingresses.",
)
@click.option(
    "--report-node-internal-ip-address",
    cls=Switch,
    help="Publish the Nodes' InternalIP where their addresses are published.",
)
@click.option(
    "--election-id", metavar="NAME", default="ingc", help="Lease of the replicas.  [ingc]"
)
@click.option("--no-reports", cls=Switch, help="Write no status, no Events and no Lease.")
@click.option(
    "--healthz-host", metavar="ADDRESS", default="", help="Address of health and metrics.  [all]"
)
@click.option(
    "--healthz-port", type=port, default=10254, help="Port of health and metrics.  [10254]"
)
@click.option(
    "--shutdown-wait",
    type=click.FloatRange(0),
    default=0.0,
    metavar="SECONDS",
    help="Serve on for so long after readiness has ended.  [0]",
)
@click.option(
    "--drain",
    type=click.FloatRange(0),
    default=30.0,
    metavar="SECONDS",
    help="Time of requests under way at the end.  [30]",
)
@compile_options(without=_OF_FILES)
def command(**given: Any) -> None:
    """Serve a cluster's Ingresses by a real nginx, and follow their changes.

    Reads the API server, compiles, proves, has nginx test and load each configuration, and reports
    in the Ingresses' status and Events. What fails leaves the last good configuration in service.
    In a Pod it takes the rights of its ServiceAccount, elsewhere those of the kubeconfig. Needs
    ingc[controller].

    \b
    Examples:
      ingc controller --folder /var/lib/ingc --publish-service ingress/nginx
      ingc controller --folder run --kubeconfig ~/.kube/config --http-port 8080 --https-port 8443
    """
    try:
        from ingc.controller.client import BadKubeconfig, KubeApi
    except ModuleNotFoundError as error:
        if error.name in _NEEDED:
            why = "the controller needs more than ingc itself; pip install 'ingc[controller]'"
            raise CommandFailure(why) from error
        raise
    options = _options(given)
    _log_to_stderr()
    path = Path(given["kubeconfig"]) if given["kubeconfig"] else None
    try:
        api = KubeApi.from_config(path, given["context"])
    except BadKubeconfig as error:
        raise CommandFailure(str(error)) from error
    asyncio.run(_run(options, api))


async def _run(options: ControllerOptions, api: Any) -> None:
    import ingc
    from ingc.controller.running import run_controller

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    try:
        await run_controller(options, api, stop)
    except ingc.NginxError as error:
        raise CommandFailure(f"nginx does not run: {error}", ERRORS) from error
    except OSError as error:
        raise CommandFailure(str(error), ERRORS) from error
    finally:
        await api.aclose()


def _options(given: dict[str, Any]) -> ControllerOptions:
    import ingc
    from ingc.controller.addresses import Publishing
    from ingc.controller.options import ControllerOptions

    nginx = find_nginx(given["nginx"])
    given["nginx_version"] = version_to_run(nginx, given["nginx_version"])
    name, namespace = os.environ.get("POD_NAME", ""), os.environ.get("POD_NAMESPACE", "default")
    addresses = (given["publish_status_address"] or "").split(",")
    publishing = Publishing(
        publish_status_address=tuple(item.strip() for item in addresses if item.strip()),
        publish_service=given["publish_service"] or "",
        pod=f"{namespace}/{name}" if name else "",
        report_node_internal_ip_address=given["report_node_internal_ip_address"],
    )
    try:
        return ControllerOptions(
            compile=make_options(given),
            folder=Path(given["folder"]),
            nginx=str(nginx.path),
            namespaces=given["read_namespace"],
            others=tuple(kind for kind in OTHERS if given[f"read_{kind.resource}"]),
            pods=given["read_pods"],
            health_address=given["healthz_host"],
            health_port=given["healthz_port"],
            reports=not given["no_reports"],
            lease=f"{namespace}/{given['election_id']}",
            identity=name or f"{socket.gethostname()}-{os.getpid()}",
            publishing=publishing,
            shutdown_wait=given["shutdown_wait"],
            drain=given["drain"],
        )
    except ingc.OptionError as error:
        raise click.UsageError(str(error)) from error


def _log_to_stderr() -> None:
    import logging

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("httpx2").setLevel(logging.WARNING)
