"""A controller's nginx.conf that is cut off, or has lost lines: it is refused or answered."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingc.diff import compare
from ingc.explain import BadConf, read_conf, read_question
from ingc.explain.api import teller_of
from ingc.explain.text import story_as_text
from tests.explain.controller import FOLDER, VERSIONS, compiled, manifests
from tests.strategies import deep

URLS = (
    "http://shop.example.com/cart",
    "https://api.example.com/v1/x",
    "https://www.example.com/",
    "http://example.com/",
    "http://nobody.example.com/",
    "http://a.test:5432/",
)


def cut(lines: list[str], _: random.Random) -> Iterator[str]:
    for number in range(0, len(lines), 1 if deep() else 61):
        yield "".join(lines[:number])


def dropped(lines: list[str], rng: random.Random) -> Iterator[str]:
    for _ in range(600 if deep() else 30):
        gone = set(rng.sample(range(len(lines)), rng.choice((1, 1, 2, 5, 20, 100))))
        yield "".join(line for number, line in enumerate(lines) if number not in gone)


def mangled(lines: list[str], rng: random.Random) -> Iterator[str]:
    for _ in range(600 if deep() else 30):
        found = list(lines)
        for number in rng.sample(range(len(found)), rng.choice((1, 2, 5))):
            words = found[number].split(" ")
            rng.shuffle(words)
            found[number] = rng.choice(
                (" ".join(words), found[number][: rng.randrange(len(found[number]) + 1)], "\0{};\n")
            )
        yield "".join(found)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("mutilate", [cut, dropped, mangled])
def test_it_is_refused_or_answered(tmp_path: Path, version: str, mutilate: object) -> None:
    assert callable(mutilate)
    text = (FOLDER / f"controller-{version}.conf").read_text("utf-8")
    path = tmp_path / "old.conf"
    for content in mutilate(text.splitlines(keepends=True), random.Random(7)):  # noqa: S311
        path.write_text(content, "utf-8")
        began = time.process_time()
        try:
            conf = read_conf(path)
        except BadConf as error:
            assert "old.conf" in str(error)
        else:
            for url in URLS:
                assert story_as_text(teller_of(conf).tell(read_question(url)), color=False)
            assert all(item["line"] for item in conf.passed)
        assert time.process_time() - began < 10


def test_a_migration_from_it_is_compared(tmp_path: Path) -> None:
    text = (FOLDER / "controller-1.15.conf").read_text("utf-8")
    lines, rng, result = text.splitlines(keepends=True), random.Random(11), compiled(manifests())  # noqa: S311
    path, compared = tmp_path / "old.conf", 0
    for content in [*dropped(lines, rng)][: 30 if deep() else 6]:
        path.write_text(content, "utf-8")
        try:
            conf = read_conf(path)
        except BadConf:
            continue
        compare(conf, result)
        compared += 1
    assert compared
