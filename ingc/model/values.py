"""Texts with variables, and the variables: nginx's own, and those of ``map`` and its kind."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Protocol

from ingc.model.outcome import NotModelled
from ingc.model.server_names import Names
from ingc.model.tree import Statement
from ingc.syntax.address import Network, read_client, read_network
from ingc.syntax.regex.reading import Pattern, TooManySteps, read_pattern

_MOST_BYTES = 1 << 20
"""Of one value: where each is twice the one before, no memory holds the last."""
MOST_DEPTH = 50
"""Of values that need others; nginx gives up at 255 and reports a cycle."""
_MOST_LOOKUPS = 200_000
"""The longest URI that leads back from a sign-in page takes two for each of its 65,535 signs."""
_PART = re.compile(r"\$(?:([1-9])|\{(\w+)\}|(\w+))|([^$]+|\$)", re.DOTALL)


class Context(Protocol):
    """What is known of a request while it is processed."""

    captures: tuple[bytes, ...]
    assigned: dict[str, bytes]
    volatile: dict[str, bytes]
    unknown: dict[str, Exception]
    """Why a variable has no value, by its name."""
    depth: int
    """How many blocks are being looked up, one for the value of another."""
    lookups: int
    """How many have been looked up."""

    def builtin(self, name: str) -> bytes | None:
        """Return the value of a variable of nginx's own; ``None``: it is not modelled."""

    def choose(self, block: VariableBlock) -> bytes:
        """Return what a ``split_clients`` gives."""


@lru_cache(maxsize=1 << 14)
def parts(text: str) -> tuple[tuple[str, str], ...]:
    """Return a text's parts: ``("text", …)``, ``("group", "1")`` or ``("variable", name)``."""
    found = []
    for match in _PART.finditer(text):
        digit, braced, bare, plain = match.groups()
        if digit:
            found.append(("group", digit))
        elif plain is not None:
            found.append(("text", plain))
        else:
            found.append(("variable", (braced or bare).lower()))
    return tuple(found)


def joined(pieces: Iterable[bytes], line: int) -> bytes:
    """Return the pieces of a value as one. Raises `NotModelled` where it is too long."""
    out, size = [], 0
    for piece in pieces:
        size += len(piece)
        if size > _MOST_BYTES:
            raise NotModelled("a value of more than a megabyte", line)
        out.append(piece)
    return b"".join(out)


@lru_cache(maxsize=1 << 12)
def regex(pattern: str, *, caseless: bool) -> Pattern:
    """Compile a regex as nginx does."""
    return read_pattern(pattern, caseless=caseless)


def search(pattern: Pattern, subject: bytes, context: Context) -> bool:
    """Match, and keep what was captured, as nginx does."""
    match = pattern.search(subject)
    if match is None:
        return False
    groups = tuple(group or b"" for group in match.groups())
    context.captures = groups  # also where there are none: those of before are forgotten
    for name, number in pattern.groupindex.items():
        context.assigned[name.lower()] = groups[number - 1]
    return True


@dataclass(frozen=True)
class VariableBlock:
    """A ``map``, ``geo`` or ``split_clients``."""

    statement: Statement

    @property
    def variable(self) -> str:
        """The name of the variable that it defines."""
        return self.statement.args[-1].removeprefix("$").lower()

    @property
    def source(self) -> str:
        """The text that it looks up; a ``geo`` of one argument looks up the client's address."""
        return self.statement.args[0] if len(self.statement.args) > 1 else "$remote_addr"

    @cached_property
    def entries(self) -> tuple[tuple[str, str], ...]:
        """Keys and values."""
        found = []
        for item in self.statement.block or ():
            if not item.args and item.name in self._flags:
                continue
            if len(item.args) != 1 or item.name in _SPECIAL:
                raise NotModelled(f"{item.name} of a {self.statement.name}", item.line)
            found.append((item.name, item.args[0]))
        return tuple(found)

    @property
    def _flags(self) -> tuple[str, ...]:
        return ("hostnames", "volatile") if self.statement.name == "map" else ()

    @cached_property
    def volatile(self) -> bool:
        """True where the value is looked up each time."""
        return any(item.name == "volatile" for item in self.statement.block or () if not item.args)

    @cached_property
    def hostnames(self) -> Names[str] | None:
        """The values of plain keys, where keys may be names with wildcards."""
        if not any(
            item.name == "hostnames" for item in self.statement.block or () if not item.args
        ):
            return None
        found: Names[str] = Names()
        for key, value in self.entries:
            if not key.startswith("~") and key != "default":
                found.add(key.removeprefix("\\").lower(), value)
        return found

    def plain(self, key: bytes) -> str | None:
        """Return the value of a plain key that fits; a trailing dot of a host name is ignored."""
        if self.hostnames is None:
            return self.exact.get(key.lower())
        return self.hostnames.find(key.lower().removesuffix(b"."))

    @cached_property
    def exact(self) -> dict[bytes, str]:
        """The values of plain keys; nginx compares them without case."""
        found: dict[bytes, str] = {}
        for key, value in self.entries:
            if not key.startswith("~") and key != "default":
                found.setdefault(key.removeprefix("\\").encode().lower(), value)
        return found

    @cached_property
    def regexes(self) -> tuple[tuple[Pattern, str], ...]:
        """The values of keys that are regexes, in order."""
        return tuple(
            (regex(key[1:].removeprefix("*"), caseless=key.startswith("~*")), value)
            for key, value in self.entries
            if key.startswith("~")
        )

    @cached_property
    def networks(self) -> tuple[tuple[Network, str], ...]:
        """The values of a ``geo``'s networks, the narrowest first."""
        found = [(read_network(key), value) for key, value in self.entries if key != "default"]
        return tuple(sorted(found, key=lambda item: -item[0].prefixlen))

    @property
    def default(self) -> str:
        """The value where no key fits."""
        return dict(self.entries).get("default", "")


