"""Every string of every scene, hostile: the shape stays what was asked, or it is refused.

An ordinary run takes a part of the pairs of place and text, spread evenly; ``--deep`` takes all,
each text alone and behind the benign one.
"""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from tests.hostile.corpus import BENIGN, Place, Scene, payloads, places, scenes
from tests.hostile.outcome import Outcome, judge, shape
from tests.hostile.tree import Escaped, Tree
from tests.objects import Object
from tests.strategies import deep

PART = 32
"""One of so many pairs is tried in an ordinary run."""


def forms(place: int, payload: int) -> Iterator[bool]:
    """Yield whether a text comes behind the benign one, for each try of a pair."""
    if deep():
        yield from (False, True)
    elif (place + payload) % PART == 0:
        yield bool((place + payload) // PART % 2)


def cases(scene: Scene) -> Iterator[tuple[Place, str, str, bool]]:
    """Yield a place, what a text tries, the text, and whether it comes behind the benign one."""
    for number, place in enumerate(places(scene)):
        for other, (name, text) in enumerate(payloads().items()):
            for behind in forms(number, other):
                yield place, name, text, behind


def judged(place: Place, text: str, shapes: list[Tree], *, behind: bool) -> Outcome:
    """Judge a case. Raises `Escaped`."""
    objects, options = place.filled(text, behind=behind), place.scene.options
    try:
        return judge(objects, options, shapes)
    except Escaped:
        # The shape may be one that other texts in this place ask for.
        return judge(objects, options, [*shapes, *benign_shapes(place)])


def without_each_object(scene: Scene) -> Iterator[list[Object]]:
    for index in range(len(scene.objects)):
        yield copy.deepcopy(scene.objects[:index] + scene.objects[index + 1 :])


def benign_shapes(place: Place) -> Iterator[Tree]:
    """Yield the shapes without the place, and with texts in it that mean no harm."""
    options = place.scene.options
    yield shape(place.emptied(), options)
    for text in BENIGN:
        yield shape(place.filled(text, behind=False), options)
        yield shape(place.filled(text, behind=True), options)


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_no_string_becomes_a_directive(
    scene: Scene, record_property: Callable[[str, object], None]
) -> None:
    shapes: list[Tree] = [shape(scene.objects, scene.options)]
    shapes.extend(shape(objects, scene.options) for objects in without_each_object(scene))
    counts: Counter[str] = Counter()
    escaped = []
    for place, name, text, behind in cases(scene):
        counts["cases"] += 1
        try:
            counts[judged(place, text, shapes, behind=behind)] += 1
        except Escaped as error:
            escaped.append(f"{place}, {name}{' behind' if behind else ''}: {error}")
    counts["unasked"] = len(escaped)
    record_property("hostile", dict(counts))
    assert not escaped, "\n".join(escaped[:20])
    assert counts["compiled"]
    assert counts["refused"]


def test_the_scenes_are_fine_as_they_are() -> None:
    for scene in scenes():
        assert shape(scene.objects, scene.options)
        assert (
            judge(
                copy.deepcopy(scene.objects), scene.options, [shape(scene.objects, scene.options)]
            )
            == "compiled"
        )


def test_every_place_is_a_string() -> None:
    found: list[Place] = [place for scene in scenes() for place in places(scene)]
    assert len(found) > 250
    assert {place.what for place in found} == {"key", "value"}
