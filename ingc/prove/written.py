"""A whole text as the readers look at it: what stands outside of its servers, worked out once."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from ingc.model import NotModelled
from ingc.model.machine import State, Undecided
from ingc.model.tree import VARIABLE_BLOCKS, Statement
from ingc.model.values import VariableBlock, Variables, parts
from ingc.prove.samples import SAMPLES, Sample
from ingc.prove.unequal import Unequal
from ingc.prove.upstream_blocks import SESSIONS
from ingc.prove.values import NoValue, known_as
from ingc.syntax.pcre import given_up
from ingc.syntax.text import Text
from ingc.target import Version

ADDRESS = b"192.0.2.1"
"""The client's, in the request that variables are expanded for."""
REQUEST = {
    "request_id": b"0123456789abcdef",
    "request_uri": b"/a?b=%20&c=+;",
    "request_method": b"GET",
    "host": b"site.test",
    "http_host": b"site.test",
    "http_x_forwarded_host": b"",
    "http_accept": b"text/plain",
    "proxy_protocol_server_port": b"80",
    **dict.fromkeys(("remote_addr", "realip_remote_addr", "proxy_protocol_addr"), ADDRESS),
    "binary_remote_addr": ADDRESS,
}
"""nginx's own variables in that request."""


Found = dict[str, tuple[str, tuple[Statement, ...]]]
"""Directives by their names, each with the name that a feature has for it."""


