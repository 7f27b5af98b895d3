"""Every golden's rules, read a second time as Ingress v1 says them: who takes each path.

This holds frontend, merge and resolve against a reading that has no line of theirs. Left out are
what Ingress v1 does not know: regexes, canaries, Routes, and what an annotation does to a whole
host.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml

from ingc import ir
from ingc.match.trie import HostTable, path_matcher
from ingc.prove.witnesses import own_names, uri_witnesses
from tests.golden.case import Case, all_cases
from tests.match.naive import spec_answer
from tests.objects import Object

ELSEWHERE = frozenset({"classes", "isolate", "mistakes", "versions"})
"""Areas about Ingresses that are not compiled, or not as they are."""
_ANNOTATION = "nginx.ingress.kubernetes.io/"


def ingresses(case: Case) -> list[Object] | None:
    """Return the Ingresses of a case; ``None``: one is a canary, or Routes have hosts as well."""
    text = (case.folder / "input.yaml").read_text(encoding="utf-8")
    objects = [item for item in yaml.safe_load_all(text) if item]
    if any(item.get("kind") == "Route" for item in objects):
        return None
    found = [item for item in objects if item.get("kind") == "Ingress"]
    for item in found:
        asked = item["metadata"].get("annotations", {})
        if asked.get(f"{_ANNOTATION}canary") == "true":
            return None
    return found


def cases() -> Iterator[tuple[Case, list[Object]]]:
    for case in all_cases():
        if case.area in ELSEWHERE or not case.result.ok or case.result.errors:
            continue
        found = ingresses(case)
        if found:
            yield case, found


CASES = list(cases())


@pytest.mark.parametrize(("case", "objects"), CASES, ids=lambda item: getattr(item, "name", ""))
def test_who_takes_a_path_is_as_the_rules_say(case: Case, objects: list[Object]) -> None:
    config = case.result.ir
    assert config is not None
    table = HostTable(config.hosts)
    fallback = next(host for host in config.hosts if not host.name)
    for host in config.hosts:
        if host.regex:
            continue
        matches = [route.match for route in host.routes]
        paths = [m.path.encode() for m in matches if isinstance(m, ir.Exact | ir.Prefix)]
        for name in own_names(host.name)[:1]:
            taken = table.find(name) or fallback
            if taken is not host:
                continue
            matcher = path_matcher(host)
            for uri in uri_witnesses(paths):
                route = matcher.find(uri) or host.default
                origin = route.origin
                found = str(origin) if origin.name else None
                said = spec_answer(objects, name.decode(), uri)
                assert found == said, (name, uri)


def test_most_goldens_are_asked() -> None:
    hosts = [host for case, _ in CASES for host in (case.result.ir or pytest.fail("no IR")).hosts]
    assert len(CASES) > 150
    assert sum(not host.regex for host in hosts) > 300
