"""Configurations in which hosts stand several times, under names such as clusters have."""

from __future__ import annotations

from dataclasses import replace

from ingc.alike import print_alike
from ingc.alike.representative import renamed
from ingc.alike.shapes import FILE, HOST, UPSTREAM, AlikeHost, Name, shapes_of
from ingc.compiler import print_config
from ingc.ir import Config, Host, ServiceTarget, Upstream
from ingc.prove import Proofs


def whole(config: Config) -> str | None:
    """Return the text of a configuration that is planned and proved host by host."""
    text, _, unproved = print_config(config)
    return text if unproved is None else None


def alike(config: Config) -> str | None:
    """Return the text that is made by shapes; ``None``: it is not."""
    found = print_alike(config, Proofs(), fewest=3, worth=1)
    return None if found is None else found.whole.text


def named_for(name: Name, copy: int) -> str:
    """Return the name that a copy has in the place of one."""
    kind, text = name
    if kind == HOST:
        return f"{'xcaz'[copy % 4]}{copy}.{text}"
    if kind == FILE:
        return f"{text}{copy}"
    return f"{text}x{copy}" if kind == UPSTREAM else f"{text}-{copy}"


def copied(
    member: AlikeHost, copy: int, upstreams: dict[str, Upstream]
) -> tuple[Host, list[Upstream]]:
    """Return a host under other names, and its upstreams."""
    made = {name: named_for(name, copy) for name in member.names}
    used = [upstreams[text] for kind, text in member.names if kind == UPSTREAM]
    return renamed(member.host, made), [_upstream(item, copy) for item in used]


def _upstream(upstream: Upstream, copy: int) -> Upstream:
    service = upstream.service
    named = [f"{text}-{copy}" for text in (service.namespace, service.service)]
    return replace(
        upstream,
        name=named_for((UPSTREAM, upstream.name), copy),
        service=ServiceTarget(named[0], named[1], service.port),
        endpoints=tuple(
            replace(
                end, address=f"fd00:{copy}::{at}" if ":" in end.address else f"10.{copy}.0.{at}"
            )
            for at, end in enumerate(upstream.endpoints)
        ),
    )


def multiplied(config: Config, copies: int) -> Config:
    """Return a configuration with copies of each host that may be like another one."""
    upstreams = {item.name: item for item in config.upstreams}
    hosts = {host.name: host for host in config.hosts}
    made = dict(upstreams)
    alike = [member for members in shapes_of(config, 1).alike for member in members]
    for member in alike:
        for copy in range(copies):
            host, used = copied(member, copy, upstreams)
            hosts[host.name] = host
            made.update((item.name, item) for item in used)
    return replace(
        config,
        hosts=tuple(hosts[name] for name in sorted(hosts)),
        upstreams=tuple(made[name] for name in sorted(made)),
    )
