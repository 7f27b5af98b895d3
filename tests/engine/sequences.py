"""Sequences of changes over the objects of golden cases: every kind of object, every feature."""

from __future__ import annotations

import copy
import dataclasses
import random
from functools import cache
from typing import Any

import yaml

from ingc.options import Options
from tests.golden.case import Case, all_cases

Object = dict[str, Any]


@cache
def cases() -> tuple[tuple[Case, tuple[Object, ...]], ...]:
    """Return the golden cases with what PyYAML makes of their objects, where it can."""
    found = []
    for case in all_cases():
        try:
            text = (case.folder / "input.yaml").read_text(encoding="utf-8")
            documents = list(yaml.safe_load_all(text))
        except (yaml.YAMLError, UnicodeDecodeError):
            continue
        objects = [
            item
            for document in documents
            if isinstance(document, dict)
            for item in document.get("items", [document]) or ()
            if isinstance(item, dict)
        ]
        found.append((case, tuple(objects)))
    return tuple(found)


@cache
def annotations() -> tuple[tuple[str, str], ...]:
    """Return the annotations of all Ingresses of the goldens."""
    found: dict[tuple[str, str], None] = {}
    for _, objects in cases():
        for item in objects:
            metadata = item.get("metadata")
            given = metadata.get("annotations") if isinstance(metadata, dict) else None
            if isinstance(given, dict):
                found.update({(k, v): None for k, v in given.items() if isinstance(v, str)})
    return tuple(found)


class Sequence:
    """Objects of some golden cases, and changes of them that chance chooses."""

    def __init__(self, seed: int) -> None:
        """Choose the cases; the first has its options, and the ConfigMap that they name."""
        self._chosen = random.Random(seed)  # noqa: S311
        some = self._chosen.sample(cases(), 3)
        if self._chosen.random() < 0.4:
            some[0] = self._chosen.choice([each for each in cases() if each[0].options.configmap])
        options = some[0][0].options
        namespace = self._chosen.choice((options.namespace, "shop", "other"))
        strict = self._chosen.random() < 0.2
        self.options: Options = dataclasses.replace(options, namespace=namespace, strict=strict)
        self._pool = [item for _, objects in some for item in objects]

    def first(self) -> list[Object]:
        """Return most of the objects."""
        return [item for item in self._pool if self._chosen.random() < 0.8]

    def change(self) -> tuple[list[Object], list[Object]]:
        """Return what comes or changes, and what goes."""
        upserts, deletes = [], []
        for _ in range(self._chosen.randint(1, 2)):
            kind = self._chosen.choice(sorted({str(item.get("kind")) for item in self._pool}))
            item = self._chosen.choice([i for i in self._pool if str(i.get("kind")) == kind])
            how = self._chosen.random()
            if how < 0.3:
                deletes.append(item)
            if not 0.1 < how < 0.3:
                upserts.append(self._another(item))
        return upserts, deletes

    def _another(self, item: Object) -> Object:
        made = copy.deepcopy(item)
        how = self._chosen.random()
        if how < 0.2:
            return made
        if how < 0.6 and made.get("kind") == "Ingress" and isinstance(made.get("metadata"), dict):
            given = made["metadata"].get("annotations")
            others = dict([self._chosen.choice(annotations())])
            made["metadata"]["annotations"] = {
                **(given if isinstance(given, dict) else {}),
                **others,
            }
            return made
        places = list(_places(made))
        if places:
            inside, key = self._chosen.choice(places)
            other = self._chosen.choice(self._pool)
            values = [inner[name] for inner, name in _places(other) if name == key]
            if values and self._chosen.random() < 0.7:
                inside[key] = copy.deepcopy(self._chosen.choice(values))
            else:
                del inside[key]
        return made


def _places(value: object) -> list[tuple[Any, Any]]:
    """Return each field of an object but its identity: what holds it, and its key."""
    found: list[tuple[Any, Any]] = []
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("apiVersion", "kind", "name", "namespace"):
                found.append((value, key))
            found.extend(_places(inner))
    if isinstance(value, list):
        for item in value:
            found.extend(_places(item))
    return found
