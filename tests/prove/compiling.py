"""What the tests of the proof compile."""

from __future__ import annotations

import ingc
from ingc.options import OnError
from ingc.plan import Layout
from ingc.prove import Proofs
from ingc.prove.structure import Mismatch, read_structure
from ingc.target import Version
from tests.objects import path, rule
from tests.shop import ingress


def compiled(*paths: str, on_error: OnError = "fail") -> ingc.Result:
    """Compile one host with these paths, and another."""
    asked = ingress("web", rule("a.test", *(path(text, "web") for text in paths)))
    other = ingress("other", rule("b.test", path("/", "web")))
    options = ingc.Options(resolve_at_start=("*",))
    return ingc.compile([asked, other], options, on_error=on_error)


def prove_structure(text: str, layout: Layout, target: Version) -> Mismatch | None:
    """Return the first difference between a text and its layout; ``None``: there is none."""
    found = read_structure(text, layout, target, Proofs())
    return found if isinstance(found, Mismatch) else None
