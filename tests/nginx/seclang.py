"""Rules of ModSecurity at random: some that are allowed, some near to it."""

from __future__ import annotations

import random

from ingc.frontend.declarations import seclang_words as words

_SIGNS = list("abcXYZ012 _-./:;=+!%{}[]()^$*?|&,@#~<>\\'\"`")
_PARTS = ("", "", ":a", ":x-y", ":a.b", ":/^x/", ":$", ":*")
_VALUES: dict[str, tuple[str, ...]] = {
    "accuracy": ("5",),
    "allow": ("phase", "request", ""),
    "ctl": (
        "ruleEngine=Off",
        "ruleRemoveById=5-9",
        "ruleRemoveByTag=a/b",
        "ruleRemoveTargetById=5;ARGS:x",
        "ruleRemoveTargetByTag=a;REQUEST_HEADERS",
        "requestBodyProcessor=JSON",
        "auditLogParts=+E",
        "forceRequestBodyVariable=On",
    ),
    "maturity": ("9",),
    "phase": ("1", "2", "5", "request", "logging"),
    "redirect": ("https://x.test/a?b=c", "/a"),
    "severity": ("CRITICAL", "2", "notice"),
    "skip": ("1",),
    "skipafter": ("END",),
    "status": ("403", "302", "599"),
}
_BARE: dict[str, tuple[str, ...]] = {
    "SecAuditEngine": ("On", "RelevantOnly"),
    "SecAuditLogFormat": ("JSON", "Native"),
    "SecAuditLogParts": ("ABZ",),
    "SecMarker": ("END", "a-b_c"),
}


class Author:
    """Writes rules; the same ones for the same seed."""

    def __init__(self, seed: int) -> None:
        self._draw = random.Random(seed)  # noqa: S311

    def snippet(self) -> str:
        """Return one directive, or a chain of two rules."""
        draw = self._draw
        kind, number = draw.random(), draw.randint(1, 99_999)
        if kind > 0.8:
            return self._setting()
        if kind > 0.75:
            return f"SecAction {_quoted(self._actions(number))}"
        targets = "|".join(self._target() for _ in range(draw.randint(1, 3)))
        chained = draw.random() < 0.2
        first = _quoted(self._actions(number) + (",chain" if chained else ""))
        rule = f"SecRule {targets} {_quoted(self._operation())} {first}"
        if not chained:
            return rule
        return f"{rule}\nSecRule {self._target()} {_quoted(self._operation())}"

    def _text(self) -> str:
        return "".join(self._draw.choice(_SIGNS) for _ in range(self._draw.randint(0, 12)))

    def _target(self) -> str:
        draw = self._draw
        name = draw.choice(sorted(words.VARIABLES)).upper()
        return draw.choice(("", "!", "&")) + name + draw.choice(_PARTS)

    def _operation(self) -> str:
        draw = self._draw
        name = draw.choice(
            [*words.PLAIN.values(), *words.NUMBERS.values(), *words.ALONE.values(), "ipMatch", ""]
        )
        if not name:
            return self._text()
        argument = self._text() if name in words.PLAIN.values() else ""
        if name in words.NUMBERS.values():
            argument = draw.choice(("1", "%{tx.a}", "%{args.x}", "x"))
        if name == "ipMatch":
            argument = draw.choice(("10.0.0.0/8,::1", "10.1.2.3", "x"))
        return f"{draw.choice(('', '!'))}@{name} {argument}".strip()

    def _actions(self, number: int) -> str:
        draw = self._draw
        found = [f"id:{number}"]
        for name in draw.sample(sorted({*words.FLAGS, *words.ACTIONS} - {"id", "chain"}), 3):
            written = words.SPELLING.get(name, name)
            found.append(written if name in words.FLAGS else f"{written}:{self._value(name)}")
        draw.shuffle(found)
        return ",".join(found)

    def _value(self, name: str) -> str:
        draw = self._draw
        if name == "t":
            return draw.choice(sorted(words.TRANSFORMATIONS))
        if name == "setvar":
            return "'tx.a=" + self._text().replace("'", "") + "'"
        if name in _VALUES:
            return draw.choice(_VALUES[name])
        text = draw.choice((self._text().replace("'", ""), "a b", "a %{matched_var}"))
        return f"'{text}'"

    def _setting(self) -> str:
        draw = self._draw
        name = draw.choice([*words.BARE, *words.QUOTED, *words.LISTS, *words.TARGETS])
        if name in words.BARE:
            usual = ("Reject",) if name.endswith("Action") else ("131072",)
            switched = usual if "Limit" in name else ("On", "Off")
            return f"{name} {draw.choice(_BARE.get(name, switched))}"
        if name in words.QUOTED:
            return f"{name} {_quoted(draw.choice((self._text(), 'a b', '^5')))}"
        if name in words.LISTS:
            return f"{name} {draw.choice(('1 2-3', 'text/plain text/html'))}"
        which = draw.choice(("942100", _quoted("a b"), _quoted(self._text())))
        return f"{name} {which} {_quoted(draw.choice(('!ARGS:x', '!ARGS:x,!REQUEST_COOKIES')))}"


def _quoted(text: str) -> str:
    """Return an argument in quotes, escaped for ModSecurity and then for nginx."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\\\"') + '"'
