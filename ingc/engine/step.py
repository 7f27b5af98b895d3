"""From one configuration that was printed to the next: what differs is planned and printed anew."""

from __future__ import annotations

from collections import ChainMap, Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ingc.emit import render, render_blocks
from ingc.engine.differing import Differing
from ingc.engine.printed import (
    Printed,
    PrintedFrame,
    PrintedHost,
    PrintedUpstream,
    printed_host,
    printed_upstream,
)
from ingc.engine.tally import HTTPS, LOOSE, names_of, traits_of
from ingc.ir import ANY_HOST, Config, Host, Upstream
from ingc.model.tree import Statement
from ingc.plan import Layout
from ingc.plan.config import plan_frame, plan_hosts
from ingc.plan.parts import HostPart
from ingc.plan.servers import plan_default
from ingc.plan.upstreams import plan_upstream
from ingc.prove import Mismatch, Proofs, Reading, read_structure
from ingc.prove.structure import cut


@dataclass(frozen=True, slots=True)
class Step:
    """What was printed anew, and is not proved yet."""

    config: Config
    differing: Differing
    hosts: Mapping[str, PrintedHost]
    """Those with a name that were planned again."""
    servers: Mapping[str, tuple[Statement, ...]]
    """Theirs, as they were read."""
    upstreams: Mapping[str, PrintedUpstream]
    """Those of which the block is another one, or none any more."""
    blocks: tuple[Statement, ...]
    """Their blocks, as they were read."""
    frame: PrintedFrame


class Stepping:
    """Plans and prints what differs."""

    def __init__(self, kept: Printed, config: Config, differing: Differing, proofs: Proofs) -> None:
        self._kept = kept
        self._config = config
        self._differing = differing
        self._proofs = proofs
        self._came = {host.name: host for host in differing.came}
        self._left = {host.name for host in differing.gone} - self._came.keys()
        came = {item.name: item for item in differing.came_upstreams}
        self._gone = {item.name for item in differing.gone_upstreams} - came.keys()
        self._found: Mapping[str, Upstream] = ChainMap(came, kept.found)
        self._contents = kept.contents.of_next(config, self._found)

    def step(self) -> Step | None:
        """Return what was printed anew; ``None``: it does not go by steps. Raises as `render`."""
        again = self._hosts_again()
        if not self._has_own_names(again) or self._turns_to_https():
            return None
        named = [host for host in again if host.name != ANY_HOST]
        patterns = self._kept.tally.traits.get(LOOSE, {})
        loose = [host for host in self._config.hosts if host.name in patterns] if patterns else []
        parts = plan_hosts(named, self._contents, loose)
        frame = self._kept.frame
        if len(named) < len(again) or self._asks_more(named, parts):
            made = self._frame(named, parts)
            if made is None:
                return None
            frame = made
        read = self._printed(named, parts, frame.default)
        return read and Step(self._config, self._differing, *read, frame)

    def _hosts_again(self) -> list[Host]:
        """Return the hosts that are others, and those whose upstreams are."""
        names = {host.name for host in self._differing.came}
        users = self._kept.tally.users
        for upstream in self._differing.upstream_names:
            names.update(users.get(upstream, ()))
        return [self._host(name) for name in sorted(names - self._left)]

    def _host(self, name: str) -> Host:
        known = self._kept.anybody if name == ANY_HOST else None
        return self._came.get(name) or known or self._kept.hosts[name].host

    def _turns_to_https(self) -> bool:
        """Return whether https is served for the first time, or no longer."""
        before = self._kept.tally.traits.get(HTTPS, {})
        left = len(before) - sum(host.name in before for host in self._differing.gone)
        return bool(before) != bool(left + sum(host.answers_https for host in self._came.values()))

    def _has_own_names(self, again: Iterable[Host]) -> bool:
        """Return whether each host that is another one has its names alone, and no patterns."""
        gone, owners = self._differing.gone, self._kept.tally.owners
        others = (*gone, *self._differing.came)
        if any(LOOSE in traits_of(host) for host in others):
            return False
        left = {host.name for host in gone}
        taken: dict[str, str] = {}
        for host in again:
            for name in names_of(host):
                owner = owners.get(name, host.name)
                if (owner != host.name and owner not in left) or name in taken:
                    return False
                taken[name] = host.name
        return True

    def _asks_more(self, named: Sequence[Host], parts: Sequence[HostPart]) -> bool:
        """Return whether what all hosts share may be another one than before."""
        if {host.name for host in self._differing.gone} - {host.name for host in named}:
            return True
        for host, part in zip(named, parts, strict=True):
            known = self._kept.hosts.get(host.name)
            if known is None or known.demands != part.demands:
                return True
            if names_of(known.host) != names_of(host) or traits_of(known.host) != traits_of(host):
                return True
        return False

    def _frame(self, named: Sequence[Host], parts: Sequence[HostPart]) -> PrintedFrame | None:
        config, kept = self._config, self._kept
        new = {host.name: part.demands for host, part in zip(named, parts, strict=True)}
        hosts = kept.in_order(config)
        demands = [
            new[host.name] if host.name in new else kept.hosts[host.name].demands for host in hosts
        ]
        grpc = any(item.grpc for item in demands)
        default = plan_default(config, self._contents, grpc=grpc)
        layout = plan_frame(config, self._contents, default, hosts, demands)
        text = render(layout)
        if text == kept.frame.text and (layout, default) == (kept.frame.layout, kept.frame.default):
            return kept.frame
        reading = read_structure(text, layout, config.settings.target, self._proofs)
        if isinstance(reading, Mismatch):
            return None
        shared = len(layout.upstreams) + len(layout.servers)
        head, middle, tail = cut(text, reading, (len(layout.maps), shared))
        read = Reading(reading.main, reading.blocks, (), ())
        return PrintedFrame(layout, default, head, middle, tail, read)

    def _plain(
        self, named: Sequence[Host], parts: Sequence[HostPart], default: HostPart
    ) -> tuple[set[str], set[str]]:
        """Return the upstreams that are used as they are, and were not; and the other way round."""
        kept = self._kept
        more: Counter[str] = Counter()
        for part in (*parts, default):
            more.update(part.upstreams)
        for name in {*(host.name for host in named), *(h.name for h in self._differing.gone)}:
            if name in kept.hosts:
                more.subtract(kept.hosts[name].plain)
        more.subtract(kept.frame.default.upstreams)
        before = kept.tally.plain
        used = {name for name, number in more.items() if before[name] + number > 0}
        return {name for name in used if not before[name]}, set(more) - used

    def _printed(
        self, named: Sequence[Host], parts: Sequence[HostPart], default: HostPart
    ) -> (
        tuple[
            dict[str, PrintedHost],
            dict[str, tuple[Statement, ...]],
            dict[str, PrintedUpstream],
            tuple[Statement, ...],
        ]
        | None
    ):
        """Print hosts and upstreams, and read what was printed."""
        settings, found = self._config.settings, self._found
        fresh, unused = self._plain(named, parts, default)
        plain = self._kept.tally.plain
        others = self._differing.upstream_names
        wanted = {name for name in others if plain[name]} - unused | fresh
        wanted = {name for name in wanted if name in found} - self._gone
        made = ((name, plan_upstream(found[name], settings)) for name in sorted(wanted))
        blocks = {name: block for name, block in made if block is not None}
        servers = tuple(server for part in parts for server in part.servers)
        layout = Layout(True, (), (), (), (), tuple(blocks.values()), servers)
        text = render_blocks(layout)
        reading: Reading | Mismatch = Reading((), (), ())
        if blocks or servers:
            reading = read_structure(text, layout, settings.target, self._proofs)
        if isinstance(reading, Mismatch):
            return None
        numbers = [*[1] * len(blocks), *(len(part.servers) for part in parts)]
        *pieces, rest = cut(text, reading, numbers)
        if rest:
            return None
        texts = dict(zip(blocks, pieces, strict=False))
        upstreams = {
            name: printed_upstream(found[name], texts.get(name, ""))
            for name in {*others, *fresh, *unused} - self._gone
            if name in found
        }
        hosts, read, at = {}, {}, len(blocks)
        for host, part, piece in zip(named, parts, pieces[len(blocks) :], strict=True):
            hosts[host.name] = printed_host(host, part, piece)
            read[host.name] = reading.blocks[at : at + len(part.servers)]
            at += len(part.servers)
        return hosts, read, upstreams, reading.blocks[: len(blocks)]


