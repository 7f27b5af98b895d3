"""Read a PCRE pattern into its tree.

Only the language that every nginx reads alike is taken. Some are built on PCRE 8, some on PCRE2
before or after 10.43, and these differ in more than what they accept. The rest is `BadRegex`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingc.syntax.regex.bytes import (
    ANY,
    BLANKS,
    NEWLINES,
    NOT_NEWLINE,
    BadRegex,
    Malformed,
    Number,
    Read,
    bit,
    both_cases,
    read_class,
    read_escape,
)
from ingc.syntax.regex.tree import (
    Assertion,
    Atomic,
    Branches,
    Bytes,
    Node,
    PatternSpan,
    Repeat,
    Sequence,
    Tree,
    is_bounded,
    width,
)

_DEEPEST = 60
"""Groups in groups. PCRE takes 250, of which nobody has written one by hand."""

_QUANTIFIER = re.compile(r"[*+?]|\{([0-9]+)(,?)([0-9]*)\}").match
_BRACES = re.compile(r"\{([0-9, \t]+)\}").match
_NEW_QUANTIFIERS = frozenset({("0",), ("0", ","), ("0", "0"), ("0", ",", "0"), (",", "0")})
"""What stands in the braces of a quantifier, with blanks or ``,`` before, that some nginx reads."""
_NAMED = re.compile(r"\(\?P?(?:<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')", re.ASCII).match
_OPENERS = re.compile(r"\(\?(?::|\||>|=|!|<=|<!)").match
_OPTIONS = re.compile(r"\(\?([imsxU]*)(?:-([imsxU]*))?([:)])").match
_CONDITION = re.compile(r"\(\?\((?:[0-9]+|<\w+>|'\w+')\)", re.ASCII).match
_CALL = re.compile(r"\(\?(?:R|[+-]?[0-9]|&|P>)").match
_BACKREF = re.compile(
    r"\\(?:[1-9][0-9]*|g(?:-?[0-9]+|\{(?:-?[0-9]+|\w+)\})|k(?:\{\w+\}|<\w+>|'\w+'))|\(\?P=\w+\)",
    re.ASCII,
).match


def read_tree(pattern: str) -> Tree:
    """Read a pattern. Raises `BadRegex`, and `Malformed` where PCRE will refuse it too."""
    try:
        raw = pattern.encode()
    except UnicodeEncodeError as error:
        raise BadRegex("the pattern is not Unicode text", 0) from error
    if b"\0" in raw:
        raise BadRegex("a NUL can't stand in an nginx configuration", raw.index(b"\0"))
    reader = _Reader(raw.decode("latin-1"))
    root = reader.whole()
    return Tree(root, raw, reader.spelt(), tuple(reader.groups), tuple(reader.compared()))


class _Reader:
    """Reads a pattern once, from left to right; the text is Latin-1, so a character is a byte."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self._spaced = False  # (?x)
        self._dotall = False  # (?s)
        self._numbers: list[Number] = []
        self.groups: list[PatternSpan] = []
        self._capturing: list[Node | None] = []
        """What each group takes that captures, in the order of their numbers."""
        self._named: dict[str, int] = {}
        self._renumbered = False  # (?|…), in which numbers begin again
        self._references: list[tuple[str, int, PatternSpan]] = []
        """To what each refers, and how many groups have begun before it."""

    def whole(self) -> Node:
        root = self._choice()
        if self._at < len(self._text):
            raise Malformed("unmatched closing parenthesis", self._at)
        return root

    def spelt(self) -> bytes:
        text, done = [], 0
        for number in self._numbers:
            text += [self._text[done : number.start], f"\\x{number.code:02x}"]
            done = number.end
        return "".join([*text, self._text[done:]]).encode("latin-1")

    def compared(self) -> Iterator[PatternSpan]:
        """Yield where back-references stand to groups of no bounded length."""
        for word, before, span in self._references:
            number = self._named.get(word)
            if number is None and word.lstrip("-").isdigit():
                number = before + int(word) if word.startswith("-") else int(word) - 1
            known = not self._renumbered and number is not None
            body = None
            if known and number is not None and 0 <= number < len(self._capturing):
                body = self._capturing[number]
            if body is None or not is_bounded(body):
                yield span

    def _next(self, size: int = 1) -> str:
        return self._text[self._at : self._at + size]

    def _choice(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise BadRegex("groups are nested too deeply", self._at)
        before = (self._spaced, self._dotall)
        branches = [self._sequence()]
        while self._next() == "|":
            self._at += 1
            branches.append(self._sequence())
        self._spaced, self._dotall = before
        self._depth -= 1
        return Branches(tuple(branches)) if len(branches) > 1 else branches[0]

    def _sequence(self) -> Node:
        items: list[Node] = []
        while True:
            self._skip()
            if self._at >= len(self._text) or self._next() in "|)":
                return items[0] if len(items) == 1 else Sequence(tuple(items))
            start = self._at
            item = self._atom()
            if item is not None:
                items.append(self._quantified(item, start))

    def _skip(self) -> None:
        r"""Pass over what stands for nothing: an empty ``\Q\E``, and blanks where ``x`` is on."""
        while True:
            if self._next(2) == "\\E":
                self._at += 2
            elif self._next(4) == "\\Q\\E":
                self._at += 4
            elif self._spaced and self._next() and self._next() in BLANKS:
                self._at += 1
            elif self._spaced and self._next() == "#":
                end = self._text.find("\n", self._at)
                self._at = len(self._text) if end < 0 else end + 1
            else:
                return

    def _quantified(self, body: Node, start: int) -> Node:
        self._skip()
        found = _QUANTIFIER(self._text, self._at)
        if found is None:
            return body
        least, most = _bounds(found)
        if most is not None and most < least:
            raise Malformed("numbers out of order in {} quantifier", self._at)
        self._at = found.end()
        possessive = self._next() == "+"
        self._at += self._next() in ("+", "?")
        repeat = Repeat(body, least, most, PatternSpan(start, self._at))
        return Atomic(repeat) if possessive else repeat

    def _atom(self) -> Node | None:
        start, char = self._at, self._next()
        if char == "(":
            return self._group()
        if char == "[":
            return self._set(read_class(self._text, start))
        if char == "\\":
            return self._escape()
        if _QUANTIFIER(self._text, start):
            raise Malformed("quantifier does not follow a repeatable item", start)
        if _is_new_quantifier(self._text, start):
            raise BadRegex("nginx's PCREs read these braces in different ways", start)
        self._at += 1
        if char in "^$":
            return Assertion(PatternSpan(start, self._at))
        if char == ".":
            return Bytes(ANY if self._dotall else NOT_NEWLINE, PatternSpan(start, self._at))
        return Bytes(both_cases(bit(ord(char))), PatternSpan(start, self._at))

    def _group(self) -> Node | None:
        text, start = self._text, self._at
        if self._next(2) == "(*":
            raise BadRegex("nginx's PCREs differ in these verbs, and some change its limits", start)
        if self._next(2) != "(?":
            self._at += 1
            return self._captured(start)
        if self._next(3) == "(?#":
            end = text.find(")", start)
            if end < 0:
                raise Malformed("missing ) after (?# comment", len(text))
            self._at = end + 1
            return None
        if found := _BACKREF(text, start):
            return self._backref(found)
        if found := _NAMED(text, start):
            if len(found.group(1) or found.group(2)) > 32:
                raise BadRegex("a group's name has at most 32 characters", start)
            self._at = found.end()
            self._named[found.group(1) or found.group(2)] = len(self._capturing)
            return self._captured(start)
        if found := _OPENERS(text, start):
            self._at = found.end()
            return self._special(found.group(), start)
        if _CALL(text, start):
            raise BadRegex("nginx's PCREs match calls of groups in different ways", start)
        if found := _CONDITION(text, start):
            self._at = found.end()
            body = self._rest(start)
            return body if isinstance(body, Branches) else Branches((body, Sequence(())))
        if found := _OPTIONS(text, start):
            return self._options(found)
        raise BadRegex("not a kind of group that every nginx knows", start)

    def _captured(self, start: int) -> Node:
        number = len(self._capturing)
        self._capturing.append(None)
        self._capturing[number] = body = self._rest(start)
        return body

    def _rest(self, start: int) -> Node:
        body = self._choice()
        if self._next() != ")":
            raise Malformed("missing closing parenthesis", len(self._text))
        self._at += 1
        self.groups.append(PatternSpan(start, self._at))
        return body

    def _special(self, opener: str, start: int) -> Node:
        self._renumbered |= opener == "(?|"
        body = self._rest(start)
        if opener in ("(?:", "(?|"):
            return body
        if opener == "(?>":
            return Atomic(body)
        branches = body.branches if isinstance(body, Branches) else (body,)
        if opener.startswith("(?<") and any(width(branch) is None for branch in branches):
            raise BadRegex("lookbehind assertion is not fixed length", start)
        return Assertion(PatternSpan(start, self._at), body)

    def _options(self, found: re.Match[str]) -> Node | None:
        on, off = found.group(1), found.group(2) or ""
        if "xx" in on:
            raise BadRegex("not an option that every nginx knows", found.start())
        before = (self._spaced, self._dotall)
        self._spaced = (self._spaced or "x" in on) and "x" not in off
        self._dotall = (self._dotall or "s" in on) and "s" not in off
        self._at = found.end()
        if found.group(3) == ")":
            return None
        body = self._rest(found.start())
        self._spaced, self._dotall = before
        return body

    def _backref(self, found: re.Match[str]) -> Node:
        """A reference may take anything here, but once: its group has chosen the text.

        The assertion before it stands for that it may fail.
        """
        self._at = found.end()
        span = PatternSpan(found.start(), found.end())
        named = re.search(r"-?\w+", found.group().lstrip("\\gkP(?"))
        self._references.append((named[0] if named else "", len(self._capturing), span))
        return Sequence((Assertion(span), Atomic(Repeat(Bytes(ANY, span), 0, None, span))))

    def _escape(self) -> Node:
        text, start = self._text, self._at
        char = text[start + 1 : start + 2]
        if char == "Q":
            return self._quoted()
        if char and char in "bBAZzGK":
            self._at += 2
            return Assertion(PatternSpan(start, self._at))
        if text.startswith(("\\g<", "\\g'"), start):
            raise BadRegex("nginx's PCREs match calls of groups in different ways", start)
        if found := _BACKREF(text, start):
            return self._backref(found)
        if char == "N" and text[start + 2 : start + 3] == "{" and not _QUANTIFIER(text, start + 2):
            raise BadRegex("a name of a character needs UTF mode, which nginx has not", start)
        if char == "R":
            self._at += 2
            span = PatternSpan(start, self._at)
            return Repeat(Bytes(NEWLINES, span), 1, 2, span)
        return self._set(read_escape(text, start))

    def _quoted(self) -> Node:
        r"""Read ``\Q…\E``; a quantifier behind it takes the last character alone."""
        start = self._at + 2
        end = self._text.find("\\E", start)
        end = len(self._text) if end < 0 else end
        chars = [
            Bytes(both_cases(bit(ord(self._text[n]))), PatternSpan(n, n + 1))
            for n in range(start, end)
        ]
        self._at = end + 2 if end < len(self._text) else end
        if not chars:
            return Sequence(())
        last = self._quantified(chars[-1], end - 1)
        return Sequence((*chars[:-1], last))

    def _set(self, read: Read) -> Bytes:
        start, self._at = self._at, read.end
        self._numbers += read.numbers
        return Bytes(both_cases(read.bits), PatternSpan(start, read.end))


def _is_new_quantifier(text: str, at: int) -> bool:
    found = _BRACES(text, at)
    if found is None:
        return False
    parts = re.findall("[0-9]+|,", found.group(1))
    return tuple("0" if part.isdigit() else part for part in parts) in _NEW_QUANTIFIERS


def _bounds(found: re.Match[str]) -> tuple[int, int | None]:
    symbol = found.group()
    if symbol in "*+?":
        return int(symbol == "+"), 1 if symbol == "?" else None
    least = int(found.group(1))
    if not found.group(2):
        return least, least
    return least, int(found.group(3)) if found.group(3) else None