_SPECIAL = frozenset({"hostnames", "volatile", "include", "ranges", "proxy", "delete"})


class Variables:
    """All variables of a configuration."""

    def __init__(
        self, blocks: dict[str, VariableBlock], statements: tuple[Statement, ...] = ()
    ) -> None:
        """``statements`` may set others: one that is never set is empty."""
        self._blocks = blocks
        self._statements = statements

    @cached_property
    def _settable(self) -> frozenset[str]:
        """The names that some ``set`` defines."""
        return frozenset(_set_names(self._statements))

    def expand(self, text: str, context: Context, line: int) -> bytes:
        """Return a text with its variables filled in. Raises `NotModelled`.

        nginx goes through a text twice, first for its length, and looks a variable up once for
        both. Where one part has changed another in between, what it writes is not defined.
        """
        read = parts(text)
        if len(read) == 1:
            return self._part(*read[0], context, line)
        found: dict[tuple[str, str], bytes] = {}
        for part in read:
            if part not in found:
                found[part] = self._part(*part, context, line)
        changing = [part for part in found if part[0] != "text"]
        for part in changing if len(changing) > 1 else ():
            if _held(*part, found[part], context) != found[part]:
                raise NotModelled(f'"{text}", of which one part changes another', line)
        return joined((found[part] for part in read), line)

    def expand_twice(self, text: str, context: Context, line: int) -> bytes:
        """Return a text of ``set`` or ``rewrite``: both passes look a volatile map up.

        Raises `NotModelled`, also where that makes a difference.
        """
        found = self.expand(text, context, line)
        volatile = (self._blocks[name].volatile for _, name in parts(text) if name in self._blocks)
        if any(volatile) and self.expand(text, context, line) != found:
            raise NotModelled(f'"{text}", which changes while nginx reads it', line)
        return found

    def _part(self, kind: str, value: str, context: Context, line: int) -> bytes:
        if kind == "text":
            return value.encode()
        if kind == "group":
            return _group(int(value), context)
        return self.value(value, context, line)

    def value(self, name: str, context: Context, line: int) -> bytes:
        """Return the value of a variable. Raises `NotModelled`."""
        if name in context.assigned:
            return context.assigned[name]
        if name in context.unknown:
            raise context.unknown[name]
        block = self._blocks.get(name)
        if block is not None:
            value = self._counted(block, context)
            # nginx keeps a map's value for the rest of the request, a volatile one's for a text.
            (context.volatile if block.volatile else context.assigned)[name] = value
            return value
        builtin = context.builtin(name)
        if builtin is None and name in self._settable:
            return b""
        if builtin is None:
            raise NotModelled(f"the variable ${name}", line)
        return builtin

    def _counted(self, block: VariableBlock, context: Context) -> bytes:
        """Look up, but neither in a circle nor without end."""
        context.lookups += 1
        if context.depth >= MOST_DEPTH or context.lookups > _MOST_LOOKUPS:
            raise NotModelled(f"${block.variable}, which takes too long", block.statement.line)
        context.depth += 1
        try:
            return self._look_up(block, context)
        finally:
            context.depth -= 1

    def _look_up(self, block: VariableBlock, context: Context) -> bytes:
        line = block.statement.line
        if block.statement.name == "split_clients":
            return context.choose(block)
        key = self.expand(block.source, context, line)
        if block.statement.name == "geo":
            return _in_networks(block, key).encode()
        found = block.plain(key)
        if found is None:
            found = _by_regex(block, key, context)
        return self.expand(found, context, line)


def _set_names(statements: Iterable[Statement]) -> Iterator[str]:
    for item in statements:
        if item.name == "set":
            yield item.args[0].removeprefix("$").lower()
        yield from _set_names(item.block or ())


def _group(number: int, context: Context) -> bytes:
    return context.captures[number - 1] if number <= len(context.captures) else b""


def _held(kind: str, value: str, before: bytes, context: Context) -> bytes:
    """Return what a part of a text is by now; ``before``: what nothing changes."""
    if kind == "group":
        return _group(int(value), context)
    return context.assigned.get(value, context.volatile.get(value, before))


def _by_regex(block: VariableBlock, key: bytes, context: Context) -> str:
    # nginx tries no regex on an empty key, and none after one that takes too many steps.
    try:
        for pattern, value in block.regexes if key else ():
            if search(pattern, key, context):
                return value
    except TooManySteps:
        pass
    return block.default


def _in_networks(block: VariableBlock, key: bytes) -> str:
    try:
        address = read_client(key.decode("ascii", "replace"))
    except ValueError:
        return block.default
    for network, value in block.networks:
        if address.version == network.version and address in network:
            return value
    return block.default


def shares(block: VariableBlock) -> Iterator[tuple[float, bytes]]:
    """Yield the values of a ``split_clients``, each with its probability."""
    left = 1.0
    for key, value in block.entries:
        if key == "*":
            yield left, value.encode()
        else:
            share = float(key.removesuffix("%")) / 100
            left -= share
            yield share, value.encode()
    if all(key != "*" for key, _ in block.entries) and left > 1e-9:
        yield left, b""
