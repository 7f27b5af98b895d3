"""StepPrinter and proving one configuration after the other, of which little differs."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingc import ir
from ingc.alike import print_alike
from ingc.emit import render
from ingc.engine.differing import differing
from ingc.engine.part_proof import PartProof
from ingc.engine.printed import Printed, keep, keep_alike
from ingc.engine.step import Stepping, take
from ingc.engine.tally import names_of, traits_of
from ingc.model import NotModelled
from ingc.plan import plan_parts
from ingc.plan.layout import Unsafe
from ingc.prove import Proofs, Unproved, Unstartable, prove_text, unprintable
from ingc.syntax.token import Unprintable


@dataclass(frozen=True, slots=True)
class RefusedNames:
    """A configuration that nginx would refuse for the names of its servers alone."""

    config: ir.Config
    found: tuple[Unstartable, ...]

    @classmethod
    def of(cls, config: ir.Config, found: tuple[Unproved, ...]) -> RefusedNames | None:
        """Return it; ``None``: something else is wrong too, or nothing is."""
        of_names = tuple(
            item
            for item in found
            if isinstance(item, Unstartable)
            and item.size is not None
            and all(share.host is not None for share in item.shares)
        )
        return cls(config, of_names) if found and len(of_names) == len(found) else None

    def is_still(self, config: ir.Config) -> bool:
        """Return whether another configuration has the same names on the same sockets."""
        found = differing(self.config, config)
        if found is None:
            return False
        before, after = (
            {host.name: (names_of(host), host.https, traits_of(host)) for host in hosts}
            for hosts in (found.gone, found.came)
        )
        return before == after


@dataclass(slots=True)
class StepPrinter:
    """Keeps what it printed last, and the proof of it.

    What it returns is what `ingc.compiler.print_whole` returns for the same configuration.
    """

    proofs: Proofs = field(default_factory=Proofs)
    """Of whole texts."""
    _of_parts: Proofs = field(default_factory=Proofs)
    _kept: Printed | None = None
    _refused: RefusedNames | None = None
    went_by_step: bool = False
    """Whether the last one was printed by what differs."""

    def __call__(self, config: ir.Config) -> tuple[str, tuple[Unproved, ...]]:
        """Print and prove a configuration: by what differs from the last one, or as a whole."""
        if self._refused is not None and self._refused.is_still(config):
            return "", self._refused.found
        text = self._next(config)
        self.went_by_step = text is not None
        if text is not None:
            return text, ()
        text, found = self._whole(config)
        self._refused = RefusedNames.of(config, found) or self._refused
        return text, found

    def _next(self, config: ir.Config) -> str | None:
        kept = self._kept
        found = differing(kept.config, config) if kept is not None else None
        if kept is None or found is None:
            return None
        if found.is_nothing:
            kept.config = config
            return kept.text
        try:
            step = Stepping(kept, config, found, self._of_parts).step()
            if step is None or not PartProof(kept, step, self._of_parts).holds():
                return None
        except (Unsafe, Unprintable, NotModelled, LookupError):
            return (
                None  # What is wrong, or what the IR names and does not have, the whole proof says.
            )
        finally:
            self._of_parts.end_compile()
        self._kept = None  # So that nothing half done stays after an error.
        take(kept, step)
        self._kept = kept
        return kept.text

    def _whole(self, config: ir.Config) -> tuple[str, tuple[Unproved, ...]]:
        alike = print_alike(config, self.proofs)
        if alike is not None:
            self._kept = keep_alike(config, alike)
            return alike.whole.text, ()
        planned = plan_parts(config)
        layout = planned.layout
        try:
            text = render(layout)
        except (Unsafe, Unprintable) as error:
            unproved = (Unproved(str(error), 0, None),)
            return "", unprintable(layout, config) or unproved
        found, reading = prove_text(text, layout, config, self.proofs)
        if not found and reading is not None:
            self._kept = keep(config, planned, text, reading)
        if not all(isinstance(item, Unstartable) for item in found):
            # What was proved before is not compared again, so another may be found first.
            found, _ = prove_text(text, layout, config, Proofs())
        return text, found
