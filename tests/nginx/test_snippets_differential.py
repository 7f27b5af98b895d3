"""Snippets of the allow-list put together by chance, compiled and pasted by hand, on real nginx.

``--deep`` takes other ones each time, and ten times as many.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterator

import pytest

import ingc
from ingc.nginx import Nginx
from tests.nginx.pasted import Trial, has_headers_more
from tests.nginx.test_snippets_pasted import compare, given
from tests.strategies import deep

_SEED = 20261130
_MANY = 40
_VARIABLES = ("$a", "$b", "$c")
_READ = ("$host", "$arg_q", "$arg_r", "$http_x_in", "$cookie_k", "$request_method", "$args")
_TESTED = ("$arg_q", "$arg_r", "$http_x_in", "$cookie_k", "$request_method", "$request_uri", "$uri")
_REGEXES = ("^/a", "^/([a-z]+)", "b$", "^1?$", "(x|y)", "^/a/(.*)$", "^/(.)(.*)$", "[0-9]{2}")
_TEXTS = ("1", "x", "GET", "POST", "/a", "0", '""')
_STATUSES = ("200", "201", "403", "404", "410", "418", "503")
_TARGETS = ("/b/$1", "/a", "/b?z=1", "/c?", "/a/$1$2", "/d/$1?y=$arg_q")
_ASKS = (
    "/",
    "/a",
    "/a/x%20y?q=1&r=x",
    "/b/12?q=",
    "/a/b | X-In: 1 | Cookie: k=x",
    "POST /x?q=x | < body",
    "HEAD /y?r=12",
    "/a/%C3%A9/b?q=0",
)


class Chance:
    """Makes snippets; each is one that nginx can start on."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - the same snippets every time
        self._set: list[str] = []
        self._kinds: tuple[str, ...] = ()
        self._statuses = _STATUSES

    def snippet(self, *, server: bool) -> str:
        """Return a snippet of a few lines.

        What a server answers before a location is chosen has no headers of its snippet, so that
        no server has both.
        """
        self._set = []
        self._kinds = ("set", "set", "if", "if", "if", "rewrite", "header", "more", "sent", "rare")
        self._statuses = _STATUSES
        if server:
            programs = ("set", "set", "if", "if", "rewrite", "location")
            headers = ("set", "header", "more", "location")
            self._kinds = self._random.choice((programs, headers))
            self._statuses = _STATUSES[2:]
        lines = [self._line() for _ in range(self._random.randint(1, 7))]
        kept: dict[object, str] = {}
        for number, line in enumerate(lines):
            once = re.match(r"expires|etag|location [^{]*|proxy_set_header X-.", line)
            kept.setdefault(once[0].replace("^~ ", "") if once else number, line)
        return "\n".join(kept.values())

    def _one(self, *of: str) -> str:
        return self._random.choice(of)

    def _line(self) -> str:
        kind = self._one(*self._kinds)
        if kind == "if":
            return f"if ({self._condition()}) {{ {self._inner()} }}"
        if kind == "location":
            where = self._one("= /a", "/b", "^~ /a/b", "~ ^/b/[0-9]+$", "~* /X")
            return f"location {where} {{ {self._header()} return {self._one(*_STATUSES)} here; }}"
        if kind == "rare":
            return self._one("return 404;", "break;", "deny 10.0.0.1;", "expires 1h;", "etag off;")
        made = {"set": self._assign, "rewrite": self._rewrite, "header": self._header}
        made |= {"more": self._more, "sent": self._sent}
        return made[kind]()

    def _assign(self) -> str:
        name = self._one(*_VARIABLES)
        text = f'set {name} "{self._value()}";'
        self._set.append(name)
        return text

    def _value(self) -> str:
        known = (*_READ, *self._set)
        parts = (self._one("", "x", "-", "1", *known) for _ in range(self._random.randint(1, 3)))
        return "".join(f"${{{part[1:]}}}" if part[:1] == "$" else part for part in parts)

    def _condition(self) -> str:
        subject = self._one(*_TESTED, *self._set)
        form = self._random.randrange(4)
        if form == 0:
            return subject
        if form == 1:
            return f"{subject} {self._one('=', '!=')} {self._one(*_TEXTS)}"
        return f'{subject} {self._one("~", "~*", "!~", "!~*")} "{self._one(*_REGEXES)}"'

    def _inner(self) -> str:
        kind = self._random.randrange(6)
        if kind < 2 and self._set:
            return f'set {self._one(*self._set)} "{self._value()}";'
        if kind == 2:
            return self._rewrite()
        if kind == 3:
            return f"return 302 https://x.test{self._one('/', '$request_uri', '/?$args')};"
        return f"return {self._one(*self._statuses)};" if kind == 4 else "break;"

    def _rewrite(self) -> str:
        flag = self._one("", " last", " break", " redirect", " permanent")
        return f'rewrite "{self._one(*_REGEXES[:2], *_REGEXES[5:7])}" {self._one(*_TARGETS)}{flag};'

    def _header(self) -> str:
        always = self._one("", " always")
        return f'add_header X-{self._one("A", "B", "C")} "{self._value()}"{always};'

    def _more(self) -> str:
        name = self._one("Own", "A", "D")
        if self._random.randrange(3):
            return f'more_set_headers "X-{name}: v{self._value()}";'
        return f"more_clear_headers X-{name};"

    def _sent(self) -> str:
        return f'proxy_set_header X-{self._one("E", "F")} "{self._value()}";'


def _trials(seed: int, number: int) -> Iterator[Trial]:
    chance = Chance(seed)
    for count in range(number):
        yield Trial(
            f"t{count}",
            configuration=chance.snippet(server=False) if count % 3 else "",
            server=chance.snippet(server=True) if count % 3 != 1 else "",
            paths=("/", "/b") if count % 2 else ("/",),
            asks=_ASKS,
            answer=("X-Own: 1", "X-A: backend"),
            status="404 Not Found" if count % 7 == 0 else "200 OK",
        )


def test_what_chance_puts_together_is_answered_as_pasted(nginx: Nginx) -> None:
    if not has_headers_more(nginx):
        pytest.skip("this nginx has no headers-more to compare with")
    seed = time.time_ns() if deep() else _SEED
    made = tuple(_trials(seed, _MANY * 10 if deep() else _MANY))
    taken = tuple(trial for trial in made if _is_taken(trial))
    assert len(taken) > len(made) // 3
    compared = compare(nginx, taken)
    for trial in taken:
        pairs = zip(compared.expected[trial.name], compared.found[trial.name], strict=True)
        for ask, (wanted, got) in zip(trial.asks, pairs, strict=True):
            assert got == wanted, (seed, ask, trial.server, trial.configuration)


def _is_taken(trial: Trial) -> bool:
    """Return whether a snippet compiles; what is not taken is refused, and is no fault of ours."""
    objects, options = given((trial,), {trial.name: 8080, "auth": 8081})
    options["allow_address"] = ("127.0.0.0/8",)
    result = ingc.compile(objects, ingc.Options(**options))  # type: ignore[arg-type]
    codes = {error.code for error in result.errors}
    assert not [code for code in codes if code.startswith("ING9")], (
        trial.server,
        trial.configuration,
        [error.message for error in result.errors],
    )
    return not codes
