"""Reading a document's fields: types are checked, findings reported, the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ingc.diagnostics import Entry, Origin, Sink
from ingc.diagnostics.catalogue.objects import FieldMissing, FieldWrongType
from ingc.diagnostics.catalogue.reading import KeyNotAString
from ingc.load.scalars import resolve

_NAMES = {dict: "a mapping", list: "a list", str: "a string", int: "a whole number", bool: "a bool"}
_LONG = 10**20
"""Numbers from here on are not repeated in a message."""
_OF_ONE_FORM = frozenset(
    {
        "addressType",
        "addresses",
        "clusterIP",
        "creationTimestamp",
        "insecureEdgeTerminationPolicy",
        "ip",
        "pathType",
        "termination",
        "type",
        "wildcardPolicy",
    }
)
"""Fields whose value is a time, an address, or one of a few words."""
_EMPTY: Mapping[str, Any] = {}


def name_of_type(value: object) -> str:
    """Return what a YAML value is, in words for people."""
    return _NAMES.get(type(value), "null" if value is None else f"a {type(value).__name__}")


class Fields:
    """The fields of one mapping, its place, and where findings go.

    A field that is missing or null gives its default, as in the API; one of a wrong type is
    reported and gives its default too.
    """

    __slots__ = ("_origin", "_parent", "_sink", "_step", "value")

    def __init__(
        self,
        value: Mapping[str, Any],
        sink: Sink,
        origin: Origin | None = None,
        *,
        parent: Fields | None = None,
        step: tuple[str | int, ...] = (),
    ) -> None:
        self.value = value
        self._sink = sink
        self._origin = origin
        self._parent = parent
        self._step = step

    @property
    def origin(self) -> Origin:
        """The place of this mapping; made at its first use."""
        if self._origin is None:
            parent = self._parent.origin if self._parent else Origin()
            self._origin = parent.at(*self._step)
        return self._origin

    @property
    def errors(self) -> int:
        """How many errors were reported so far, here and elsewhere."""
        return self._sink.errors

    def report(self, entry: Entry, *path: str | int, key: bool = False) -> None:
        """Report a finding at a field below this mapping."""
        self._sink.report(entry, self.origin.at(*path, key=key))

    def unheard(self) -> Fields:
        """Return the same fields; what is found below them is reported to nobody."""
        return Fields(self.value, Sink(), self.origin)

    def lacks(self, name: str) -> bool:
        """Return whether a field is missing, null or an empty string."""
        return self.value.get(name) in (None, "")

    def lists_nothing(self, name: str) -> bool:
        """Return whether a list is missing, null or empty."""
        return self.value.get(name) in (None, [], ())

    def text(self, name: str, default: str = "") -> str:
        """Return a string field."""
        value = self.value.get(name)
        if value is None:
            return default
        if type(value) is not str:
            self._wrong(name, value, "a string")
            return default
        return value

    def required(self, name: str) -> str:
        """Return a string field that must be there and not be empty; reports and returns ""."""
        value = self.text(name)
        if self.lacks(name):
            self.report(FieldMissing(field_name=name), name)
        return value

    def integer(self, name: str) -> int | None:
        """Return a whole-number field, or ``None``."""
        value = self.value.get(name)
        if value is None:
            return None
        if type(value) is float and value.is_integer():
            value = int(value)
        if type(value) is not int:
            self._wrong(name, value, "a whole number")
            return None
        return value

    def boolean(self, name: str) -> bool | None:
        """Return a bool field, or ``None`` where it is missing."""
        value = self.value.get(name)
        if value is None or type(value) is bool:
            return value
        self._wrong(name, value, "true or false")
        return None

    def mapping(self, name: str) -> Fields | None:
        """Return the fields of a mapping field, or ``None`` where it is missing."""
        value = self.value.get(name)
        if value is None:
            return None
        if not isinstance(value, Mapping):
            self._wrong(name, value, "a mapping")
            return None
        return Fields(value, self._sink, parent=self, step=(name,))

    def mappings(self, name: str) -> Iterator[Fields]:
        """Yield the fields of each item of a list of mappings; others are reported."""
        for index, value in enumerate(self._list(name)):
            if isinstance(value, Mapping):
                yield Fields(value, self._sink, parent=self, step=(name, index))
            else:
                self._wrong_item(name, index, value, "a mapping")

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; other items are reported and left out."""
        items = []
        for index, value in enumerate(self._list(name)):
            if type(value) is str:
                items.append(value)
            else:
                self._wrong_item(name, index, value, "a string")
        return tuple(items)

    def strings(self, name: str) -> Mapping[str, str]:
        """Return a mapping of strings to strings, such as annotations; others are reported."""
        value = self.value.get(name)
        if value is None:
            return _EMPTY
        if not isinstance(value, Mapping):
            self._wrong(name, value, "a mapping")
            return _EMPTY
        if all(type(key) is type(item) is str for key, item in value.items()):
            return value
        kept = {}
        for key, item in value.items():
            if type(key) is not str:
                self.report(KeyNotAString(found=name_of_type(key)), name)
            elif type(item) is str:
                kept[key] = item
            else:
                place = self.origin.at(name, key)
                self._sink.report(_wrong_type(key, item, "a string", place), place)
        return kept

    def _list(self, name: str) -> list[Any]:
        value = self.value.get(name)
        if value is None:
            return []
        if not isinstance(value, list | tuple):
            self._wrong(name, value, "a list")
            return []
        return list(value)

    def _wrong(self, name: str, value: object, wanted: str) -> None:
        self.report(_wrong_type(name, value, wanted, self.origin.at(name)), name)

    def _wrong_item(self, name: str, index: int, value: object, wanted: str) -> None:
        place = self.origin.at(name, index)
        self._sink.report(_wrong_type(f"{name}[{index}]", value, wanted, place), place)


def _wrong_type(name: str, value: object, wanted: str, place: Origin) -> FieldWrongType:
    fix = f"write {wanted}"
    if name.partition("[")[0] in _OF_ONE_FORM:
        pass  # in quotes a number would be as wrong
    elif wanted == "a string" and isinstance(value, bool | int | float) and -_LONG < value < _LONG:
        fix = "put it in quotes"
        if place.object is None or place.object.kind != "Secret":
            fix += f": {_quoted(value, place)}"
    return FieldWrongType(field_name=name, wanted=wanted, found=name_of_type(value), fix=fix)


def _quoted(value: bool | int | float, place: Origin) -> str:
    """Return a value in quotes as its file has it; YAML makes bools of words that may be text."""
    meant = str(value).lower() if isinstance(value, bool) else str(value)
    span = place.span
    written = span.text[span.column - 1 :][: span.width] if span else meant
    if resolve(written) != value:
        return f'"{meant}"'
    if isinstance(value, bool) and written != meant:
        return f'"{written}", or "{meant}" where true or false is expected'
    return f'"{written}"'
