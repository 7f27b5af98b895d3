"""Each difference's witness, sent to two real nginxes: the old version's and the new one's."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

from ingc.diff.compiled import compare
from ingc.diff.difference import Difference
from ingc.explain.answer import Answer
from ingc.nginx import Nginx
from tests.diff.pairs import PAIRS, SERVICES, together
from tests.nginx.certificates import secret_for
from tests.nginx.harness import Site, serving
from tests.objects import Object, annotated, ingress, prefix, rule, tls

Seen = tuple[int | None, str | None, str | None, str | None]
"""Status (None: TLS was refused), Location, Service, the target that the backend got."""


def seen(site: Site, item: Difference) -> Seen:
    question = item.before.request
    headers = [f"{name}: {value}".encode() for name, value in question.headers]
    parts = urlsplit(question.url)
    try:
        response = site.ask(
            question.host,
            question.target,
            *headers,
            scheme="https" if parts.scheme == "https" else "http",
        )
    except (ssl.SSLError, ConnectionRefusedError):
        return None, None, None, None
    location = response.header("Location")
    for _, port in (site.http, site.https):
        location = location.replace(f":{port}/", "/") if location else None
    if response.header("Content-Type") != "application/json":
        return response.status, location, None, None
    story = response.json()
    target = story["request"]["target"]
    return None, None, f"{story['service']}:{story['port']}", target


def told(site: Site, answer: Answer) -> Seen:
    location = answer.redirect
    for _, port in (site.http, site.https):
        location = location.replace(f":{port}/", "/") if location else None
    if answer.backend is None:
        return answer.status, location, None, None
    backend = f"{answer.backend.service}:{answer.backend.port}"
    return None, None, backend, answer.upstream_uri


def hold(nginx: Nginx, old: list[Object], new: list[Object]) -> int:
    """Compare two versions and send every witness to both; return how many showed something."""
    with serving(nginx, old) as before, serving(nginx, new) as after:
        shown = 0
        found = compare(before.config, after.config)
        assert found.differences
        for item in found.differences:
            if item.host is None and item.path is None:
                continue  # the two listen on other ports
            answers = seen(before, item), seen(after, item)
            by_chance = bool(item.before.alternatives or item.after.alternatives)
            if by_chance:
                assert item.before.alternatives != item.after.alternatives or item.what
                continue
            if not item.shows:
                # What differs are limits, headers and the like, or who may ask.
                may = [code for ref in (item.old, item.new) if ref for code in ref.may_answer]
                alike = answers[0] == answers[1]
                assert alike or {answers[0][0], answers[1][0]} & set(may), (item, answers)
                continue
            assert answers == (told(before, item.before), told(after, item.after)), item
            assert answers[0] != answers[1], item
            shown += 1
        return shown


def test_witnesses_of_all_pairs(nginx: Nginx) -> None:
    shown = hold(nginx, together("old"), together("new"))
    assert shown >= len(PAIRS) // 2
    assert hold(nginx, together("new"), together("old")) >= len(PAIRS) // 2


def test_witnesses_over_tls(nginx: Nginx) -> None:
    rules = rule("a.test", prefix("/", "web"), prefix("/cart", "cart"))
    moved = rule("a.test", prefix("/", "web"), prefix("/cart", "beta"))
    secret = secret_for("cert", "a.test")
    plain = ingress("web", rules)
    over_tls = ingress("web", rules, tls=[tls("a.test", by="cert")])
    moved_over_tls = ingress("web", moved, tls=[tls("a.test", by="cert")])
    both = ingress(
        "web",
        rules,
        tls=[tls("a.test", by="cert")],
        annotations=annotated(ssl_redirect="false", server_alias="b.test"),
    )
    shared = [secret, *SERVICES]
    assert hold(nginx, [plain, *shared], [over_tls, *shared]) >= 2
    # The redirect to https hides on http what differs.
    assert hold(nginx, [over_tls, *shared], [moved_over_tls, *shared]) == 1
    assert hold(nginx, [over_tls, *shared], [both, *shared]) >= 2
