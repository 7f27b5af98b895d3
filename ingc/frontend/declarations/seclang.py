"""Rules of ModSecurity, read and written anew: nothing is pasted.

Each line is one directive; it is taken apart, each part is held against the lists of
`ingc.frontend.declarations.seclang_words`, and what comes out is made of the parts. ingress-nginx
pastes the text between single quotes into nginx.conf, so that a backslash before a quote or another
backslash is nginx's, and goes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.seclang_words import (
    ACTIONS,
    ALONE,
    BARE,
    COLLECTIONS,
    FLAGS,
    LISTS,
    NUMBERS,
    OF_OPERATORS,
    OF_STARTERS,
    PLAIN,
    QUOTED,
    SPELLING,
    TARGETS,
    TEXTS,
    VARIABLES,
)
from ingc.syntax.regex.reading import BadRegex, bulky_part, captures, slow_part

LOCAL_IDS = range(1, 100_000)
"""ModSecurity keeps them for rules of one's own; rules of others have higher numbers."""
_MOST_BYTES = 3500
"""Of one directive of nginx, before quotes and backslashes are escaped."""
_MOST_LINES = 400
_INCLUDED: dict[str, Literal["modsecurity", "owasp"]] = {
    "/etc/nginx/modsecurity/modsecurity.conf": "modsecurity",
    "/etc/nginx/owasp-modsecurity-crs/nginx-modsecurity.conf": "owasp",
}
"""The files of ingress-nginx's image, and what they hold."""

_ESCAPED = re.compile(r"""\\(["'\\])""")
_LINE = re.compile(r'[ \t]*([A-Za-z]+)((?:[ \t]+(?:"(?:[^"\\]|\\.)*"|[^\s"\\]+))*)[ \t]*').fullmatch
_ARGUMENT = re.compile(r'[ \t]+("(?:[^"\\]|\\.)*"|[^\s"\\]+)')
_TARGET = re.compile(
    r"[!&]?([A-Za-z_]+)(:(?:/(?:[^/\\|\"\s]|\\[^\s\"])+/|[A-Za-z0-9_.-]+))?"
).fullmatch
_OPERATION = re.compile(r"(!?)@([A-Za-z0-9]+)(?: +(.*))?", re.DOTALL).fullmatch
_ACTION = re.compile(r"\s*([A-Za-z]+)(?::(?:'((?:[^'\\]|\\.)*)'|([^,']*)))?\s*(?:,|\Z)")
_MACRO = re.compile(r"%\{([A-Za-z_]+)(\.[A-Za-z0-9_.-]+)?\}")
_NUMBER = re.compile(r"[0-9]{1,9}|%\{[A-Za-z0-9_.-]+\}").fullmatch


@dataclass(frozen=True, slots=True)
class Include:
    """The operator's rules stand here."""

    what: Literal["modsecurity", "owasp"]


@dataclass(frozen=True, slots=True)
class Directives:
    """One directive, or a chain of rules, and the numbers of these."""

    text: str
    """Each line with its end, without which ModSecurity misreads what it gets after some."""
    ids: tuple[int, ...] = ()


Snippet = tuple[Directives | Include, ...]


def ids_of(snippet: Snippet) -> frozenset[int]:
    """Return the numbers of a snippet's rules."""
    return frozenset(i for item in snippet if isinstance(item, Directives) for i in item.ids)


def read_snippet(text: str, *, trusted: bool) -> Snippet:
    """Return rules as ModSecurity is to get them; ``trusted``: they are the operator's.

    Raises `BadValue` for what is not allowed, with its line.
    """
    found: list[Directives | Include] = []
    waiting: tuple[str, tuple[int, ...]] | None = None
    seen: set[int] = set()
    for number, line in _lines(text):
        try:
            item, chained = _directive(line, trusted=trusted, follows=waiting is not None)
        except BadValue as error:
            raise BadValue(f"line {number}: {error}") from error
        if isinstance(item, Include):
            found.append(item)
            continue
        again = seen.intersection(item.ids)
        if again:
            raise BadValue(f"line {number}: another rule has the id {min(again)}")
        seen.update(item.ids)
        if waiting is not None:
            item = Directives(waiting[0] + item.text, (*waiting[1], *item.ids))
        if len(item.text.encode()) > _MOST_BYTES:
            raise BadValue(f"line {number}: nginx takes no more than {_MOST_BYTES} bytes of a rule")
        waiting = (item.text, item.ids) if chained else None
        if not chained:
            found.append(item)
    if waiting is not None:
        raise BadValue("the chain of the last rule does not end")
    return tuple(found)


