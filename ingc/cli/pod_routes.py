"""``ingc pod-routes``."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

import click

from ingc.cli.exits import ERRORS, OK, CommandFailure
from ingc.cli.flags import Command
from ingc.cli.settings import input_limit
from ingc.option_values import BadOptionValue, all_networks
from ingc.options import NodeAddress, Options

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ingc.resolve.ways.pod_routes import PodRoute, PodRoutes


@click.command("pod-routes", cls=Command)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--own-network",
    multiple=True,
    metavar="NETWORK[,...]",
    help="A network that this machine reaches already, and that no Pod may be in; repeatable.",
)
@click.option(
    "--node-address",
    type=click.Choice(get_args(NodeAddress)),
    default="internal",
    help="Which address of a Node this machine reaches.",
)
@click.pass_context
def command(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    own_network: tuple[str, ...],
    node_address: NodeAddress,
) -> None:
    """Print the routes that a machine outside of the cluster needs to Pods.

    They are computed from the Nodes' podCIDRs, as commands of Linux. Exit code 1: networks
    overlap, and the routes would lead astray.

    \b
    Examples:
      kubectl get nodes -o yaml | ingc pod-routes - --own-network 192.168.0.0/16
      ingc pod-routes nodes.yaml | sudo sh
    """
    try:
        own = all_networks(own_network)
    except BadOptionValue as error:
        raise click.UsageError(f"--own-network: {error}") from error
    answer = _answer(inputs, own, Options(node_address=node_address))
    for text in answer.missing:
        click.echo(f"note: {text}", err=True)
    for text in answer.clashes:
        click.echo(f"error: {text}", err=True)
    width = max((len(_route(item)) for item in answer.routes), default=0)
    for item in answer.routes:
        click.echo(f"{_route(item).ljust(width)}  # {item.node}")
    ctx.exit(ERRORS if answer.clashes else OK)


def _answer(inputs: tuple[str, ...], own: Iterable[str], options: Options) -> PodRoutes:
    """Read the Nodes and compute the routes; those that are broken are reported."""
    from ingc.diagnostics import Sink
    from ingc.k8s.store import read_objects
    from ingc.load import Unreadable, read
    from ingc.resolve.ways.cluster import Cluster
    from ingc.resolve.ways.pod_routes import pod_routes

    sink = Sink()
    try:
        loaded = read(inputs, sink, max_input=input_limit(None))
    except Unreadable as error:
        raise CommandFailure(str(error)) from error
    store = read_objects(loaded.documents, sink, namespace=options.namespace)
    for found in store.faults.get("Node", ()):
        click.echo(f"warning: {found.object} is left out: {found.message}", err=True)
    if not store.nodes:
        raise CommandFailure("the input has no Node; kubectl get nodes -o yaml prints them")
    return pod_routes(Cluster(store, options), own)


def _route(item: PodRoute) -> str:
    family = "ip -6" if ":" in item.network else "ip"
    return f"{family} route replace {item.network} via {item.via}"
