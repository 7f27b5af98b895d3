"""Plans and prints one host for all that differ from it in names alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from ingc.alike.representative import (
    VARIANTS,
    Representative,
    representative_of,
    unused_word,
)
from ingc.alike.shapes import AlikeHost, Key, Shapes, names_of_upstream, upstream_key
from ingc.alike.template import Template, template_of
from ingc.emit import render_blocks
from ingc.ir import Config, Host, Settings, Upstream
from ingc.plan import Layout
from ingc.plan.config import named_hosts, plan_frame, plan_hosts
from ingc.plan.contents import Contents
from ingc.plan.layout import Server, UpstreamBlock
from ingc.plan.parts import Demands, HostPart
from ingc.plan.servers import plan_default
from ingc.plan.upstreams import plan_upstream


@dataclass(frozen=True, slots=True)
class PrintedShape:
    """The servers of all hosts of a shape."""

    members: tuple[AlikeHost, ...]
    representative: Representative
    servers: Template
    demands: Demands
    plain: tuple[int, ...]
    """The numbers of the upstreams that some route uses as they are."""


@dataclass(frozen=True, slots=True)
class Small:
    """A configuration in which one host stands for all of its shape, in the pieces of its text."""

    config: Config
    default: HostPart
    parts: Mapping[str, HostPart]
    """By the host, those with a name."""
    upstreams: Mapping[str, UpstreamBlock]
    """By the name, those that some route uses as they are."""
    texts: Mapping[str, str]
    """The servers of each host."""
    blocks: Mapping[str, str]
    """Of each upstream."""


@dataclass(frozen=True, slots=True)
class PrintedAlike:
    """A configuration, planned and printed by shapes; what all hosts share is not printed yet."""

    small: Small
    shapes: tuple[PrintedShape, ...]
    upstreams: Mapping[Key, Template]
    """By what they have in common; the holes are for `names_of_upstream`."""
    frame: Layout


def print_shapes(config: Config, shapes: Shapes) -> PrintedAlike:
    """Plan and print a configuration by its shapes.

    A host that stands for others is planned and printed under two sets of names first. What comes
    out has to differ in these names alone, and need the same of what all hosts share; else its
    shape is none, and each of its hosts is planned. Raises as `ingc.emit.render`.
    """
    anybody = shapes.others[:1]
    contents, word = Contents.of(config), unused_word(_names(config))
    standing = [
        [
            representative_of(members[0], word, number, variant, contents.upstreams)
            for number, members in enumerate(shapes.alike)
        ]
        for variant in VARIANTS
    ]
    both = [_small(config, contents, anybody, hosts) for hosts in standing]
    printed: list[PrintedShape] = []
    others = list(shapes.others)
    blocks: dict[Key, Template] = {}
    for some, *pair in zip(shapes.alike, *standing, strict=True):
        made = _print_shape(some, pair, both)
        if made is not None and _templates(blocks, pair, both):
            printed.append(made)
        else:
            others += [item.host for item in some]
    small = _small(config, contents, others, [shape.representative for shape in printed])
    frame = _frame(config, contents, small, printed)
    return PrintedAlike(small, tuple(printed), blocks, frame)


def _names(config: Config) -> Iterator[str]:
    """Yield all names of hosts, patterns too, and of upstreams."""
    for host in config.hosts:
        yield from (*host.names, host.twin or "") if host.features else (host.name,)
    yield from (upstream.name for upstream in config.upstreams)


def _small(
    config: Config,
    whole: Contents,
    others: Sequence[Host],
    standing: Sequence[Representative],
) -> Small:
    """Plan and print some hosts; ``whole`` is what all locations of the configuration share.

    Some of that is there for hosts which are left out here.
    """
    found = whole.upstreams
    hosts = sorted((*others, *(item.host for item in standing)), key=lambda host: host.name)
    made = {upstream.name: upstream for item in standing for upstream in item.upstreams}
    used = {name for host in hosts for r in (*host.routes, host.default) for name in r.upstreams}
    real = [found[name] for name in sorted(used - made.keys()) if name in found]
    upstreams = sorted((*real, *made.values()), key=lambda item: item.name)
    small = replace(config, hosts=tuple(hosts), upstreams=tuple(upstreams))
    contents = whole.of_next(small, {item.name: item for item in upstreams})
    named = named_hosts(small)
    parts = dict(
        zip([h.name for h in named], plan_hosts(named, contents, small.hosts), strict=True)
    )
    default = plan_default(small, contents, grpc=any(p.demands.grpc for p in parts.values()))
    plain = default.upstreams.union(*(part.upstreams for part in parts.values()))
    blocks = _blocks([item for item in upstreams if item.name in plain], config.settings)
    texts = {name: _print((), part.servers) for name, part in parts.items()}
    printed = {name: _print((block,), ()) for name, block in blocks.items()}
    return Small(small, default, parts, blocks, texts, printed)


def _blocks(upstreams: Sequence[Upstream], settings: Settings) -> dict[str, UpstreamBlock]:
    made = ((item.name, plan_upstream(item, settings)) for item in upstreams)
    return {name: block for name, block in made if block is not None}


def _print(upstreams: tuple[UpstreamBlock, ...], servers: tuple[Server, ...]) -> str:
    return render_blocks(Layout(True, (), (), (), (), upstreams, servers))


def _print_shape(
    members: tuple[AlikeHost, ...], standing: Sequence[Representative], both: Sequence[Small]
) -> PrintedShape | None:
    first, second = standing
    part, other = (made.parts[item.host.name] for made, item in zip(both, standing, strict=True))
    text, expected = (made.texts[item.host.name] for made, item in zip(both, standing, strict=True))
    template = template_of(text, first.names)
    plain = tuple([n for n, name in enumerate(first.names) if name in part.upstreams])
    if (
        not template.takes_any_name()
        or template.filled(second.names) != expected
        or part.demands != other.demands
        or len(plain) != len(part.upstreams)
        or {second.names[number] for number in plain} != other.upstreams
    ):
        return None
    return PrintedShape(members, first, template, part.demands, plain)


def _templates(
    known: dict[Key, Template], standing: Sequence[Representative], both: Sequence[Small]
) -> bool:
    """Add the blocks of the upstreams of a shape; return whether they differ in names alone."""
    for pair in zip(*(item.upstreams for item in standing), strict=True):
        key = upstream_key(pair[0])
        texts = [made.blocks.get(item.name) for made, item in zip(both, pair, strict=True)]
        if key is None or texts == [None, None] or key in known:
            continue
        if texts[0] is None or texts[1] is None:
            return False
        names = [names_of_upstream(item) for item in pair]
        template = template_of(texts[0], names[0])
        if not template.takes_any_name() or template.filled(names[1]) != texts[1]:
            return False
        known[key] = template
    return True


def _frame(
    config: Config, contents: Contents, small: Small, shapes: Sequence[PrintedShape]
) -> Layout:
    """Plan what all hosts share."""
    demands = {name: part.demands for name, part in small.parts.items()}
    for shape in shapes:
        demands.update((member.host.name, shape.demands) for member in shape.members)
    hosts = named_hosts(config)
    return plan_frame(
        config,
        contents,
        small.default,
        hosts,
        [demands[host.name] for host in hosts],
    )


def plain_upstreams(printed: PrintedAlike) -> dict[str, None]:
    """Return the upstreams that some route uses as they are, those of hosts that stand in too."""
    found = dict.fromkeys(printed.small.upstreams)
    for shape in printed.shapes:
        for member in shape.members:
            found.update((member.names[number][1], None) for number in shape.plain)
    return found
