"""Workflow commands, read back as GitHub's runner reads them."""

from __future__ import annotations

import re

import pytest

from ingc.diagnostics import Diagnostic, Origin, Severity
from ingc.diagnostics.catalogue.hosts_paths import HostInvalid
from ingc.diagnostics.render.github import render_github
from tests.diagnostics.findings import FINDINGS, ONE_LINE, Manifest, found, ingress

COMMAND = re.compile(r"::(\w+) ([^:]*)::(.*)")


def _decoded(text: str) -> str:
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, char)
    return text


def _read(line: str) -> tuple[str, dict[str, str], str]:
    match = COMMAND.fullmatch(line)
    assert match is not None
    pairs = (pair.split("=", 1) for pair in match[2].split(","))
    return match[1], {name: _decoded(value) for name, value in pairs}, _decoded(match[3])


def _command(diagnostic: Diagnostic) -> tuple[str, dict[str, str], str]:
    (line,) = render_github([diagnostic]).splitlines()
    return _read(line)


@pytest.mark.parametrize("name", ["a,b:c 100%.yaml", "%2C.yaml", "a\r\nb.yaml", "a::b=c.yaml"])
def test_file_names_survive(name: str) -> None:
    source = Manifest(name, "host: a_b", ((("host",), 1, "a_b"),))
    command, properties, message = _command(
        found(HostInvalid(host="a_b%0A"), Origin(ingress("web"), ("host",), source))
    )
    assert command == "error"
    assert properties == {"file": name, "line": "1", "col": "7", "title": "ING201 host-invalid"}
    assert message == (
        'host "a_b%0A" is not a valid DNS name (must be a lower-case DNS name)\n'
        "at Ingress shop/web, host\n"
        "help: write the bare name, such as shop.example.com"
    )


def test_standard_input_is_no_file_of_the_repository() -> None:
    place = Origin(ingress("find"), (), ONE_LINE)
    assert _command(found(HostInvalid(host="a_b"), place))[1] == {"title": "ING201 host-invalid"}


def test_each_severity_has_its_command() -> None:
    levels = [found(HostInvalid(host="a_b"), Origin(), severity=level) for level in Severity]
    assert [_command(one)[0] for one in levels] == ["error", "warning", "notice"]


def test_one_line_for_each_finding() -> None:
    lines = render_github(FINDINGS).splitlines()
    assert len(lines) == len(FINDINGS)
    assert [_read(line)[1]["title"].split()[0] for line in lines] == [d.code for d in FINDINGS]
