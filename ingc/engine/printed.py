"""A text that is proved, in pieces: each host's servers, each upstream, and what is around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ingc.alike import Alike
from ingc.engine.tally import REGEX, HostTally, Mentions, mentions_of
from ingc.ir import ANY_HOST, Config, Host, Upstream
from ingc.plan import Plan
from ingc.plan.config import named_hosts
from ingc.plan.contents import Contents
from ingc.plan.layout import Layout
from ingc.plan.parts import Demands, HostPart
from ingc.prove import Reading
from ingc.prove.structure import cut


@dataclass(frozen=True, slots=True)
class PrintedHost:
    """The servers of a host with a name."""

    host: Host
    text: str
    demands: Demands
    plain: frozenset[str]
    """The upstreams that some route uses as they are."""
    mentions: Mentions


@dataclass(frozen=True, slots=True)
class PrintedUpstream:
    """An upstream's block."""

    upstream: Upstream
    text: str
    """Empty where no route uses it as it is."""
    mentions: Mentions


@dataclass(frozen=True, slots=True)
class PrintedFrame:
    """What all hosts share: `ingc.plan.config.plan_frame`, in the three pieces of its text."""

    layout: Layout
    default: HostPart
    head: str
    """To the end of the maps."""
    shared: str
    """The blocks that hosts share, and the first servers."""
    tail: str
    reading: Reading
    """The three pieces put together, as they were read."""

    @property
    def text(self) -> str:
        """The three pieces put together."""
        return self.head + self.shared + self.tail


@dataclass(slots=True)
class Printed:
    """What was printed and proved last."""

    config: Config
    text: str
    frame: PrintedFrame
    hosts: dict[str, PrintedHost]
    upstreams: dict[str, PrintedUpstream]
    tally: HostTally
    contents: Contents
    """What the locations share."""
    found: dict[str, Upstream]
    """The upstreams by their names."""
    anybody: Host
    """The host of every name that no other has."""
    named_at_start: frozenset[str]
    """The upstreams with an endpoint that is a name."""
    host_texts: dict[str, str] = field(default_factory=dict)
    """By the name, in the order of the text."""
    upstream_texts: dict[str, str] = field(default_factory=dict)

    def in_order(self, config: Config) -> Sequence[Host]:
        """Return the hosts with a name of a configuration, in the order of their servers."""
        if self.tally.traits.get(REGEX):
            return named_hosts(config)
        return [host for host in config.hosts if host.name != ANY_HOST]

    def arrange(self) -> None:
        """Put the pieces in the order of the text."""
        named = self.in_order(self.config)
        self.host_texts = {item.name: self.hosts[item.name].text for item in named}
        self.upstream_texts = {
            item.name: self.upstreams[item.name].text for item in self.config.upstreams
        }

    def assembled(self) -> str:
        """Return the whole text."""
        frame, upstreams, hosts = self.frame, self.upstream_texts, self.host_texts
        return "".join([frame.head, *upstreams.values(), frame.shared, *hosts.values(), frame.tail])


def keep(config: Config, planned: Plan, text: str, reading: Reading) -> Printed | None:
    """Take a text that was proved as a whole apart; ``None``: it is none that can be kept so."""
    settings = config.settings
    if settings.fragment or settings.passes or config.needs_stream:
        return None  # Passes look at all servers together.
    layout, frame = planned.layout, planned.frame
    own = layout.upstreams[: len(layout.upstreams) - len(frame.upstreams)]
    shared = len(frame.upstreams) + len(frame.servers)
    numbers = (
        len(layout.maps),
        *[1] * len(own),
        shared,
        *(len(part.servers) for part in planned.parts),
    )
    head, *pieces, tail = cut(text, reading, numbers)
    blocks = dict(zip((block.name for block in own), pieces, strict=False))
    around = _frame(planned, reading, (head, pieces[len(own)], tail), len(own))
    contents = Contents.of(config)
    anybody = next(host for host in config.hosts if host.name == ANY_HOST)
    printed = Printed(config, text, around, {}, {}, HostTally(), contents, {}, anybody, frozenset())
    for part, host, piece in zip(planned.parts, planned.hosts, pieces[len(own) + 1 :], strict=True):
        printed.hosts[host.name] = printed_host(host, part, piece)
    return _filled(printed, planned.default, blocks)


def keep_alike(config: Config, alike: Alike) -> Printed | None:
    """Take what was proved by the shapes of its hosts; ``None``: it can't be kept so."""
    printed, small, whole = alike.printed, alike.printed.small, alike.whole
    frame = whole.frame
    around = PrintedFrame(
        printed.frame, small.default, frame.head, frame.shared, frame.tail, alike.reading
    )
    anybody = next(host for host in config.hosts if host.name == ANY_HOST)
    contents = Contents.of(config)
    made = Printed(
        config, whole.text, around, {}, {}, HostTally(), contents, {}, anybody, frozenset()
    )
    for host in config.hosts:
        if host.name in small.parts:
            made.hosts[host.name] = printed_host(
                host, small.parts[host.name], whole.hosts[host.name]
            )
    for shape in printed.shapes:
        mentions = mentions_of(whole.hosts[shape.members[0].host.name])
        for member in shape.members:
            name = member.host.name
            plain = frozenset([member.names[number][1] for number in shape.plain])
            text = whole.hosts[name]
            made.hosts[name] = PrintedHost(member.host, text, shape.demands, plain, mentions)
    return _filled(made, small.default, whole.upstreams)


def _filled(printed: Printed, default: HostPart, blocks: Mapping[str, str]) -> Printed | None:
    """Count what hosts have in common, and add the upstreams; ``None``: two share a name."""
    config, anybody = printed.config, printed.anybody
    for made in printed.hosts.values():
        if not printed.tally.add(made.host, made.mentions, made.plain):
            return None
    if not printed.tally.add(anybody, frozenset(), default.upstreams):
        return None
    printed.upstreams = {
        item.name: printed_upstream(item, blocks.get(item.name, "")) for item in config.upstreams
    }
    printed.found = {item.name: item for item in config.upstreams}
    printed.named_at_start = frozenset(
        item.name for item in config.upstreams if any(end.dns for end in item.endpoints)
    )
    printed.arrange()
    return printed if printed.assembled() == printed.text else None


def _frame(planned: Plan, reading: Reading, pieces: tuple[str, str, str], own: int) -> PrintedFrame:
    layout = planned.frame
    first = len(layout.maps)
    last = first + own + len(layout.upstreams) + len(layout.servers)
    blocks = (*reading.blocks[:first], *reading.blocks[first + own : last])
    return PrintedFrame(layout, planned.default, *pieces, Reading(reading.main, blocks, (), ()))


def printed_host(host: Host, part: HostPart, text: str) -> PrintedHost:
    """Return a host with the text of its servers."""
    return PrintedHost(host, text, part.demands, part.upstreams, mentions_of(text))


def printed_upstream(upstream: Upstream, text: str) -> PrintedUpstream:
    """Return an upstream with the text of its block."""
    return PrintedUpstream(upstream, text, mentions_of(text) if "$" in text else frozenset())
