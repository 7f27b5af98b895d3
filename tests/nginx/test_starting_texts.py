"""The rules by which nginx does not start, held against nginx on random texts of every kind."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ingc.model.starting import refusals
from ingc.model.tree import read_statements
from ingc.nginx import Nginx, free_ports
from ingc.nginx import test as ask_nginx
from ingc.prove.parsing import RefusedText, parse
from tests.nginx.conf import conf, write
from tests.nginx.starting_texts import KINDS
from tests.strategies import deep

ROUNDS = 15
"""Of each kind, and as many of each version of nginx; with ``--deep`` twenty times more."""


@pytest.mark.parametrize("kind", KINDS)
def test_nginx_starts_where_no_rule_is_broken(nginx: Nginx, prefix: Path, kind: str) -> None:
    first, second = map(str, free_ports(2))
    outcomes = set()
    for number in range(ROUNDS * (20 if deep() else 1)):
        seed = f"{kind} {nginx.version} {number}"
        draw = random.Random(seed)  # noqa: S311 - it has to be the same again
        http = KINDS[kind](draw).replace("LISTEN", first).replace("OTHER", second)
        text = conf(http).replace("connections 64", f"connections {draw.choice((2, 3, 64, 64))}")
        parsed = parse(text)
        assert not isinstance(parsed, RefusedText)
        statements = read_statements(parsed)
        block = next(item for item in statements if item.name == "http")
        found = [refusal.why for refusal in refusals(statements, block)]
        asked = ask_nginx(nginx, prefix, write(prefix, text))
        grave = [line for line in asked.messages if "[emerg]" in line]
        assert asked.ok == (not found), f"{seed}: {grave}, the model says {found}"
        outcomes.add(asked.ok)
    assert outcomes == {True, False}
