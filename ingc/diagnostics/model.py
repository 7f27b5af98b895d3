"""What a diagnostic is: a catalogue entry, where it applies, and how bad it is."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from ingc.syntax.visible import visible

FieldPath = tuple[str | int, ...]
"""Keys and indexes from an object's root: ``("spec", "rules", 0, "host")``."""


class Severity(enum.Enum):
    """How bad a diagnostic is.

    ERROR: nothing is written. WARNING: written, but likely not what was meant.
    NOTE: written; something was passed over, or a quirk is at work.
    """

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line. ``line`` and ``column`` count from 1; ``width`` is in characters."""

    line: int
    column: int
    width: int
    text: str
    """The whole line, without its line break."""


class Source(Protocol):
    """Where an object was read from; made by the load stage. Hashable."""

    @property
    def file(self) -> str:
        """The path as the user gave or would write it; ``<stdin>`` for standard input."""

    def span(self, field: FieldPath, *, key: bool = False) -> Span | None:
        """Return the place of a field's value (or of its key), or of its nearest parent."""


@dataclass(frozen=True, slots=True)
class ObjectRef:
    """A Kubernetes object by kind, namespace and name; ``namespace`` is "" for cluster scope."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        scope = f"{self.namespace}/" if self.namespace else ""
        return f"{self.kind} {scope}{self.name}"


@dataclass(frozen=True, slots=True)
class Origin:
    """A place in the input: an object, a field of it, and the file that it came from."""

    object: ObjectRef | None = None
    field: FieldPath = ()
    source: Source | None = None
    key: bool = False
    """True where the key itself is meant, not its value."""

    def at(self, *path: str | int, key: bool = False) -> Origin:
        """Return the place of a field below this one."""
        return Origin(self.object, self.field + path, self.source, key)

    @property
    def span(self) -> Span | None:
        """The place in the file, looked up now; ``None`` for objects that came without one."""
        return self.source.span(self.field, key=self.key) if self.source else None


def format_field(path: FieldPath) -> str:
    """Write a field path as Kubernetes does: ``spec.rules[0].http.paths[1].path``.

    Keys that hold dots or slashes (annotation names) stand in brackets.
    """
    out = ""
    for part in path:
        if isinstance(part, int) or "." in part or "/" in part or not part:
            out += f"[{part}]"
        else:
            out += f".{part}" if out else part
    return out


class Entry:
    """One kind of diagnostic. Subclasses are declared in `diagnostics.catalogue`.

    The annotated names of a subclass are its fields: it is built of their values, cannot be
    changed, and is equal to another of the same class with equal values. The class attributes
    are templates over the fields. The class's docstring is the page that `ingc explain-code`
    prints.

    Not a dataclass: each one compiles source text when it is declared, and the whole catalogue
    would be most of what a start of ingc takes.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    severity: ClassVar[Severity]
    since: ClassVar[str]
    strict: ClassVar[bool]
    """True where ``--strict`` makes an error of it."""
    summary: ClassVar[str]
    """One line, lower-case start, no full stop."""
    label: ClassVar[str] = ""
    """What is at the place that the excerpt prints."""
    help: ClassVar[str] = ""
    """What to do, in the imperative, as concrete as can be."""
    merges: ClassVar[bool] = True
    """False where each of an object needs its own help, so that many may not be rendered as one."""

    fields: ClassVar[tuple[str, ...]] = ()
    """The names of the fields, in the order of their declaration."""

    if not TYPE_CHECKING:
        # Type checkers know the fields of each class instead; see `catalogue.declare.code`.
        def __init__(self, *values: object, **named: object) -> None:
            """Take a value for each field, by place or by name. Raises `TypeError` for others."""
            if not named and len(values) == len(self.fields):
                named = dict(zip(self.fields, values, strict=True))
            elif values or tuple(named) != self.fields:
                named = _by_name(self, values, named)
            # Always in the order of the fields: `__hash__` and `__repr__` rely on it.
            self.__dict__.update(named)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return self.__dict__ == other.__dict__

    def __hash__(self) -> int:
        return hash(tuple(self.__dict__.values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({values})"

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{type(self).__name__} cannot be changed")

    def values(self) -> dict[str, object]:
        """Return the field values that the templates refer to."""
        return {name: _rendered(value) for name, value in self.__dict__.items()}


def _by_name(
    entry: Entry, values: tuple[object, ...], named: dict[str, object]
) -> dict[str, object]:
    """Return a value for each field in their order, the default where none is given."""
    fields = entry.fields
    given = dict(zip(fields, values, strict=False))
    twice = given.keys() & named.keys()
    given |= named
    missing = [name for name in fields if name not in given and not hasattr(entry, name)]
    if len(values) > len(fields) or twice or missing or not given.keys() <= set(fields):
        raise TypeError(f"{type(entry).__name__} takes one value for each of {fields}")
    return {name: given[name] if name in given else getattr(entry, name) for name in fields}


_MOST_BITS = 256
"""Python refuses to write much larger numbers, and nobody wants to read them."""


def _rendered(value: object) -> object:
    if isinstance(value, tuple):
        return _listed([str(item) for item in value])
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a number of {value.bit_length()} bits"
    if isinstance(value, str):
        return visible(value)
    return value


def _listed(items: list[str], most: int = 8) -> str:
    listed = ", ".join(items[:most])
    return f"{listed} and {len(items) - most} more" if len(items) > most else listed


@dataclass(frozen=True, slots=True)
class Related:
    """A second place that a diagnostic speaks of, such as the older of two equal rules."""

    origin: Origin
    label: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, ready to be rendered. `ingc.diagnostics` has a renderer for each format."""

    entry: Entry
    origin: Origin
    severity: Severity
    also: tuple[Related, ...] = ()

    @property
    def code(self) -> str:
        """The stable code, such as ``ING205``."""
        return self.entry.code

    @property
    def message(self) -> str:
        """What is wrong, in one line."""
        return self.entry.summary.format_map(self.entry.values())

    @property
    def label(self) -> str:
        """What stands at the place itself; may be empty."""
        return self.entry.label.format_map(self.entry.values())

    @property
    def help(self) -> str:
        """What to do about it; may be empty."""
        return self.entry.help.format_map(self.entry.values())

    @property
    def object(self) -> str | None:
        """Kind, namespace and name, such as ``Ingress shop/web``."""
        return str(self.origin.object) if self.origin.object else None

    @property
    def field(self) -> str | None:
        """The field path as Kubernetes writes it."""
        return format_field(self.origin.field) or None

    @property
    def file(self) -> str | None:
        """The file that the object was read from."""
        return self.origin.source.file if self.origin.source else None

    @property
    def span(self) -> Span | None:
        """Line, column and excerpt, looked up now."""
        return self.origin.span
