"""That a text is proved if that of the hosts which stand for others is.

The proof of a smaller configuration, in which one host stands for each shape, is that of all,
because its name, and those of its Ingress, Services, upstreams and files, may be exchanged: here is
checked that they may, and that the text holds the proved pieces with the IR's names in them, and
nothing else. What that rests on is in docs/proof.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingc.alike.pieces import AlikeText, FrameText, Pieces, print_frame
from ingc.alike.printing import PrintedAlike
from ingc.alike.shapes import Apart, names_of_upstream, upstream_key
from ingc.alike.template import Template
from ingc.ir import Config
from ingc.model.starting import names_fit, variables_fit
from ingc.model.tree import VARIABLE_BLOCKS, Statement
from ingc.plan import Layout
from ingc.prove import Mismatch, Proofs, Reading, is_proved, read_structure
from ingc.prove.server_names import have_twins

_VARIABLE = re.compile(r"\$\{?(\w+)").findall


@dataclass(frozen=True, slots=True)
class Alike:
    """A configuration whose text is made by shapes."""

    printed: PrintedAlike
    whole: AlikeText
    reading: Reading
    """What all hosts share, as it was read; nothing where it is not proved."""


def put_together(printed: PrintedAlike, config: Config) -> Alike | None:
    """Return the whole configuration without a proof. Raises as `ingc.emit.render`."""
    whole = _put_together(printed, Pieces(printed, config))
    return None if whole is None else Alike(printed, whole, Reading((), (), ()))


def _put_together(printed: PrintedAlike, pieces: Pieces) -> AlikeText | None:
    if not (_stand_for_all(printed) and pieces.all_there()):
        return None
    return pieces.put_together(print_frame(printed.frame))


def prove_shapes(printed: PrintedAlike, config: Config, proofs: Proofs) -> Alike | None:
    """Return the whole configuration, proved; ``None``: it is not known to do what is expected.

    Raises what `is_proved` and `ingc.emit.render` raise.
    """
    pieces, target = Pieces(printed, config), config.settings.target
    whole = _put_together(printed, pieces)
    if whole is None:
        return None
    frame = read_structure(whole.frame.text, printed.frame, target, proofs)
    blocks = _read_small(printed, config, proofs)
    if isinstance(frame, Mismatch) or blocks is None:
        return None
    if not (
        _is_apart(printed)
        and all(item.takes_any_name() for item in _templates(printed))
        and _tables_hold_all(printed, frame, whole.frame, config)
        and _is_proved(printed, frame, blocks, proofs)
        and pieces.are_all_of(whole.text, whole.frame)
    ):
        return None
    return Alike(printed, whole, frame)


def _stand_for_all(printed: PrintedAlike) -> bool:
    """Return whether what others get is the text of the hosts that stand for them, which is proved.

    Each piece ends with its last line, whatever comes after it.
    """
    small = printed.small
    for shape in printed.shapes:
        standing = shape.representative
        if small.texts[standing.host.name] != shape.servers.filled(standing.names):
            return False
        plain = {standing.names[number] for number in shape.plain}
        for upstream in standing.upstreams:
            key = upstream_key(upstream)
            if upstream.name in plain and (
                key is None
                or small.blocks[upstream.name]
                != printed.upstreams[key].filled(names_of_upstream(upstream))
            ):
                return False
    pieces = (*small.texts.values(), *small.blocks.values())
    return all(text.endswith("\n") for text in pieces if text)


def _templates(printed: PrintedAlike) -> Iterator[Template]:
    yield from (shape.servers for shape in printed.shapes)
    yield from printed.upstreams.values()


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


def _tables_hold_all(
    printed: PrintedAlike, frame: Reading, text: FrameText, config: Config
) -> bool:
    """nginx's tables of all names and of all variables."""
    http = next(item for item in frame.main if item.name == "http")
    names = {"_", *(name for host in config.hosts for name in (*host.names, host.twin) if name)}
    exact = [name for name in names if not name.startswith(("*.", "~"))]
    found = {item.args[-1] for item in frame.blocks if item.name in VARIABLE_BLOCKS}
    for each in (*printed.small.texts.values(), text.text):
        found.update(f"${name}" for name in _VARIABLE(each))
    return names_fit(http, exact) and variables_fit(
        http, [name for name in found if name.startswith("$")]
    )


def _is_proved(
    printed: PrintedAlike, frame: Reading, blocks: Sequence[Statement], proofs: Proofs
) -> bool:
    shared = []
    for item in frame.blocks:
        made = _with_representatives(item, printed) if item.name == "server" else item
        if made is None:
            return False
        shared.append(made)
    maps = [item for item in shared if item.name in VARIABLE_BLOCKS]
    upstreams = [item for item in (*blocks, *shared) if item.name == "upstream"]
    servers = [item for item in (*shared, *blocks) if item.name == "server"]
    if have_twins(servers):
        return False
    reading = Reading(frame.main, (*maps, *upstreams, *servers), ())
    return is_proved(printed.small.config, reading, proofs)


def _with_representatives(server: Statement, printed: PrintedAlike) -> Statement | None:
    """Return a server of many hosts with one name for all of a shape; ``None``: some lack there."""
    names = [name for item in server.all("server_name") for name in item.args]
    there = set(names)
    if len(names) != sum(1 for _ in server.all("server_name")):
        return None
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
