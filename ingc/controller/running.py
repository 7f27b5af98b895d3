"""A whole controller: its parts, made of options and joined."""

from __future__ import annotations

import asyncio

from ingc.controller.api import Api
from ingc.controller.health import Health
from ingc.controller.lease import Lease
from ingc.controller.loop import ControlLoop, Running
from ingc.controller.metrics import Metrics
from ingc.controller.options import ControllerOptions
from ingc.controller.reporting import Reporter
from ingc.controller.rollout import Outcome, Rollout


async def run_controller(options: ControllerOptions, api: Api, stop: asyncio.Event) -> None:
    """Serve what the API server holds until ``stop`` is set.

    Raises `ingc.NginxError` (`ingc.FolderInUse` among them), `ingc.OptionError`, and `OSError`
    where the address of health is taken.
    """
    metrics = Metrics()
    rollout = Rollout(
        options.compile,
        options.folder,
        binary=options.nginx,
        drain=options.drain,
        metrics=metrics,
    )
    lease = Lease(api, options.lease, options.identity)
    reporter = Reporter(
        api,
        options.publishing,
        lease,
        manager=f"ingc-{options.lease.replace('/', '-')}",
        instance=options.identity,
        namespaces=options.watched,
    )

    async def report(outcome: Outcome) -> None:
        if options.reports:
            await reporter.report(outcome)

    beside: list[Running] = [reporter.run_to_the_end, lease.run] if options.reports else []
    health = Health(
        options.health_address,
        options.health_port,
        metrics,
        ready={
            "the cluster was read": lambda: controller.synced,
            "nginx serves a proved configuration": lambda: rollout.serving,
            "no end in sight": lambda: not controller.ending,
        },
        notes=lambda: (*rollout.notes, *controller.notes),
    )
    controller = ControlLoop(options, api, rollout, report=report, beside=[*beside, health.run])
    await controller.run(stop)
