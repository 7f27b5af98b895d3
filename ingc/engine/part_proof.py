"""That a step keeps a proved text proved.

What was printed anew is proved as a configuration of its own: its hosts, those that the proof
compares with all others, the frame, and what these refer to, by the whole proof of such a text. The
rest is as it was when it was proved; here is checked that nothing of the step reaches it. What
that rests on is in docs/proof.md.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Collection, Container, Iterable, Iterator
from itertools import islice

from ingc.engine.frames import names_that_differ, reached_from, redirected
from ingc.engine.printed import Printed, PrintedFrame
from ingc.engine.step import Step
from ingc.engine.tally import ALONE, REGEX, TOGETHER, Mentions, mentions_of, names_of, upstreams_of
from ingc.ir import ANY_HOST, Config, Host, Upstream
from ingc.model.starting import names_fit, variables_fit
from ingc.model.tree import VARIABLE_BLOCKS, Content, Statement
from ingc.prove import Proofs, Reading, is_proved, read_blocks
from ingc.prove.server_names import have_twins, named
from ingc.syntax.host import EVERY

_ZONES = ("limit_req_zone", "limit_conn_zone")
_SESSIONS = ".sticky_"


class PartProof:
    """The proof of one step."""

    def __init__(self, kept: Printed, step: Step, proofs: Proofs) -> None:
        self._kept = kept
        self._step = step
        self._proofs = proofs
        gone = [host.name for host in step.differing.gone]
        came = [host.name for host in step.differing.came]
        self._touched = {*gone, *came, *step.hosts}

    def holds(self) -> bool:
        """Return whether the whole text after the step is proved; false: it is not known."""
        return (
            self._may_resolve()
            and self._all_have_upstreams()
            and self._others_see_nothing()
            and self._tables_hold_all()
            and self._is_proved_alone()
        )

    def _may_resolve(self) -> bool:
        """Names that nginx may resolve at its start are those of all hosts' rules together."""
        at_start = self._step.config.settings.at_start
        if not at_start.services_below or EVERY in at_start.names:
            return True
        came = self._step.differing.came_upstreams
        return not self._kept.named_at_start and not any(
            end.dns for item in came for end in item.endpoints
        )

    def _all_have_upstreams(self) -> bool:
        """Return whether no block is gone that hosts which were not touched may use."""
        kept, step = self._kept, self._step
        gone = {
            item.name for item in step.differing.gone_upstreams if item.name not in step.upstreams
        }
        gone.update(name for name, item in step.upstreams.items() if not item.text)
        users = (kept.tally.users.get(name, {}) for name in gone if _has_block(kept, name))
        return all(name == ANY_HOST or name in self._touched for found in users for name in found)

    def _others_see_nothing(self) -> bool:
        """Return whether all that hosts share is the same for those that were not touched."""
        before, after = self._kept.frame, self._step.frame
        gone, came = self._names()
        if gone - came and not (gone - came).isdisjoint(redirected(after.layout)):
            return False
        if after is before:
            return True
        names = names_that_differ(before.layout, after.layout, gone | came)
        if names is None:
            return False
        if not names:
            return True
        inner: dict[str, Mentions] = {}
        for frame in (before, after):
            for name, content in _referred_to(frame):
                inner[name] = inner.get(name, frozenset()) | mentions_of(repr(content))
        reached = reached_from(names, inner)
        return all(map(reached.isdisjoint, self._mentioned_by_others()))

    def _names(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the names of the hosts that were touched: as they were, and as they are."""
        differing, again = self._step.differing, self._step.hosts.values()
        came = (*differing.came, *(item.host for item in again))
        return _all_names(differing.gone), _all_names(came)

    def _mentioned_by_others(self) -> Iterator[Mentions]:
        kept, frame = self._kept, self._step.frame
        yield from self._mentions_of_others()
        for name, item in kept.upstreams.items():
            if item.mentions and name not in self._step.upstreams:
                yield item.mentions
        yield from (mentions_of(repr(item.content)) for item in _around(frame))
        for server in frame.reading.blocks:
            if server.name == "server" and not _is_default(server):
                yield mentions_of(repr(server.content))

    def _mentions_of_others(self) -> list[Mentions]:
        """Return what the hosts mention that were not touched."""
        kept = self._kept
        mine = (kept.hosts[name].mentions for name in self._touched if name in kept.hosts)
        touched = Counter(mine)
        counts = kept.tally.mentions.items()
        return [mentions for mentions, number in counts if number > touched[mentions]]

    def _tables_hold_all(self) -> bool:
        """nginx's tables of all names and of all variables, which no host fills alone."""
        kept, step = self._kept, self._step
        http = _http(step.frame)
        old, new = _all_names(step.differing.gone), _all_names(step.differing.came)
        if old != new or step.frame is not kept.frame:
            names = {"_", *(kept.tally.owners.keys() - old), *new}
            if not names_fit(http, [name for name in names if not name.startswith(("*.", "~"))]):
                return False
        mentions = {item.mentions for item in step.hosts.values()}
        if step.frame is kept.frame and mentions <= kept.tally.mentions.keys():
            return True
        maps = {item.args[-1] for item in step.frame.reading.blocks if item.name in VARIABLE_BLOCKS}
        found = maps.union(*mentions, *self._mentions_of_others())
        return variables_fit(http, [name for name in found if name.startswith("$")])

    def _is_proved_alone(self) -> bool:
        """Prove what was printed anew, with all that it is compared with and refers to."""
        config = self._alone()
        names = {name for host in config.hosts for name in names_of(host)}
        servers = self._servers(config, names)
        if have_twins(servers):
            return False
        frame, used = self._step.frame.reading, {item.name for item in config.upstreams}
        maps = [item for item in frame.blocks if item.name in VARIABLE_BLOCKS]
        blocks = (*maps, *self._upstreams(used), *servers)
        return is_proved(config, Reading(frame.main, blocks, ()), self._proofs)

    def _alone(self) -> Config:
        """Return the hosts that were touched and those that they are compared with."""
        config, traits = self._step.config, self._kept.tally.traits
        chosen = {ANY_HOST, *self._touched}
        for trait in TOGETHER:
            chosen.update(traits.get(trait, ()))
        for trait in ALONE:
            others = (name for name in traits.get(trait, ()) if name not in self._touched)
            chosen.update(islice(others, 1))
        hosts = tuple(self._in_order(chosen))
        used = {*self._step.differing.upstream_names}.union(*map(upstreams_of, hosts))
        upstreams = tuple(filter(None, map(self._upstream, sorted(used))))
        return dataclasses.replace(config, hosts=hosts, upstreams=upstreams)

    def _in_order(self, chosen: Collection[str]) -> Iterable[Host]:
        """Return hosts by their names, those that are there; their order counts for regexes."""
        kept, differing = self._kept, self._step.differing
        if REGEX in kept.tally.traits:
            return [host for host in self._step.config.hosts if host.name in chosen]
        came = {host.name: host for host in differing.came}
        left = {host.name for host in differing.gone} - came.keys()
        known = ((name, kept.hosts.get(name)) for name in sorted(chosen) if name not in left)
        found = {name: item.host for name, item in known if item is not None}
        return ({ANY_HOST: kept.anybody} | found | came).values()

    def _upstream(self, name: str) -> Upstream | None:
        came = (item for item in self._step.differing.came_upstreams if item.name == name)
        is_gone = name in self._step.differing.upstream_names
        return next(came, None if is_gone else self._kept.found.get(name))

    def _servers(self, config: Config, names: Container[str]) -> list[Statement]:
        first = (item for item in self._step.frame.reading.blocks if item.name == "server")
        found = [server for item in first for server in _with_names(item, names)]
        for host in self._kept.in_order(config):
            if host.name in self._step.servers:
                found += self._step.servers[host.name]
            else:
                found += read_blocks(self._kept.hosts[host.name].text)
        return found

    def _upstreams(self, used: Collection[str]) -> Iterator[Statement]:
        """Yield the blocks of some upstreams, and of their forms with sessions."""
        yield from self._step.blocks
        for name in used:
            known = self._kept.upstreams.get(name)
            if known is not None and name not in self._step.upstreams:
                yield from read_blocks(known.text)
        for block in self._step.frame.reading.blocks:
            if block.name == "upstream" and block.args[0].partition(_SESSIONS)[0] in used:
                yield block


def _has_block(kept: Printed, upstream: str) -> bool:
    return upstream in kept.upstreams and bool(kept.upstreams[upstream].text)


def _all_names(hosts: Iterable[Host]) -> frozenset[str]:
    return frozenset(name for host in hosts for name in names_of(host))


def _referred_to(frame: PrintedFrame) -> Iterator[tuple[str, Content]]:
    """Yield the maps, the blocks and the zones of a frame, by their names."""
    for item in frame.reading.blocks:
        if item.name != "server":
            yield item.args[-1], item.content
    for item in _http(frame).block or ():
        if item.name in _ZONES:
            zone = next(arg for arg in item.args if arg.startswith("zone="))
            yield zone.removeprefix("zone=").partition(":")[0], item.content


def _around(frame: PrintedFrame) -> Iterator[Statement]:
    """Yield what stands around the blocks, but for zones."""
    for item in frame.reading.main:
        inner = (item.block or ()) if item.name == "http" else (item,)
        yield from (each for each in inner if each.name not in _ZONES)


def _http(frame: PrintedFrame) -> Statement:
    return next(item for item in frame.reading.main if item.name == "http")


def _is_default(server: Statement) -> bool:
    return any("default_server" in item.args for item in server.all("listen"))


def _with_names(server: Statement, names: Container[str]) -> Iterator[Statement]:
    """Yield a server, with some names alone where it redirects; nothing, if none are left."""
    if _is_default(server):
        yield server
        return
    kept = tuple(
        [
            item
            for item in server.block or ()
            if item.name != "server_name" or item.args[0] in names or named(item.args[0]) in names
        ]
    )
    if any(item.name == "server_name" for item in kept):
        yield Statement(server.name, server.args, server.line, kept)
