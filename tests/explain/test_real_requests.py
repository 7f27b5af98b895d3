"""What depends on the TLS name, the client's address and headers is as real nginx does it."""

from __future__ import annotations

import ssl

from ingc.explain import Question
from ingc.explain.compiled.api import CompiledAsker
from ingc.nginx import Nginx
from tests.nginx.harness import Site, serving
from tests.nginx.test_client_certs import SECRETS
from tests.nginx.wire import Response, Tls
from tests.objects import annotated, ingress, prefix, rule, tls

NAMES = (
    "a.test",
    "b.test",
    "plain.test",
    "x.wild.test",
    "bare.wild.test",
    "guarded.test",
    "none.test",
)


def secured(name: str, host: str, **annotations: str) -> dict[str, object]:
    return ingress(
        name,
        rule(host, prefix("/", name)),
        tls=[tls(host, by="cert")],
        annotations=annotated(**annotations),
    )


ASKS = {"auth_tls_secret": "default/ours"}
OBJECTS = [
    secured("a", "a.test"),
    secured("b", "b.test"),
    secured("wild", "*.wild.test"),
    secured("guarded", "guarded.test", **ASKS),
    ingress("plain", rule("plain.test", prefix("/", "plain"))),
    ingress("bare", rule("bare.wild.test", prefix("/", "bare"))),
    *SECRETS,
]


def test_tls_for_one_name_and_the_request_for_another(nginx: Nginx) -> None:
    with serving(nginx, OBJECTS) as site:
        asker = CompiledAsker(site.config)
        for sni in NAMES:
            for host in NAMES:
                answer = asker.ask(Question("GET", "https", host, "/", sni=sni))
                foretold = answer.status or (None if answer.refused else 200)
                if host == sni == "guarded.test":
                    foretold = 400  # there is no certificate to show here
                assert foretold == status(site, host, sni), (sni, host, answer.why)


def status(site: Site, host: str, sni: str) -> int | None:
    try:
        return site.ask(host, "/", scheme="https", tls=Tls(sni)).status
    except ssl.SSLError:
        return None


LISTS = {
    "open": {"whitelist_source_range": "127.0.0.0/8"},
    "closed": {"whitelist_source_range": "10.0.0.0/8"},
    "denied": {"denylist_source_range": "127.0.0.1"},
    "others": {"denylist_source_range": "10.0.0.0/8"},
}


def test_lists_of_addresses(nginx: Nginx) -> None:
    objects = [
        ingress(name, rule(f"{name}.test", prefix("/", name)), annotations=annotated(**lists))
        for name, lists in LISTS.items()
    ]
    with serving(nginx, objects) as site:
        asker = CompiledAsker(site.config)
        for name in LISTS:
            question = Question("GET", "http", f"{name}.test", "/", client_ip="127.0.0.1")
            response: Response = site.ask(f"{name}.test", "/")
            assert (asker.ask(question).status or 200) == response.status, name