def write_snippet(snippet: Snippet) -> str:
    """Return a text that reads as the same snippet."""
    files = {what: path for path, what in _INCLUDED.items()}
    return "".join(
        f"Include {files[item.what]}\n" if isinstance(item, Include) else _escape(item.text)
        for item in snippet
    )


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each directive with its line; a backslash at its end continues a line."""
    text = _ESCAPED.sub(r"\1", text.replace("\r\n", "\n"))
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        raise BadValue(f"it has more than {_MOST_LINES} lines")
    joined, start = "", 0
    for number, line in enumerate(lines, 1):
        start = start if joined else number
        joined += line.strip(" \t") if joined else line.rstrip(" \t")
        if joined.endswith("\\") and number < len(lines):
            joined = joined[:-1]
            continue
        odd = next((char for char in joined if not (" " <= char <= "~" or char == "\t")), None)
        if odd is not None:
            raise BadValue(f"line {start}: it holds {odd!r}; ASCII alone is taken")
        if joined.strip(" \t") and not joined.lstrip().startswith("#"):
            yield start, joined
        joined = ""


def _directive(line: str, *, trusted: bool, follows: bool) -> tuple[Directives | Include, bool]:
    """Return a directive, and whether another rule belongs to it."""
    parts = _LINE(line)
    if parts is None:
        raise BadValue("it is not a directive and its arguments")
    name = parts[1]
    args = [arg[1:-1] if arg[0] == '"' else arg for arg in _ARGUMENT.findall(parts[2])]
    if name == "SecRule" and len(args) in (2, 3):
        targets, operation = _targets(args[0], "|"), _operation(args[1])
        return _rule([targets, _quote(operation)], name, args[2:], follows=follows, trusted=trusted)
    if follows:
        raise BadValue("the chain of the rule before it does not end")
    if name == "SecAction" and len(args) == 1:
        return _rule([], name, args, follows=False, trusted=trusted)
    if name == "Include" and len(args) == 1:
        if args[0] in _INCLUDED:
            return Include(_INCLUDED[args[0]]), False
        raise BadValue("Include reads a file; only the two that ingress-nginx has may be there")
    return Directives(_setting(name, args, trusted=trusted) + "\n"), False


def _setting(name: str, args: list[str], *, trusted: bool) -> str:
    one_of = {**BARE, **OF_OPERATORS} if trusted else BARE
    if name == "SecResponseBodyMimeTypesClear" and not args:
        return name
    if name in one_of and len(args) == 1 and one_of[name](args[0]):
        return f"{name} {args[0]}"
    if name in QUOTED and len(args) == 1 and QUOTED[name](args[0]):
        return f"{name} {_quote(args[0])}"
    if name in LISTS and args and all(map(LISTS[name], args)):
        return " ".join((name, *args))
    if name in TARGETS and len(args) == 2 and TARGETS[name](args[0]):
        which = args[0] if name.endswith("ById") else _quote(args[0])
        return f"{name} {which} {_quote(_targets(args[1], ','))}"
    known = {**BARE, **QUOTED, **LISTS, **TARGETS, "SecAction": None, "SecRule": None}
    if name in known:
        raise BadValue(f"{name} does not take these arguments")
    if name in OF_OPERATORS:
        raise BadValue(f"{name} names a file to write, which only the ConfigMap may")
    raise BadValue(f"{name} is none of the directives that are allowed")


def _quote(raw: str) -> str:
    return f'"{raw}"'


def _targets(text: str, mark: str) -> str:
    for item in text.split(mark):
        found = _TARGET(item.strip())
        if found is None or not _is_known(found[1], found[2]):
            raise BadValue(f'"{item.strip()}" is none of the variables that are allowed')
    return mark.join(item.strip() for item in text.split(mark))


def _operation(raw: str) -> str:
    """Return an operator with its argument, as `SecRule` has it."""
    text = raw.strip()
    found = _OPERATION(text)
    if found is None and "@" in text[:2]:
        raise BadValue(f'"{text[:20]}" is no operator')
    if found is None:
        negated, name, argument = "!" if text.startswith("!") else "", "rx", text.removeprefix("!")
    else:
        negated, name, argument = found[1], found[2], (found[3] or "").strip()
    if "%{" in _check_macros(argument) or argument.endswith("%"):
        raise BadValue("a % begins the name of a variable in braces, or something follows it")
    written = _written_operator(name.lower(), argument)
    if written is None:
        raise BadValue(f"@{name} is none of the operators that are allowed")
    if not written[1] and name.lower() not in ALONE:
        raise BadValue(f"@{name} needs something to look for")
    return f"{negated}@{' '.join(filter(None, written))}"


def _written_operator(name: str, argument: str) -> tuple[str, str] | None:
    """Return an operator as ModSecurity writes it, and its argument; ``None``: not allowed."""
    if name == "rx":
        argument = argument.replace('\\"', "\\x22")
        _check_regex(argument)
        return "rx", argument
    if '"' in argument:
        raise BadValue('a " can stand in a regex alone')
    if name in ALONE and not argument:
        return ALONE[name], ""
    if name in NUMBERS:
        if not _NUMBER(argument):
            raise BadValue(f'"{argument}" is no number')
        return NUMBERS[name], argument
    if name == "ipmatch":
        return "ipMatch", _networks(argument)
    if name == "validatebyterange":
        return "validateByteRange", _byte_ranges(argument)
    return (PLAIN[name], argument) if name in PLAIN else None


def _check_regex(pattern: str) -> None:
    if "%{" in pattern:
        raise BadValue("a regex may not be made of what a request holds")
    try:
        captures(pattern)
        slow = slow_part(pattern) or bulky_part(pattern)
    except BadRegex as error:
        raise BadValue(f'"{pattern[:40]}" is no regex: {error.why}') from error
    if slow:
        raise BadValue(f'"{pattern[:40]}" could take very long; no part may match in two ways')


def _networks(text: str) -> str:
    found = [item.strip() for item in text.split(",")]
    for item in found:
        try:
            ipaddress.ip_network(item, strict=False)
        except ValueError as error:
            raise BadValue(f'"{item}" is neither an address nor a network') from error
    return ",".join(found)


def _byte_ranges(text: str) -> str:
    found = [item.strip() for item in text.split(",")]
    for item in found:
        ends = item.split("-")
        if len(ends) > 2 or not all(end.isdecimal() and int(end) < 256 for end in ends):
            raise BadValue(f'"{item}" is no range of bytes')
    return ",".join(found)


def _is_known(variable: str, part: str | None) -> bool:
    return variable.lower() in (COLLECTIONS if part else VARIABLES)


def _check_macros(text: str) -> str:
    """Hold what is filled in against the variables; return the rest of the text."""
    for name, part in _MACRO.findall(text):
        if not _is_known(name, part):
            raise BadValue(f"%{{{name}{part}}} is none of the variables that are allowed")
    return _MACRO.sub("", text)


def _rule(
    before: list[str], name: str, given: list[str], *, follows: bool, trusted: bool
) -> tuple[Directives, bool]:
    actions = list(_actions(given[0])) if given else []
    names = {action for action, _ in actions}
    if follows:
        wrong = names & OF_STARTERS
        if wrong:
            raise BadValue(f"only the first rule of a chain may have {min(wrong)}")
        ids: tuple[int, ...] = ()
    else:
        ids = tuple(int(value or "") for action, value in actions if action == "id")
        if len(ids) != 1:
            raise BadValue("a rule needs one id")
        if not trusted and ids[0] not in LOCAL_IDS:
            raise BadValue(f"the id {ids[0]} is not from 1 to 99999, which are for one's own rules")
    written = [_write_action(action, value) for action, value in actions]
    last = [_quote(",".join(written))] if written else []
    return Directives(" ".join((name, *before, *last)) + "\n", ids), "chain" in names


def _actions(raw: str) -> Iterator[tuple[str, str | None]]:
    end = 0
    text = raw.strip()
    while end < len(text):
        found = _ACTION.match(text, end)
        if found is None:
            raise BadValue(f'"{text[end : end + 30]}" is no action')
        name, end = found[1].lower(), found.end()
        value = found[2] if found[2] is not None else found[3]
        value = None if value is None else value.strip() or None
        if name in FLAGS and value is None:
            yield name, None
            continue
        check = ACTIONS.get(name)
        if check is None:
            raise BadValue(f"{found[1]} is none of the actions that are allowed")
        if not check(value or "") or (value is None and name != "allow"):
            raise BadValue(f'{found[1]} can not be "{value or ""}"')
        if "%" in _check_macros(value or ""):
            raise BadValue(f"a % in {found[1]} begins the name of a variable in braces")
        yield name, value


def _write_action(name: str, value: str | None) -> str:
    written = SPELLING.get(name, name)
    if value is None:
        return written
    return f"{written}:'{value}'" if name in TEXTS else f"{written}:{value}"


class RulesGrammar(Grammar[Snippet]):
    """Rules of ModSecurity; the operator's may name files to write."""

    __slots__ = ()

    def read(self, text: str) -> Snippet:
        """Read rules. Raises `BadValue`."""
        return read_snippet(text, trusted=self.name == "operator's rules")


def _grammar(name: str, words: str) -> RulesGrammar:
    return RulesGrammar(
        name=name,
        rule="line",
        words=words,
        examples=("SecRuleEngine DetectionOnly", "SecRuleRemoveById 920350"),
        wrong=(
            "Include /etc/passwd",
            'SecRule ARGS "@pmFromFile /etc/passwd" "id:1,deny"',
            'SecRule ARGS "@rx a" "id:1,exec:/bin/sh"',
            "SecRuleEngine On; }",
        ),
        make=lambda tokens: read_snippet(tokens[0], trusted=False),
        write=write_snippet,
    )


RULES = _grammar("rules", "ModSecurity's directives, a line each, that touch no file")
OPERATORS_RULES = _grammar("operator's rules", "ModSecurity's directives, a line each")
