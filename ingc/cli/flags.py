"""Options in ingress-nginx's form, and those of it that have no meaning here."""

from __future__ import annotations

from typing import Any

import click


class Switch(click.Option):
    """A boolean option: ``--x``, ``--x=true`` or ``--x=false``, as Go programs take it."""

    def __init__(self, names: list[str], **attributes: Any) -> None:
        super().__init__(names, type=bool, default=False, metavar="[=true|=false]", **attributes)


FOREIGN_SWITCHES = (
    "alsologtostderr",
    "deep-inspect",
    "disable-full-test",
    "disable-leader-election",
    "disable-sync-events",
    "enable-annotation-validation",
    "enable-metrics",
    "enable-ssl-chain-completion",
    "logtostderr",
    "metrics-per-host",
    "metrics-per-undefined-host",
    "profiling",
    "update-status",
    "update-status-on-shutdown",
)
FOREIGN_VALUES = (
    "apiserver-host",
    "certificate-authority",
    "default-server-port",
    "dynamic-configuration-retries",
    "election-id",
    "election-ttl",
    "exclude-socket-metrics",
    "health-check-timeout",
    "healthz-host",
    "healthz-port",
    "internal-logger-address",
    "kubeconfig",
    "maxmind-edition-ids",
    "maxmind-license-key",
    "maxmind-mirror",
    "maxmind-retries-count",
    "maxmind-retries-timeout",
    "monitor-max-batch-size",
    "post-shutdown-grace-period",
    "profiler-address",
    "profiler-port",
    "publish-service",
    "publish-status-address",
    "report-node-internal-ip-address",
    "shutdown-grace-period",
    "status-port",
    "status-update-interval",
    "stream-port",
    "sync-period",
    "sync-rate-limit",
    "v",
    "validating-webhook",
    "validating-webhook-certificate",
    "validating-webhook-key",
)
"""Flags of the ingress-nginx controller that have nothing to do with the configuration."""


class Command(click.Command):
    """A command that knows switches and the foreign flags."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Give each bare switch its value, so that it never takes the next argument for one."""
        bare = {
            name
            for param in self.params
            if isinstance(param, Switch)
            for name in (*param.opts, *param.secondary_opts)
        }
        bare |= {f"--{name}" for name in FOREIGN_SWITCHES}
        end = args.index("--") if "--" in args else len(args)
        given = [f"{arg}=true" if arg in bare else arg for arg in args[:end]]
        return super().parse_args(ctx, _without_foreign(given, ctx) + args[end:])


def _without_foreign(args: list[str], ctx: click.Context) -> list[str]:
    kept: list[str] = []
    foreign = ctx.meta.setdefault("ingc.foreign", [])
    rest = iter(args)
    for arg in rest:
        name, equals, _ = arg.removeprefix("--").partition("=")
        if not arg.startswith("--") or name not in (*FOREIGN_SWITCHES, *FOREIGN_VALUES):
            kept.append(arg)
            continue
        foreign.append(name)
        if not equals:
            next(rest, None)
    return kept
