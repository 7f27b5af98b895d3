"""Whatever the hostile corpus leaves standing, nginx reads as it was meant."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from ingc.nginx import Nginx
from ingc.serve.config_test import rehearse
from ingc.target import format_version
from tests.hostile.attacks import OPTIONS, Attack, attacks
from tests.hostile.corpus import Scene, scenes
from tests.hostile.outcome import compiled
from tests.hostile.test_every_string import cases
from tests.nginx.streams import stream_module
from tests.objects import Object

SOME = 6
"""One of so many cases of a scene is tried."""


def refused_by(nginx: Nginx, objects: list[Object], scene: Scene) -> tuple[str, ...]:
    """Return what nginx has against what is made of objects."""
    version = format_version(nginx.version)
    module = stream_module(nginx)
    options = dataclasses.replace(scene.options, nginx_version=version, stream_module=module)
    result = compiled(objects, options, isolate=True)
    assert result.ir is not None
    test = rehearse(nginx, result.ir)
    return () if test.ok else test.messages


@pytest.mark.parametrize("attack", attacks(), ids=lambda attack: attack.name)
def test_nginx_reads_what_is_left_of_an_attack(nginx: Nginx, attack: Attack) -> None:
    assert not refused_by(nginx, attack.objects, Scene(attack.name, [], OPTIONS))


@pytest.mark.parametrize("scene", scenes(), ids=lambda scene: scene.name)
def test_nginx_reads_what_is_left_of_a_scene(nginx: Nginx, scene: Scene) -> None:
    seen = set()
    faults = []
    for place, name, text, behind in itertools.islice(cases(scene), 0, None, SOME):
        objects = place.filled(text, behind=behind)
        config = compiled(objects, scene.options, isolate=True).config
        if config not in seen:
            seen.add(config)
            faults += [(str(place), name, m) for m in refused_by(nginx, objects, scene)]
    assert not faults
