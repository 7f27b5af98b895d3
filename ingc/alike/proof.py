"""That a text is proved if that of the hosts which stand for others is.

The proof of a smaller configuration, in which one host stands for each shape, is that of all,
because its name, and those of its Ingress, Services, upstreams and files, may be exchanged: here is
checked that they may, and that the text holds the proved pieces with the IR's names in them, and
nothing else. What that rests on is in docs/proof.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingc.alike.printing import PrintedAlike, PrintedShape, plain_upstreams
from ingc.alike.shapes import Apart, names_of_upstream, upstream_key
from ingc.alike.template import Template
from ingc.emit import render
from ingc.ir import ANY_HOST, Config, Upstream
from ingc.match.trie import in_server_order
from ingc.model.starting import names_fit, variables_fit
from ingc.model.tree import Statement
from ingc.plan import Layout
from ingc.prove import Mismatch, Proofs, Reading, is_proved, read_structure
from ingc.prove.server_names import have_twins
from ingc.prove.structure import cut

_BLOCKS = ("map", "geo", "split_clients")
_VARIABLE = re.compile(r"\$\{?(\w+)").findall


@dataclass(frozen=True, slots=True)
class Frame:
    """What all hosts share, in the pieces of its text."""

    head: str
    shared: str
    tail: str
    reading: Reading


@dataclass(frozen=True, slots=True)
class ProvedAlike:
    """A configuration that is proved, in the pieces of its text."""

    text: str
    printed: PrintedAlike
    frame: Frame
    upstreams: dict[str, str]
    """The blocks of those that some route uses as they are, by name, in the order of the text."""
    hosts: dict[str, str]
    """The servers of each host with a name, in the order of the text."""


def prove_shapes(printed: PrintedAlike, config: Config, proofs: Proofs) -> ProvedAlike | None:
    """Return the whole configuration, proved; ``None``: it is not known to do what is expected.

    Raises what `is_proved` and `ingc.emit.render` raise.
    """
    frame = _read_frame(printed.frame, config, proofs)
    blocks = _read_small(printed, config, proofs)
    if frame is None or blocks is None:
        return None
    pieces = _Pieces(printed, config)
    if not (
        _is_apart(printed)
        and pieces.all_there()
        and all(item.takes_any_name() for item in _templates(printed))
        and _tables_hold_all(printed, frame, config)
        and _is_proved(printed, frame, blocks, proofs)
    ):
        return None
    upstreams, hosts = pieces.put_together()
    text = "".join([frame.head, *upstreams.values(), frame.shared, *hosts.values(), frame.tail])
    if not pieces.are_all_of(text, frame):
        return None
    return ProvedAlike(text, printed, frame, upstreams, hosts)


def _templates(printed: PrintedAlike) -> Iterator[Template]:
    yield from (shape.servers for shape in printed.shapes)
    yield from printed.upstreams.values()


def _read_frame(layout: Layout, config: Config, proofs: Proofs) -> Frame | None:
    text = render(layout)
    reading = read_structure(text, layout, config.settings.target, proofs)
    if isinstance(reading, Mismatch):
        return None
    shared = len(layout.upstreams) + len(layout.servers)
    head, middle, tail = cut(text, reading, (len(layout.maps), shared))
    return Frame(head, middle, tail, reading)


def _read_small(
    printed: PrintedAlike, config: Config, proofs: Proofs
) -> tuple[Statement, ...] | None:
    """Read the blocks of the smaller configuration."""
    small = printed.small
    servers = tuple(server for part in small.parts.values() for server in part.servers)
    layout = Layout(True, (), (), (), (), tuple(small.upstreams.values()), servers)
    text = "".join([*small.blocks.values(), *small.texts.values()])
    if not text:
        return ()  # All that it needs is shared.
    reading = read_structure(text, layout, config.settings.target, proofs)
    return None if isinstance(reading, Mismatch) else reading.blocks


def _is_apart(printed: PrintedAlike) -> bool:
    """Return whether no pattern takes the names of those that stand for others."""
    apart = Apart(printed.small.config.hosts)
    return all(apart.is_apart(shape.representative.host) for shape in printed.shapes)


def _tables_hold_all(printed: PrintedAlike, frame: Frame, config: Config) -> bool:
    """nginx's tables of all names and of all variables."""
    http = next(item for item in frame.reading.main if item.name == "http")
    names = {"_", *(name for host in config.hosts for name in (*host.names, host.twin) if name)}
    exact = [name for name in names if not name.startswith(("*.", "~"))]
    found = {item.args[-1] for item in frame.reading.blocks if item.name in _BLOCKS}
    for text in (*printed.small.texts.values(), frame.head, frame.shared, frame.tail):
        found.update(f"${name}" for name in _VARIABLE(text))
    return names_fit(http, exact) and variables_fit(
        http, [name for name in found if name.startswith("$")]
    )


