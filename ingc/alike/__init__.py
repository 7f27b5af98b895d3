"""Plans, prints and proves one host for all hosts that differ from it in names alone.

What comes out is the text that `ingc.plan` and `ingc.emit` give for the whole, byte for byte, or
nothing: then the whole is planned, printed and proved.
"""

from __future__ import annotations

from ingc.alike.printing import print_shapes
from ingc.alike.proof import Alike, prove_shapes, put_together
from ingc.alike.shapes import shapes_of
from ingc.ir import Config
from ingc.model import NotModelled
from ingc.plan.layout import Unsafe
from ingc.prove import Proofs
from ingc.syntax.token import Unprintable

__all__ = ["Alike", "print_alike"]

_FEWEST = 4
_WORTH = 16


def print_alike(
    config: Config, proofs: Proofs | None, fewest: int = _FEWEST, worth: int = _WORTH
) -> Alike | None:
    """Print and prove a configuration by its shapes; ``None``: it has to be proved as a whole.

    Without ``proofs`` it is not proved. ``fewest`` hosts make a shape, and ``worth`` hosts have to
    be spared by it.
    """
    settings = config.settings
    if settings.fragment or settings.passes:
        return None  # What all hosts need stands in each server; passes look at all together.
    if len(config.hosts) <= worth:
        return None
    shapes = shapes_of(config, fewest)
    if sum(map(len, shapes.alike)) - len(shapes.alike) < worth:
        return None
    try:
        printed = print_shapes(config, shapes)
        if proofs is None:
            return put_together(printed, config)
        return prove_shapes(printed, config, proofs)
    except (Unsafe, Unprintable, NotModelled, LookupError):
        return None  # What is wrong, the whole proof says.
