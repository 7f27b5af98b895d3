"""The option ``--deep``, how property tests are run, what needs a real nginx, and a summary.

By default the examples are the same in every run, so that a red test is a change and no chance.
``--deep`` (or ``INGC_DEEP=1``) takes other examples each time, and twenty times as many.
"""

from __future__ import annotations

import os
from collections import Counter

import pytest
from hypothesis import HealthCheck, Phase, settings

from ingc.nginx import NginxNotFound, find

_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
# To explain a failure takes as long again as to shrink it, where each example starts an nginx.
_PHASES = [phase for phase in Phase if phase is not Phase.explain]

settings.register_profile(
    "quick",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=_SLOW,
    phases=_PHASES,
)
settings.register_profile(
    "deep",
    deadline=None,
    derandomize=False,
    print_blob=True,
    suppress_health_check=_SLOW,
    phases=_PHASES,
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--deep``."""
    parser.addoption(
        "--deep", action="store_true", help="property tests: more examples, other ones each time"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile before any test module asks for it."""
    deep = config.getoption("--deep") or os.environ.get("INGC_DEEP", "") not in ("", "0")
    settings.load_profile("deep" if deep else "quick")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was tried: hostile inputs, and requests to real nginx."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    told = [item for report in reports for item in report.user_properties]
    total: Counter[str] = Counter()
    for counts in (value for name, value in told if name == "hostile"):
        total.update(counts)
    if total:
        parts = (f"{total[name]} {name}" for name in ("cases", "compiled", "refused"))
        terminalreporter.section("hostile input")
        terminalreporter.line(f"{', '.join(parts)}, {total['unasked']} with unasked directives")
    for key, title in (("three_way", "oracle = model = nginx"), ("explained", "explain = nginx")):
        asked = [line for name, lines in told if name == key for line in lines]
        if asked:
            terminalreporter.section(title)
        for line in asked:
            terminalreporter.write_line(line)


@pytest.fixture
def real_nginx() -> None:
    """Skip where this machine has no nginx, unless INGC_REQUIRE_NGINX says that it must."""
    try:
        find()
    except NginxNotFound as error:
        if os.environ.get("INGC_REQUIRE_NGINX", "0") not in ("", "0"):
            pytest.fail(str(error))
        pytest.skip(str(error))
