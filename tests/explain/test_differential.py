"""The answers are the oracle's on every golden case, the model's on the text, and real nginx's."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.explain import Answer, Conf, Question, asker_of, conf_of, read_conf, read_question
from ingc.explain.compiled.excerpt import part_for
from ingc.nginx import Nginx
from ingc.syntax.host import BadHost, read_host
from tests.golden.case import Case, Probe, all_cases, match_of
from tests.model.test_foreign import CASES as FOREIGN
from tests.model.test_foreign import TOLD, UPSTREAMS, seen
from tests.model.test_foreign import Case as Foreign
from tests.nginx.bare import Talk, bare
from tests.nginx.harness import as_ourselves
from tests.nginx.wire import get

PROBED = [case for case in all_cases() if case.probes and case.result.ok]


def asked(probe: Probe) -> Question:
    url = probe.url
    return read_question(
        f"{url.scheme}://{url.authority}{url.target}", method=probe.method, headers=probe.headers
    )


@pytest.mark.parametrize("case", PROBED, ids=lambda case: case.name)
def test_the_oracle_and_the_text_answer_alike(case: Case) -> None:
    result = case.result
    assert result.config is not None
    assert result.ir is not None
    asker = asker_of(result)
    conf = conf_of(result.config, result.ir.settings.target, fragment=result.ir.settings.fragment)
    for probe in case.probes:
        question = asked(probe)
        match, answer = match_of(result, probe), asker.ask(question)
        assert (answer.status, answer.redirect, answer.upstream) == (
            match.status,
            match.redirect,
            match.upstream,
        )
        assert answer.route is None or answer.route.route is match.route
        if match.upstream_uri is not None:
            assert answer.upstream_uri == match.upstream_uri.decode()
        found = conf.ask(question)
        if found.unknown is None:
            assert same(answer, found), (probe.text, answer, found)


def same(answer: Answer, found: Answer) -> bool:
    """Tell whether the text does what the oracle says."""
    if answer.backend is None:
        return (answer.status, answer.redirect, answer.refused) == (
            found.status,
            found.redirect,
            found.refused,
        )
    if found.backend is None:
        return answer.route is not None and found.status in answer.route.may_answer
    names = {answer.backend.name, *(backend.name for backend, _ in answer.alternatives)}
    name = found.backend.name.partition(".sticky_")[0]
    addresses = {
        e for b in (answer.backend, *(b for b, _ in answer.alternatives)) for e in b.endpoints
    }
    sent = answer.upstream_uri
    return (name in names or name in addresses) and sent in (None, found.upstream_uri)


@pytest.mark.parametrize("case", FOREIGN, ids=lambda case: case.name)
def test_a_foreign_configuration_answers_as_nginx_does(
    nginx: Nginx, case: Foreign, tmp_path: Path
) -> None:
    http = UPSTREAMS + TOLD + case.http
    with bare(nginx, http, directives=as_ourselves()) as socket, Talk(socket) as talk:
        conf = written(http.replace("LISTEN", f"listen unix:{socket};"), tmp_path, nginx)
        for host, target in case.requests:
            answer = conf.ask(read_question(f"http://{host}{target}"))
            assert foretold(answer) == seen(talk.ask(get(target, host))), (host, target)


def written(http: str, folder: Path, nginx: Nginx) -> Conf:
    """Read a configuration as a file whose servers are in another one."""
    (folder / "servers.conf").write_text(http, encoding="utf-8")
    text = "events { }\nhttp { include servers.conf; }\n"
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    return read_conf(folder / "nginx.conf", nginx.version)


def foretold(answer: Answer) -> tuple[object, ...]:
    assert answer.unknown is None
    if answer.backend is None:
        return answer.status, answer.redirect
    return 200, None, answer.backend.service, answer.upstream_uri


@pytest.mark.parametrize("case", PROBED, ids=lambda case: case.name)
def test_the_part_for_a_host_answers_as_the_whole_does(case: Case) -> None:
    result = case.result
    assert result.config is not None
    assert result.ir is not None
    target, fragment = result.ir.settings.target, result.ir.settings.fragment
    whole = conf_of(result.config, target, fragment=fragment)
    for probe in case.probes:
        question = asked(probe)
        try:
            name = read_host(probe.url.authority.encode(), target).decode()
        except BadHost:
            name = ""
        part = conf_of(part_for(result.config, name), target, fragment=fragment)
        one, other = whole.likeliest(question), part.likeliest(question)
        if one is None or other is None:
            assert one is other
            continue
        for line in ("server_line", "location_line"):
            places = (conf.at(getattr(item, line)) for conf, item in ((whole, one), (part, other)))
            assert len({place.line if place else 0 for place in places}) == 1, (probe.text, line)
        assert (one.status, one.upstream, one.target) == (
            other.status,
            other.upstream,
            other.target,
        )
