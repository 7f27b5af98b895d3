"""From a request to its outcome: socket, server, location, and what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from ingc.model.admission import keys_of
from ingc.model.checks import rates_of
from ingc.model.known import strange
from ingc.model.locations import FoundLocation, Level, read_level
from ingc.model.machine import Undecided
from ingc.model.outcome import ALL_HEADERS, Files, HeadersWanted, NotModelled, Outcome
from ingc.model.reading import header_rules
from ingc.model.run import Choices, Run
from ingc.model.servers import Socket, read_sockets
from ingc.model.tree import VARIABLE_BLOCKS, Statement, read_statements
from ingc.model.values import VariableBlock, Variables, shares
from ingc.syntax.header_rules import HeaderRules
from ingc.syntax.request import Request

Alternatives = tuple[tuple[float, Outcome], ...]


_MOST_CHOICES = 50
"""Blocks that chance decides on the way of one request."""
_MOST_WAYS = 5_000
"""Outcomes that chance allows: twelve blocks of ten values each have more than can be followed."""


class Model:
    """A configuration, and what nginx would do with requests to it."""

    def __init__(
        self,
        statements: Iterable[Statement],
        version: tuple[int, int, int],
        files: Files | None = None,
    ) -> None:
        """Read a whole configuration, or the inside of one ``http`` block.

        ``files`` knows what is on disk; without it, what depends on that is not modelled.
        """
        found = tuple(statements)
        self._files = files
        self._strange: dict[int, Statement | None] = {}
        http = next((item for item in found if item.name == "http"), None)
        self._http = http if http is not None else Statement("http", (), 0, found)
        self._version = version
        blocks = (
            VariableBlock(item) for item in self._http.block or () if item.name in VARIABLE_BLOCKS
        )
        named = {block.variable: block for block in blocks}
        self._variables = Variables(named, (self._http,))
        self._sockets = read_sockets(self._http)
        self._levels: dict[int, Level] = {}
        self._header_rules: dict[int, HeaderRules] = {}
        self._rates = rates_of(self._http)
        self._limit_keys = keys_of(self._http)

    def outcome(self, request: Request, *, headers: HeadersWanted = ALL_HEADERS) -> Outcome:
        """Return what becomes of a request; of several that chance decides, the likeliest.

        ``headers`` are those that it has. Raises `NotModelled`.
        """
        return max(self.outcomes(request, headers=headers), key=lambda item: item[0])[1]

    def outcomes(
        self,
        request: Request,
        *,
        headers: HeadersWanted = ALL_HEADERS,
        taken: FoundLocation | None = None,
        there: tuple[int, ...] = (),
    ) -> Alternatives:
        """Return every outcome that chance allows, each with its probability.

        ``taken`` is a location that takes the request instead of the one that would. ``there`` has
        for each ``try_files`` on the way the number of the first file that is there (`NONE_THERE`:
        none).
        """
        run = partial(Run, self, request, headers, taken, there)
        return tuple(self._outcomes(run, {}, 1.0, 1))

    def _outcomes(
        self, run: Callable[[Choices], Run], choices: Choices, odds: float, ways: int
    ) -> Iterator[tuple[float, Outcome]]:
        """Yield outcomes; ``ways`` is how many there may be beside those of these choices."""
        try:
            yield odds, run(choices).outcome()
        except Undecided as undecided:
            block = undecided.block
            found = tuple(shares(block))
            ways *= len(found)
            if ways > _MOST_WAYS or len(choices) >= _MOST_CHOICES:
                line = block.statement.line
                raise NotModelled(f"${block.variable}, one of many chances", line) from None
            for share, value in found:
                chosen = {**choices, block.variable: value}
                yield from self._outcomes(run, chosen, odds * share, ways)

    def socket(self, request: Request) -> Socket | None:
        """Return the socket that a request arrives at; ``None``: nobody listens."""
        return next(iter(self.sockets(request)), None)

    def sockets(self, request: Request) -> tuple[Socket, ...]:
        """Return the sockets of a request's scheme and port; the address that
        the client connects to decides which one has it.
        """
        https = request.scheme == "https"
        return tuple(
            socket
            for socket in self._sockets
            if socket.ssl == https and request.port in (None, socket.port)
        )

    def listens(self, scheme: str) -> bool:
        """Return whether any socket speaks a scheme."""
        return any(socket.ssl == (scheme == "https") for socket in self._sockets)

    def level(self, server: Statement) -> Level:
        """Return the locations of a server."""
        found = self._levels.get(id(server))
        if found is None:
            found = self._levels.setdefault(id(server), read_level(server))
        return found

    def header_rules(self, server: Statement) -> HeaderRules:
        """Return which headers a server reads, and how long they may be."""
        found = self._header_rules.get(id(server))
        if found is None:
            found = header_rules((self._http, server))
            self._header_rules[id(server)] = found
        return found

    def check(self, block: Statement) -> None:
        """Raise `NotModelled` where a block has a directive that is not known."""
        if id(block) not in self._strange:
            self._strange[id(block)] = strange(block)
        found = self._strange[id(block)]
        if found is not None:
            raise NotModelled(f"{found.name} in a {block.name}", found.line)

    @property
    def files(self) -> Files | None:
        """What is on disk, by path; ``None``: not modelled."""
        return self._files

    @property
    def all_sockets(self) -> tuple[Socket, ...]:
        """The sockets that nginx listens on."""
        return tuple(self._sockets)

    @property
    def rates(self) -> Mapping[str, str]:
        """The rates of the zones of ``limit_req``, by their names."""
        return self._rates

    @property
    def limit_keys(self) -> Mapping[str, str]:
        """By what the zones of limits distinguish clients, by their names."""
        return self._limit_keys

    @property
    def variables(self) -> Variables:
        """The variables of the configuration."""
        return self._variables

    @property
    def version(self) -> tuple[int, int, int]:
        """The nginx that is modelled."""
        return self._version

    @property
    def http(self) -> Statement:
        """The ``http`` block."""
        return self._http


def read_model(
    parsed: Iterable[Mapping[str, Any]],
    version: tuple[int, int, int],
    files: Files | None = None,
) -> Model:
    """Return the model of what crossplane has read; ``files`` knows what is on disk."""
    return Model(read_statements(parsed), version, files)
