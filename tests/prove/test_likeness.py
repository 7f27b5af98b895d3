"""Hosts that differ in names are one problem, where to find that out costs less than to prove."""

from __future__ import annotations

import dataclasses

from ingc.ir import Prefix
from ingc.prove.canonical import likeness
from tests.match.by_hand import host, route


def test_a_host_with_many_names_is_proved_by_itself() -> None:
    """Each name is looked for in the whole: the square of their number."""
    few = host("a.test", *(route(Prefix(f"/{n}"), f"web{n}") for n in range(5)))
    other = dataclasses.replace(few, name="b.test")
    assert likeness(few, ("a.test",)) == likeness(other, ("b.test",)) != ""
    many = host("a.test", *(route(Prefix(f"/{n}"), f"web{n}") for n in range(500)))
    assert likeness(many, ()) == ""
