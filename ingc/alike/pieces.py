"""The whole text, put together of the pieces that hosts of one shape share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ingc.alike.printing import PrintedAlike, PrintedShape, plain_upstreams
from ingc.alike.shapes import names_of_upstream, upstream_key
from ingc.alike.template import Template
from ingc.emit import render
from ingc.ir import ANY_HOST, Config, Upstream
from ingc.match.trie import in_server_order
from ingc.plan import Layout
from ingc.prove.blocks import split


@dataclass(frozen=True, slots=True)
class FrameText:
    """What all hosts share, in the pieces of its text."""

    head: str
    """To the end of the maps."""
    shared: str
    """The upstreams that hosts share, and the first servers."""
    tail: str

    @property
    def text(self) -> str:
        """The pieces put together."""
        return self.head + self.shared + self.tail


@dataclass(frozen=True, slots=True)
class AlikeText:
    """A whole text, in its pieces."""

    text: str
    frame: FrameText
    upstreams: dict[str, str]
    """The blocks of those that some route uses as they are, by name, in the order of the text."""
    hosts: dict[str, str]
    """The servers of each host with a name, in the order of the text."""


def print_frame(layout: Layout) -> FrameText:
    """Print what all hosts share. Raises as `ingc.emit.render`."""
    text = render(layout)
    ends = [block.start + len(block.text) for block in split(text).blocks]
    first = len(layout.maps)
    last = first + len(layout.upstreams) + len(layout.servers)
    if not first or len(ends) != last:
        raise LookupError("a block of the frame is missing")
    head, shared = ends[first - 1], ends[-1]
    return FrameText(text[:head], text[head:shared], text[shared:])


class Pieces:
    """Puts the whole text together, and holds one against the IR."""

    def __init__(self, printed: PrintedAlike, config: Config) -> None:
        self._printed = printed
        self._small = printed.small
        plain = plain_upstreams(printed)
        self._upstreams = [item for item in config.upstreams if item.name in plain]
        self._filled_in = {
            item.name: (self._template(item), names_of_upstream(item))
            for item in self._upstreams
            if item.name not in printed.small.blocks
        }
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

    def put_together(self, frame: FrameText) -> AlikeText:
        """Return the whole text."""
        blocks, shapes = self._small.blocks, self._shapes
        upstreams = {
            item.name: blocks[item.name] if item.name in blocks else self._filled(item.name)
            for item in self._upstreams
        }
        hosts = {}
        for name in [host.name for host in self._hosts]:
            if name in shapes:
                shape, names = shapes[name]
                hosts[name] = shape.servers.filled(names)
            else:
                hosts[name] = self._small.texts[name]
        inner = (*upstreams.values(), frame.shared, *hosts.values())
        return AlikeText("".join([frame.head, *inner, frame.tail]), frame, upstreams, hosts)

    def _filled(self, upstream: str) -> str:
        template, names = self._filled_in[upstream]
        return template.filled(names)

    def _template(self, upstream: Upstream) -> Template:
        key = upstream_key(upstream)
        if key is None:
            raise LookupError(f"no template for {upstream.name}")
        return self._printed.upstreams[key]

    def are_all_of(self, text: str, frame: FrameText) -> bool:
        """Return whether a text is the proved pieces in their order, with the IR's names."""
        blocks, texts = self._small.blocks, self._small.texts
        at = _after(text, frame.head, 0)
        for upstream in self._upstreams:
            if upstream.name in blocks:
                at = _after(text, blocks[upstream.name], at)
            elif at >= 0:
                template, names = self._filled_in[upstream.name]
                at = template.ends(text, at, names)
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
