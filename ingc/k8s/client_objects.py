"""Objects of Kubernetes client libraries as the dicts that the API writes.

No library is imported: what an object is, its shape says.

- ``kubernetes`` and ``kubernetes_asyncio``: each model has ``attribute_map``, Python's names to
  the API's. (Its ``to_dict`` gives Python's names, which are none of the API.) Items of a list come
  without ``apiVersion`` and ``kind``; the class has them: ``V1Ingress``.
- ``lightkube``, ``kr8s`` and the dynamic client of ``kubernetes``: ``to_dict()`` gives the API's
  dict; with ``raw`` kr8s has it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Protocol

_MODEL = re.compile(r"V(?P<version>1(?:alpha\d+|beta\d+)?)(?P<kind>[A-Z][A-Za-z]*)").fullmatch
_PLAIN = (str, bytes, int, float, list, tuple, set, frozenset, type(None))


class ClientObject(Protocol):
    """What the objects of all of these have in common for type checkers."""

    def to_dict(self) -> Any:
        """Return the object as a dict, of whatever names."""


class NoPlainForm(Exception):
    """The object of a caller is of no known shape; the text names its type."""


def is_client_object(value: object) -> bool:
    """Return whether a value is no dict, and nothing else that YAML or JSON could hold."""
    return not isinstance(value, (dict, *_PLAIN, Mapping))


def plain_object(value: Any, versions: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    """Return the dict that the API writes for a client's object. Raises `NoPlainForm`.

    ``versions`` are the API versions by kind, for objects that do not name their own.
    """
    try:
        found = _plain(value, versions)
    except Exception as error:  # a client's own code runs here
        raise NoPlainForm(_name(value)) from error
    if not (isinstance(found.get("apiVersion"), str) and isinstance(found.get("kind"), str)):
        raise NoPlainForm(_name(value))
    return found


def _plain(value: Any, versions: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    if _is_model(value):
        return {**_identity(type(value).__name__, versions), **_model(value)}
    for found in _forms(value):
        if isinstance(found, Mapping) and "apiVersion" in found:
            return dict(found)
    return {}


def _forms(value: Any) -> Iterator[object]:
    to_dict = getattr(value, "to_dict", None)
    if callable(to_dict):
        yield to_dict()
    yield getattr(value, "raw", None)


def _is_model(value: Any) -> bool:
    return isinstance(getattr(type(value), "attribute_map", None), Mapping)


def _model(value: Any) -> dict[str, Any]:
    """Return a model's fields by the API's names; those that are ``None`` are not there."""
    fields = ((name, getattr(value, own)) for own, name in type(value).attribute_map.items())
    return {name: _value(field) for name, field in fields if field is not None}


def _value(value: Any) -> Any:
    if _is_model(value):
        return _model(value)
    if isinstance(value, Mapping):
        return {name: _value(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_value(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _identity(name: str, versions: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the version and kind that a model's class has in its name: ``V1Ingress``."""
    match = _MODEL(name)
    for version in versions.get(match["kind"], ()) if match else ():
        if match and version.rpartition("/")[2] == f"v{match['version']}":
            return {"apiVersion": version, "kind": match["kind"]}
    return {}


def _name(value: object) -> str:
    kind = type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