def _is_proved(
    printed: PrintedAlike, frame: Frame, blocks: Sequence[Statement], proofs: Proofs
) -> bool:
    shared = []
    for item in frame.reading.blocks:
        made = _with_representatives(item, printed) if item.name == "server" else item
        if made is None:
            return False
        shared.append(made)
    maps = [item for item in shared if item.name in _BLOCKS]
    upstreams = [item for item in (*blocks, *shared) if item.name == "upstream"]
    servers = [item for item in (*shared, *blocks) if item.name == "server"]
    if have_twins(servers):
        return False
    reading = Reading(frame.reading.main, (*maps, *upstreams, *servers), ())
    return is_proved(printed.small.config, reading, proofs)


def _with_representatives(server: Statement, printed: PrintedAlike) -> Statement | None:
    """Return a server of many hosts with one name for all of a shape; ``None``: some lack there."""
    names = [item.args[0] for item in server.all("server_name")]
    there = set(names)
    if len(there) < len(names):
        return None
    instead: dict[str, str] = {}
    for shape in printed.shapes:
        mine = [member.host.name for member in shape.members]
        if mine[0] in there and not there.issuperset(mine):
            return None
        if mine[0] not in there and not there.isdisjoint(mine):
            return None
        instead.update(
            (name, shape.representative.host.name if name == mine[0] else "") for name in mine
        )
    kept = []
    for item in server.block or ():
        name = instead.get(item.args[0]) if item.name == "server_name" else None
        if name is None:
            kept.append(item)
        elif name:
            kept.append(Statement(item.name, (name,), item.line))
    return Statement(server.name, server.args, server.line, tuple(kept))


class _Pieces:
    """Puts the whole text together, and holds it against the IR."""

    def __init__(self, printed: PrintedAlike, config: Config) -> None:
        self._printed = printed
        self._small = printed.small
        plain = plain_upstreams(printed)
        self._upstreams = [item for item in config.upstreams if item.name in plain]
        self._hosts = in_server_order(host for host in config.hosts if host.name != ANY_HOST)
        self._shapes: Mapping[str, tuple[PrintedShape, tuple[str, ...]]] = {
            member.host.name: (shape, tuple([name for _, name in member.names]))
            for shape in printed.shapes
            for member in shape.members
        }

    def all_there(self) -> bool:
        """Return whether each host and each upstream has a name that no other has, and a text."""
        shared = self._printed.frame.upstreams
        upstreams = [item.name.lower() for item in self._upstreams]
        upstreams += [item.name.lower() for item in shared]
        hosts = [host.name for host in self._hosts]
        known = set(upstreams)
        if len(known) < len(upstreams) or len(set(hosts)) < len(hosts):
            return False
        for shape, names in self._shapes.values():
            if not known.issuperset([names[number].lower() for number in shape.plain]):
                return False
        return all(name in self._shapes or name in self._small.texts for name in hosts)

    def put_together(self) -> tuple[dict[str, str], dict[str, str]]:
        """Return the texts of the upstreams and of the hosts by name, in the order of the text."""
        blocks, shapes = self._small.blocks, self._shapes
        upstreams = {
            item.name: blocks[item.name]
            if item.name in blocks
            else self._template(item).filled(names_of_upstream(item))
            for item in self._upstreams
        }
        hosts = {}
        for name in [host.name for host in self._hosts]:
            if name in shapes:
                shape, names = shapes[name]
                hosts[name] = shape.servers.filled(names)
            else:
                hosts[name] = self._small.texts[name]
        return upstreams, hosts

    def _template(self, upstream: Upstream) -> Template:
        key = upstream_key(upstream)
        if key is None:
            raise LookupError(f"no template for {upstream.name}")
        return self._printed.upstreams[key]

    def are_all_of(self, text: str, frame: Frame) -> bool:
        """Return whether a text is the proved pieces in their order, with the IR's names."""
        blocks, texts = self._small.blocks, self._small.texts
        at = _after(text, frame.head, 0)
        for upstream in self._upstreams:
            if upstream.name in blocks:
                at = _after(text, blocks[upstream.name], at)
            elif at >= 0:
                at = self._template(upstream).ends(text, at, names_of_upstream(upstream))
        at = _after(text, frame.shared, at)
        for host in self._hosts:
            if host.name not in self._shapes:
                at = _after(text, texts[host.name], at)
            elif at >= 0:
                shape, names = self._shapes[host.name]
                at = shape.servers.ends(text, at, names)
        return _after(text, frame.tail, at) == len(text)


def _after(text: str, piece: str, at: int) -> int:
    return at + len(piece) if at >= 0 and text.startswith(piece, at) else -1
