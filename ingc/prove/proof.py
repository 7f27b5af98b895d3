"""The whole proof of a text."""

from __future__ import annotations

from dataclasses import replace

from ingc.ir import Config, Host
from ingc.ir.start_names import allowed_at_start
from ingc.model import NotModelled
from ingc.model.starting import refusals
from ingc.model.tree import Statement
from ingc.plan.layout import Layout
from ingc.prove.blocks import line_of
from ingc.prove.plain_names import PlainFault, PlainNames
from ingc.prove.proofs import Proofs
from ingc.prove.routing import Difference, RoutingProof
from ingc.prove.starting import unstartable
from ingc.prove.structure import Mismatch, Reading, read_structure
from ingc.prove.unproved import Unproved
from ingc.syntax.pcre import patience


def prove(
    text: str, layout: Layout, config: Config, proofs: Proofs | None = None
) -> tuple[Unproved, ...]:
    """Return what is wrong with a text, at most one finding a host; none: it is proved.

    Where the text is right in all else: why nginx would not start with it.
    """
    return prove_text(text, layout, config, proofs or Proofs())[0]


def prove_text(
    text: str, layout: Layout, config: Config, kept: Proofs
) -> tuple[tuple[Unproved, ...], Reading | None]:
    """Return what `prove` returns, and the text as it was read; ``None``: it could not be."""
    reading = read_structure(text, layout, config.settings.target, kept)
    if isinstance(reading, Mismatch):
        return (Unproved(reading.why, reading.line, _host_of(reading, layout, config)),), None
    return _prove_reading(text, layout, config, kept, reading), reading


def _prove_reading(
    text: str, layout: Layout, config: Config, kept: Proofs, reading: Reading
) -> tuple[Unproved, ...]:
    try:
        plain = PlainNames(reading, config.settings.target)
        faults = tuple(_at_fault(item, reading, config, text) for item in plain.faults())
        if faults:
            return faults
        with patience():
            found = RoutingProof(config, plain.reading, kept).differences()
            differences = tuple(replace(item, server=plain.as_read(item.server)) for item in found)
        if differences:
            return tuple(_placed(item, reading, text) for item in differences)
        return unstartable(text, layout, config, reading)
    except NotModelled as error:
        return (Unproved(str(error), error.line, None),)


def is_proved(config: Config, reading: Reading, kept: Proofs) -> bool:
    """Return whether what was read does what a configuration expects, and lets nginx start."""
    try:
        with patience():
            plain = PlainNames(reading, config.settings.target)
            for _ in (*plain.faults(), *RoutingProof(config, plain.reading, kept).differences()):
                return False
            for _ in refusals(reading.main, reading.whole_http(), allowed_at_start(config)):
                return False
    except NotModelled:
        return False
    return True


def _host_of(mismatch: Mismatch, layout: Layout, config: Config) -> Host | None:
    if mismatch.server is None or mismatch.server >= len(layout.servers):
        return None
    title = layout.servers[mismatch.server].title
    return next((host for host in config.hosts if host.name == title), None)


def _at_fault(fault: PlainFault, reading: Reading, config: Config, text: str) -> Unproved:
    host = next((host for host in config.hosts if fault.name in host.names), None)
    line = _line(fault.server, fault.server.line, reading, text)
    return Unproved(str(fault), line, host, fault.name)


def _placed(difference: Difference, reading: Reading, text: str) -> Unproved:
    line = _line(difference.server, difference.line, reading, text)
    return Unproved(str(difference), line, difference.host, difference.request)


def _line(server: Statement | None, within: int, reading: Reading, text: str) -> int:
    """Return the line of the text that is a line within a block; 0: it is not known."""
    if server is None or not within:
        return 0
    placed = (n for n, block in enumerate(reading.blocks) if block is server)
    place = next(placed, None)
    # Each block was read inside an http that adds one line.
    return 0 if place is None else line_of(text, reading.starts[place]) + within - 2
