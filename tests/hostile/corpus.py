"""The corpus: what is put where. Both are data, in payloads.yaml and scenes.yaml beside this."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml

import ingc
from tests.objects import Object
from tests.resolve.pairs import NOW, fill

HERE = Path(__file__).parent
NGINX = "1.31"

BENIGN = (
    "x",
    "5$",
    "/x",
    "/x/",
    "x.test",
    "*.x.test",
    "1",
    "true",
    "IPv4",
    "ClusterIP",
    "Prefix",
    "Exact",
)
"""Texts without anything hostile, whose shapes a place may take as well."""

Path_ = tuple[str | int, ...]
_MAPS_OF_STRINGS = ("labels", "annotations", "data", "stringData", "selector")
"""Where the keys are the user's as well."""


@dataclass(frozen=True)
class Scene:
    """Benign objects, and the options to compile them with."""

    name: str
    objects: list[Object] = field(repr=False)
    options: ingc.Options = field(repr=False)


@dataclass(frozen=True)
class Place:
    """A string in a scene: the value at a path, or the key that the path ends with."""

    scene: Scene
    path: Path_
    what: Literal["value", "key"]

    def __str__(self) -> str:
        kind = self.scene.objects[int(self.path[0])]["kind"]
        inner = ".".join(map(str, self.path[1:]))
        return f"{self.scene.name}: {kind} {inner}{' (key)' if self.what == 'key' else ''}"

    def filled(self, text: str, *, behind: bool) -> list[Object]:
        """Return the objects with a text in the place, or ``behind`` what is there."""
        objects = copy.deepcopy(self.scene.objects)
        inner: Any = objects
        for part in self.path[:-1]:
            inner = inner[part]
        last = self.path[-1]
        if self.what == "value":
            inner[last] = inner[last] + text if behind else text
        else:
            inner[str(last) + text if behind else text] = inner.pop(last)
        return objects

    def emptied(self) -> list[Object]:
        """Return the objects without the place."""
        objects = copy.deepcopy(self.scene.objects)
        inner: Any = objects
        for part in self.path[:-1]:
            inner = inner[part]
        del inner[self.path[-1]]
        return objects


@cache
def payloads() -> dict[str, str]:
    """Return the hostile texts by what they try."""
    listed = yaml.safe_load((HERE / "payloads.yaml").read_text(encoding="utf-8"))
    return {
        name: text[0] * text[1] if isinstance(text, list) else text for name, text in listed.items()
    }


@cache
def scenes() -> tuple[Scene, ...]:
    """Return the benign scenes."""
    listed = yaml.safe_load(fill((HERE / "scenes.yaml").read_text(encoding="utf-8")))
    return tuple(
        Scene(
            name,
            scene["objects"],
            ingc.Options(now=NOW, nginx_version=NGINX, **scene.get("options", {})),
        )
        for name, scene in listed.items()
    )


def places(scene: Scene) -> Iterator[Place]:
    """Yield every string of a scene."""
    yield from _places(scene, scene.objects, ())


def _places(scene: Scene, value: Any, path: Path_) -> Iterator[Place]:
    if isinstance(value, str):
        yield Place(scene, path, "value")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(scene, item, (*path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            if path and path[-1] in _MAPS_OF_STRINGS:
                yield Place(scene, (*path, key), "key")
            yield from _places(scene, item, (*path, key))
