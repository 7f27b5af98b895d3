"""gixy, another project's checker of nginx configurations, has nothing to say that holds.

Each kind of finding that it has is argued in `ARGUED`; one of any other kind fails, and so does
a row that no golden needs any more.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.golden.case import all_cases

pytest.importorskip("gixy", reason="gixy is not there: pip install -e '.[dev]'")


class Finding(NamedTuple):
    """What gixy says of a golden."""

    case: str
    plugin: str
    reason: str


class Argued(NamedTuple):
    """Why findings of a kind are no fault: those of a plugin whose reason has a form."""

    plugin: str
    reason: str
    because: str
    only: str = ".*"
    """The cases that may have it."""


SHOWS_A_KEY = "configmap/directives-hold-for-everybody"
ARGUED = (
    Argued(
        "proxy_buffering_off",
        r"`proxy_buffering` is set to `off`[.]",
        "ingress-nginx's default, kept; the annotation and the key proxy-buffering turn it on",
    ),
    Argued(
        "stale_dns_cache",
        r"proxy_pass uses variables, but no `resolver` is configured",
        "the variable is $scheme or the name of an upstream block: nothing is left to resolve",
        only="affinity/session-over-both-schemes-from-1.29.6",
    ),
    Argued(
        "http_splitting",
        r"Variable `[$]ingc_redirect_uri` can contain",
        "made of $request_uri, which is what stood on the request line or in :path: nginx takes"
        " no line break in either, and a group of it holds none",
    ),
    Argued(
        "http_splitting",
        r"Variable `[$]ingc_escaped_uri` can contain",
        "made of $request_uri by maps that only add percent forms; see plan/escaping.py",
    ),
    Argued(
        "http_splitting",
        r"Variable `[$]uri` can contain",
        "the new path only chooses a location, and those for it answer without a look at it",
        only="layout/wildcards-are-looked-up",
    ),
    Argued(
        "http_splitting",
        r"Variable `[$]ingc_debug_route` can contain",
        "made of $ingc_route, which only we set, to the name of a route: no client has a say in it",
        only="frame/debug-header-tells-listed-clients",
    ),
    Argued(
        "http2_misdirected_request",
        r"default_server with ssl_reject_handshake on and HTTP/2",
        "421 is for hosts that another connection would serve; this server is for names that no"
        " rule has, and answers 404 with nothing behind it",
    ),
    Argued(
        "origins",
        r"Regex matches insecure `(?:https://app[.](?:example[.]com|test)az[.]evil[.]com"
        r"|https://def[.]comnullaz)`",
        r"gixy takes \z, the end of a text, for the letter z; test_cors.py asks nginx",
    ),
    Argued(
        "stale_dns_cache",
        r"proxy_pass uses variables, but no `resolver` is configured",
        "the variable holds the name of an upstream of this file, chosen by a canary's map or with"
        " $scheme before it: nginx looks upstreams up before it would ask DNS",
        only=r"canary/.*|protocols/backend-protocol-https-and-auto-http.*"
        r"|(?:stream|passthrough)/.*|openshift/passthrough-.*",
    ),
    Argued(
        "stale_dns_cache",
        r"The proxy_pass directive should use a variable for the hostname",
        "without --resolver nginx can only ask at its start; a warning names those Services",
    ),
    Argued(
        "proxy_set_header_redefinition",
        r"Headers declared in higher scopes .* are not effective here",
        "the request to an authentication service or a mirror has headers of its own, those that"
        " ingress-nginx sends there, and none that are about the client's connection",
        only=r"(?:external_auth|mirror)/.*|configmap/files-for-tls-and-keys-of-limits"
        r"|backends/what-acts-on-backends-is-left-out-before-a-503",
    ),
    Argued(
        "try_files_is_evil_too",
        r"`try_files` introduces extra filesystem lookups",
        "one look at the root, where an error page is due and for no other request",
        only="errors/.*",
    ),
    Argued(
        "add_header_redefinition",
        r"Headers declared in higher scopes `access-control-",
        "a path without enable-cors beside paths with it: an empty header ends the inheritance",
        only="frame/shared-settings-stand-in-the-server",
    ),
    Argued(
        "add_header_redefinition",
        r"Headers declared in higher scopes `x-frame-options` are not effective here",
        "the server's are for what its program answers; app-root is ours, and has none of them",
        only="snippets/what-a-server-answers-has-its-headers",
    ),
    Argued(
        "hash_without_default",
        r"Missing `default` entry",
        "an absent default is the empty text, which sends no header",
        only="frame/debug-header-tells-listed-clients",
    ),
    Argued(
        "hash_without_default",
        r"Missing `default` entry in `map` for variable `[$]ingc_names_",
        "the map has an entry for each host or path that the server or the location takes",
        only="layout/.*",
    ),
    Argued(
        "invalid_regex",
        r"The replacement string references capture group\(s\) [$]2, ",
        "the case shows just that: nginx makes it empty, and the compiler warns",
        only="rewrite/group-that-the-path-lacks-is-told",
    ),
    Argued("version_disclosure", r".* is set to a value", "asked for by the key", SHOWS_A_KEY),
    Argued("low_keepalive_requests", r".* set to 500", "asked for by the key", SHOWS_A_KEY),
    Argued(
        "low_keepalive_requests",
        r".* is set to 100[.]",
        "written in the snippet that the case shows",
        only="snippets/directives-of-one-value-are-tunings",
    ),
    Argued(
        "if_is_evil",
        r"Directive `(?:set|break)` is unsafe inside `if`",
        "both are of the rewrite module, which runs them in order; the proof follows them, and"
        " tests compare them with the snippet pasted in",
        only="snippets/.*",
    ),
    Argued(
        "return_bypasses_allow_deny",
        r".*",
        "so it is in ingress-nginx too: a return of a snippet answers before addresses are checked",
        only="snippets/.*",
    ),
    Argued(
        "return_bypasses_allow_deny",
        r".*",
        "a closed port: it disconnects whoever comes",
        only="stream/operators-snippet-.*",
    ),
    Argued(
        "version_disclosure",
        r"Missing `server_tokens`",
        "a fragment leaves to the file around it what is not the hosts' own",
        only="frame/fragment",
    ),
    Argued(
        "missing_worker_processes",
        r"Missing `worker_processes`",
        "a fragment has no main context",
        only="frame/fragment",
    ),
)


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> list[Finding]:
    """Run gixy once over the whole configuration of every golden."""
    folder = tmp_path_factory.mktemp("gixy")
    cases = {}
    for number, case in enumerate(all_cases()):
        text = case.result.config
        if text is not None:
            whole = f"events {{}}\nhttp {{\n{text}\n}}\n" if case.options.fragment else text
            path = folder / f"{number}.conf"
            path.write_text(whole, encoding="utf-8")
            cases[str(path)] = case.name
    assert len(cases) > 150
    done = subprocess.run(
        [sys.executable, "-m", "gixy", "--disable-includes", "-f", "json", *cases],
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    said = [line for line in done.stderr.splitlines() if "Can't find variable" not in line]
    assert not said  # a file that it can't read would be no finding, but an error
    found = json.loads(done.stdout)
    return [Finding(cases[item["path"]], item["plugin"], item["reason"]) for item in found]


def argued_by(finding: Finding) -> Iterator[Argued]:
    for row in ARGUED:
        if (
            row.plugin == finding.plugin
            and re.match(row.reason, finding.reason)
            and re.fullmatch(row.only, finding.case)
        ):
            yield row


def test_every_finding_is_argued(findings: list[Finding]) -> None:
    assert not [finding for finding in findings if not any(argued_by(finding))]


def test_every_argument_is_needed(findings: list[Finding]) -> None:
    needed = {row for finding in findings for row in argued_by(finding)}
    assert not [row for row in ARGUED if row not in needed]


def test_it_does_find_what_would_be_wrong(tmp_path: Path) -> None:
    conf = tmp_path / "nginx.conf"
    conf.write_text("http { server { location /a { alias /etc/; return 302 $uri; } } }")
    done = subprocess.run(
        [sys.executable, "-m", "gixy", "-f", "json", str(conf)],
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert {"alias_traversal", "http_splitting"} <= {
        item["plugin"] for item in json.loads(done.stdout)
    }
