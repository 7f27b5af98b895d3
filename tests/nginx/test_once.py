"""What may stand once in a block stands once: the table of directives says so, as nginx does."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from ingc.ir import Config
from ingc.model.tree import Statement, read_statements
from ingc.nginx import Nginx
from ingc.prove.directives import BLOCKS_OF_ENTRIES
from ingc.prove.parsing import RefusedText, parse
from ingc.serve import config_test
from ingc.target import format_version, inner_context, specification
from tests.golden.case import Case, all_cases

CASES = [case for case in all_cases() if not case.options.fragment]
BY_VALUE = frozenset(
    {"limit_conn", "limit_conn_zone", "limit_req", "limit_req_zone", "listen", "load_module"}
)
"""What may stand again, but not with the same arguments."""
LEAST = 180


@dataclasses.dataclass(slots=True)
class Doubling:
    """Stands in for `print_config`, and writes one line of the text twice."""

    print_config: Any
    line: int = 0
    """0: none."""
    text: str = ""
    """What was printed last, without the doubled line."""

    def __call__(self, *args: Any, **given: Any) -> Any:
        """Print a configuration."""
        self.text, *rest = self.print_config(*args, **given)
        lines = self.text.splitlines(keepends=True)
        return "".join((*lines[: self.line], *lines[max(0, self.line - 1) :])), *rest


def simple_directives(
    statements: Iterable[Statement], context: str = "main"
) -> Iterator[tuple[str, str, int]]:
    """Yield each directive without a block: name, context, line."""
    for item in statements:
        if item.block is None:
            yield item.name, context, item.line
        elif item.name not in BLOCKS_OF_ENTRIES:
            yield from simple_directives(item.block, inner_context(item.name, context))


def config_of(case: Case, nginx: Nginx) -> Config | None:
    """Return what a case becomes for an nginx; ``None``: nothing that it can run."""
    options = dataclasses.replace(case.options, nginx_version=format_version(nginx.version))
    result = case.compile(options)
    if not result.ok or result.ir is None or result.ir.needs_stream:
        return None
    return result.ir


def test_the_table_says_what_nginx_takes_once(
    nginx: Nginx, monkeypatch: pytest.MonkeyPatch
) -> None:
    doubling = Doubling(config_test.print_config)
    monkeypatch.setattr(config_test, "print_config", doubling)
    seen: dict[tuple[str, str], bool] = {}
    wrong = []
    for config in filter(None, (config_of(case, nginx) for case in CASES)):
        doubling.line = 0
        if not config_test.rehearse(nginx, config).ok:
            # By an nginx that loads no module, lacks its file, or was built without one.
            assert any(word in doubling.text for word in ("load_module", "sub_filter "))
            continue
        parsed = parse(doubling.text)
        assert not isinstance(parsed, RefusedText)
        lines = doubling.text.splitlines()
        for name, context, line in simple_directives(read_statements(parsed)):
            if (name, context) in seen or not lines[line - 1].endswith(";"):
                continue
            doubling.line = line
            said = config_test.rehearse(nginx, config)
            spec = specification(name, context)
            assert spec is not None
            seen[name, context] = spec.repeats
            if spec.repeats and not said.ok and name not in BY_VALUE:
                wrong.append(f"{name} in {context}: {said.messages}")
    assert not wrong
    assert len(seen) >= LEAST
    assert {True, False} == set(seen.values())
