"""Real nginx takes every golden configuration, and does with the probes what they say."""

from __future__ import annotations

import dataclasses
import ssl
import time

import pytest

from ingc.match import Match
from ingc.nginx import Nginx
from ingc.serve.config_test import rehearse
from ingc.target import format_version, parse_version
from tests.golden.case import Case, Probe, all_cases, match_of
from tests.golden.live import Live, live
from tests.golden.shown import outcome
from tests.nginx.modules import with_own_modules
from tests.nginx.streams import stream_module
from tests.nginx.wire import Connection, Response, Tls, get

CASES = all_cases()
PROBED = [case for case in CASES if case.probes]
COMPILED = [case for case in CASES if (case.folder / "nginx.conf").exists()]
_RESOLVED_WITHIN = 10.0  # seconds


@pytest.mark.parametrize("case", COMPILED, ids=[case.name for case in COMPILED])
def test_real_nginx_takes_the_configuration(case: Case, nginx: Nginx) -> None:
    options = dataclasses.replace(case.options, nginx_version=format_version(nginx.version))
    result = case.compile(options)
    if nginx.version < parse_version(case.options.nginx_version) and not result.ok:
        pytest.skip("the case needs a newer nginx")
    assert result.ok
    config = result.ir
    assert config is not None
    if config.needs_stream:
        # Where the module is a file, this machine has it elsewhere or not at all.
        stream = dataclasses.replace(config.stream, module=stream_module(nginx))
        config = dataclasses.replace(config, stream=stream)
    said = rehearse(nginx, with_own_modules(config, nginx))
    assert said.ok, said.messages
    # A stand-in signs itself, so there is no authority to ask about it.
    usual = ('"ssl_stapling" ignored, issuer', "ModSecurity-nginx v")
    messages = [text for text in said.messages if not any(words in text for words in usual)]
    assert not messages, "nginx warns of something"


@pytest.mark.parametrize("case", PROBED, ids=[case.name for case in PROBED])
def test_real_nginx_agrees_with_the_probes(case: Case, nginx: Nginx) -> None:
    with live(case, nginx) as served:
        for probe in case.probes:
            expected = match_of(served.result, probe)
            assert outcome(expected) == outcome(match_of(case.result, probe))
            if expected.unopened:
                continue  # held by tests/nginx/test_stream.py
            try:
                if expected.status is None and expected.upstream is None:
                    _check_refused(probe, served)
                else:
                    _check_answer(probe, expected, served)
            except AssertionError as error:
                error.add_note(f"probe: {probe.text}, {outcome(expected)}")
                raise
        if case.options.resolver:
            _check_looked_up(served)


def _check_looked_up(served: Live) -> None:
    """nginx asks for names once its workers run, which a probe need not have waited for."""
    wanted = {e.address for u in served.served.upstreams for e in u.endpoints if e.dns}
    end = time.monotonic() + _RESOLVED_WITHIN
    while served.asked != wanted and time.monotonic() < end:
        time.sleep(0.05)
    assert served.asked == wanted


def _connect(probe: Probe, served: Live) -> Connection:
    scheme = probe.url.scheme
    tls = Tls(server_name=probe.url.host) if scheme == "https" else None
    return Connection(("127.0.0.1", served.ports[scheme]), tls=tls)


def _check_refused(probe: Probe, served: Live) -> None:
    """Nobody listens for https, or the handshake is refused for this name."""
    with pytest.raises((ssl.SSLError, ConnectionRefusedError)) as refused:
        _connect(probe, served).close()
    if isinstance(refused.value, ssl.SSLError):
        assert "UNRECOGNIZED_NAME" in refused.value.reason


def _check_answer(probe: Probe, expected: Match, served: Live) -> None:
    with _connect(probe, served) as connection:
        answer = _ask(probe, connection, served)
        if isinstance(connection.socket, ssl.SSLSocket):
            assert expected.host is not None
            wanted = served.certificate(expected.host).decode()
            presented = connection.socket.getpeercert(binary_form=True)
            assert presented == ssl.PEM_cert_to_DER_cert(wanted)
    if expected.upstream is None:
        assert answer.status == expected.status
        assert answer.header("Location") == expected.redirect
    elif expected.route is None or answer.status not in expected.route.may_answer:
        assert answer.status == 200
        _check_reached(answer, expected, served)


def _ask(probe: Probe, connection: Connection, served: Live) -> Response:
    method = probe.method.encode()
    lines = [f"{name}: {value}".encode() for name, value in probe.headers]
    end = time.monotonic() + _RESOLVED_WITHIN
    while True:
        data = get(probe.url.target, probe.url.authority, *lines, method=method)
        answer = connection.request(data)
        # nginx takes connections before it has looked up its upstreams for the first time.
        if answer.status != 502 or not served.served.settings.resolver or time.monotonic() > end:
            return answer
        time.sleep(0.05)


def _check_reached(answer: Response, expected: Match, served: Live) -> None:
    assert expected.route is not None
    assert expected.upstream is not None
    told = answer.json()
    if expected.upstream_uri is not None:
        assert told["request"]["target"] == expected.upstream_uri.decode("latin-1")
    names = (expected.upstream, *(name for name, _ in expected.alternatives))
    services = [served.upstream(name).service for name in names]
    reached = (told["service"], told["port"])
    assert reached in [(f"{s.namespace}/{s.service}", str(s.port)) for s in services]
    origin = expected.route.origin
    if origin.name:
        assert (told["ingress"], told["rule"]) == (origin.ingress, origin.field)