class Written:
    """What a whole text holds outside of its servers."""

    def __init__(self, http: Statement, target: Version) -> None:
        self.http = http
        self.target = target
        self.upstreams = {item.args[0]: item for item in http.all("upstream")}
        self.around: dict[tuple[int, str], Found] = {}
        """The directives that locations inherit from a block, by the block and the module."""
        self._headers: dict[int, tuple[tuple[Statement, ...], Mapping[str, str]]] = {}
        self._evaluated: dict[object, str] = {}
        self._sources: dict[str, tuple[str, ...]] = {}
        self._sampled: dict[object, tuple[str, ...]] = {}
        self.escaped: dict[object, bool] = {}
        """Whether a variable is the URI of the request, percent-encoded; see `is_escaped`."""
        self.header_differences: dict[object, Unequal | None] = {}
        """What differs in headers to backends, by all that decides it."""
        self.usual: dict[str, tuple[Mapping[str, str], ...]] = {}
        """The headers that every backend gets for each sample, by the scheme."""
        self.answers: dict[object, Unequal | None] = {}
        """The same of headers of answers."""

    @cached_property
    def blocks(self) -> dict[str, VariableBlock]:
        """The blocks that give variables their values, by the variable."""
        kinds = (self.http.all(name) for name in VARIABLE_BLOCKS)
        made = (VariableBlock(item) for items in kinds for item in items)
        return {block.variable: block for block in made}

    @cached_property
    def with_sessions(self) -> frozenset[str]:
        """The upstreams that have forms with sessions, by their own names."""
        forms = (name.partition(SESSIONS) for name in self.upstreams)
        return frozenset(name for name, mark, _ in forms if mark)

    @cached_property
    def zones(self) -> dict[tuple[str, str], Statement]:
        """The zones of limits, by the directive that uses them and their name."""
        found = {}
        for name in ("limit_req", "limit_conn"):
            for item in self.http.all(f"{name}_zone"):
                zone = next(arg for arg in item.args if arg.startswith("zone="))
                found[name, zone.removeprefix("zone=").partition(":")[0]] = item
        return found

    @cached_property
    def _variables(self) -> Variables:
        return Variables(self.blocks)

    def expand(
        self, text: str, given: Mapping[str, bytes], assigned: Mapping[str, str] | None = None
    ) -> str:
        """Return a text for one request: `REQUEST`, but for the variables that are given.

        ``assigned`` are those that the location sets. Raises `NotModelled`, and `NoValue` where
        chance decides.
        """
        known = {**REQUEST, "scheme": b"http", "https": b"", **given}
        try:
            return self._expanded(text, known, assigned or {})
        except Undecided as error:
            raise NoValue("", f"chance decides ${error.block.variable}") from error

    def _expanded(self, text: str, known: dict[str, bytes], assigned: Mapping[str, str]) -> str:
        """Return a text where nginx's own variables are known; a location sets the assigned ones.

        One of these that is not modelled, or that chance decides, matters where it is used. Raises
        `NotModelled`, and `Undecided`.
        """
        path, _, query = known["request_uri"].partition(b"?")
        state = State(path, query, known, {})
        for name, value in assigned.items():
            try:
                state.assigned[name] = self._variables.expand_twice(value, state, 0)
            except (NotModelled, Undecided) as error:
                state.unknown[name] = error
        return self._variables.expand(text, state, 0).decode("latin-1")

    def evaluated(self, text: Text, assigned: Mapping[str, str] | None = None) -> str | None:
        """Return a text for `REQUEST`; ``None`` where the model does not know a variable of it."""
        constant = text.constant
        if constant is not None:
            return constant
        try:
            needed = self._assigned_for(text, assigned) if assigned else ()
            key = (text, needed)
            if key not in self._evaluated:
                before, value = given_up(), self.expand(_written(text), {}, dict(needed))
                if given_up() != before:
                    return value  # of a search without an answer: the next has to count it too
                self._evaluated[key] = value
            return self._evaluated[key]
        except NotModelled:
            return None

    def on_samples(
        self, text: Text, assigned: Mapping[str, str] | None, scheme: str
    ) -> tuple[str, ...] | None:
        """Return a text for each of `SAMPLES`; ``None``: a variable is not modelled."""
        constant = text.constant
        if constant is not None:
            return (constant,) * len(SAMPLES[scheme])
        needed = self._assigned_for(text, assigned) if assigned else ()
        key = (text, needed, scheme)
        if key not in self._sampled:
            before = given_up()
            results = [self._work_out(text, dict(needed), item) for item in SAMPLES[scheme]]
            known = [value for value in results if value is not None]
            if len(known) < len(results):
                return None
            if given_up() != before:
                return tuple(known)  # of a search without an answer: the next has to count it too
            self._sampled[key] = tuple(known)
        return self._sampled[key]

    def worked_out(self, text: Text, scheme: str, given: Mapping[str, bytes]) -> str | None:
        """Return a text for the first of `SAMPLES`, but for the variables that are given."""
        if text.constant is not None:
            return text.constant
        first = SAMPLES[scheme][0]
        return self._work_out(text, {}, first.with_others(given) if given else first)

    def _work_out(self, text: Text, assigned: Mapping[str, str], sample: Sample) -> str | None:
        try:
            return self._expanded(_written(text), sample, assigned)
        except (NotModelled, Undecided):
            return None

    def _assigned_for(self, text: Text, assigned: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
        """Return those of the variables that are set on which a text depends."""
        waiting, seen = [name.lower() for name in text.variables], set()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                value = assigned.get(name)
                waiting += self._sources_of(name) if value is None else _variables_in(value)
        return tuple([(name, value) for name, value in assigned.items() if name in seen])

    def _sources_of(self, variable: str) -> tuple[str, ...]:
        """Return the variables from which a block computes its own."""
        found = self._sources.get(variable)
        if found is None:
            block = self.blocks.get(variable)
            texts = (block.source, *(value for _, value in block.entries)) if block else ()
            found = tuple({name for text in texts for name in _variables_in(text)})
            self._sources[variable] = found
        return found

    def headers(self, listed: tuple[Statement, ...]) -> Mapping[str, str]:
        """Return what each header is set to, by its name as `known_as` has it.

        ``listed`` are the directives of one block; those that many locations inherit are looked
        at once.
        """
        found = self._headers.get(id(listed))
        if found is None:
            made = {known_as(item.args[0]): item.args[1] for item in listed}
            found = self._headers[id(listed)] = (listed, made)
        return found[1]

    def constant(self, variable: str) -> str | None:
        """Return what a map of nothing gives, which is the same for every request."""
        block = self.blocks.get(variable)
        if block is None or block.source or block.statement.name != "map":
            return None
        return block.default


def _written(text: Text) -> str:
    """Return a text as nginx reads it, a group without braces, in which it would be a variable."""
    return "".join(
        part
        if isinstance(part, str)
        else f"${part.name}"
        if part.name.isdigit()
        else f"${{{part.name}}}"
        for part in text.parts
    )


def _variables_in(text: str) -> list[str]:
    return [name for kind, name in parts(text) if kind == "variable"]