def take(kept: Printed, step: Step) -> None:
    """Make what was kept what it is after a step that is proved."""
    tally, hosts, differing = kept.tally, kept.hosts, step.differing
    tally.remove(kept.anybody, frozenset(), kept.frame.default.upstreams)
    gone = {host.name for host in differing.gone}
    for name in {*step.hosts, *gone}:
        known = hosts.pop(name, None)
        if known is not None:
            tally.remove(known.host, known.mentions, known.plain)
    for host in differing.came:
        kept.anybody = host if host.name == ANY_HOST else kept.anybody
    tally.add(kept.anybody, frozenset(), step.frame.default.upstreams)
    for made in step.hosts.values():
        tally.add(made.host, made.mentions, made.plain)
    hosts.update(step.hosts)
    for item in differing.gone_upstreams:
        del kept.upstreams[item.name], kept.found[item.name]
    kept.upstreams.update(step.upstreams)
    kept.found.update((item.name, item) for item in differing.came_upstreams)
    came = differing.came_upstreams
    kept.named_at_start = (kept.named_at_start - differing.upstream_names) | {
        item.name for item in came if any(end.dns for end in item.endpoints)
    }
    kept.config, kept.frame = step.config, step.frame
    if gone == {host.name for host in differing.came} and _names(
        differing.gone_upstreams
    ) == _names(came):
        kept.host_texts.update((name, item.text) for name, item in step.hosts.items())
        kept.upstream_texts.update((name, item.text) for name, item in step.upstreams.items())
    else:
        kept.arrange()
    kept.text = kept.assembled()


def _names(upstreams: Iterable[Upstream]) -> set[str]:
    return {item.name for item in upstreams}
