"""Plans, prints and proves one host for all hosts that differ from it in names alone.

What comes out is the text that `ingc.plan` and `ingc.emit` give for the whole, byte for byte, or
nothing: then the whole is planned, printed and proved.
"""

from __future__ import annotations

from ingc.alike.printing import print_shapes
from ingc.alike.proof import ProvedAlike, prove_shapes
from ingc.alike.shapes import shapes_of
from ingc.ir import Config
from ingc.model import NotModelled
from ingc.plan.layout import Unsafe
from ingc.prove import Proofs
from ingc.syntax.token import Unprintable

__all__ = ["ProvedAlike", "print_alike"]

_FEWEST = 4
_WORTH = 16


def print_alike(
    config: Config, proofs: Proofs, fewest: int = _FEWEST, worth: int = _WORTH
) -> ProvedAlike | None:
    """Print and prove a configuration by its shapes; ``None``: it has to be proved as a whole.

    ``fewest`` hosts make a shape, and ``worth`` hosts have to be spared by it.
    """
    settings = config.settings
    if settings.fragment or settings.passes or config.needs_stream:
        return None  # Passes look at all servers together.
    if len(config.hosts) <= worth:
        return None
    shapes = shapes_of(config, fewest)
    if sum(map(len, shapes.alike)) - len(shapes.alike) < worth:
        return None
    try:
        return prove_shapes(print_shapes(config, shapes), config, proofs)
    except (Unsafe, Unprintable, NotModelled, LookupError):
        return None  # What is wrong, the whole proof says.
