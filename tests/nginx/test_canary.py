"""Canaries on real backends: which requests they take, and how many."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import pytest

from ingc.nginx import Nginx
from tests.nginx.certificates import secret_for
from tests.nginx.harness import Site, serving
from tests.nginx.pods import body, cookies, noted, pods, sent
from tests.nginx.wire import Connection, Response, Tls, get
from tests.objects import Object, exact, ingress, prefix, rule, specific, tls

REQUESTS = 10_000
BURST = 500
"""Requests on one connection; nginx closes it after 1000."""
ALWAYS = b"X-Canary: always"


def web(path: str = "/", by: str = "", **values: str) -> Object:
    entries = [tls("a.test", by=by)] if by else []
    return ingress(
        "web", rule("a.test", prefix(path, "web")), annotations=noted(**values), tls=entries
    )


def canary(path: str = "/", **values: str) -> Object:
    annotations = noted(canary="true", **values)
    return ingress("next", rule("a.test", prefix(path, "next")), annotations=annotations)


def goes_to(site: Site, *lines: bytes, target: str = "/") -> str:
    """Return the Service that a request reaches; the oracle must know it before."""
    pairs = [line.decode().partition(": ") for line in lines]
    headers = [(name, value) for name, _, value in pairs]
    match = site.oracle.match("a.test", target, headers=headers)
    assert not match.alternatives
    story = site.ask("a.test", target, *lines).json()
    reached = str(story["service"]).partition("/")[2]
    assert match.upstream == f"default_{reached}_80"
    return reached


def check(nginx: Nginx, rules: dict[str, str], wanted: Iterable[tuple[str, str]]) -> None:
    with serving(nginx, [web(), canary(**rules)]) as site:
        for lines, reached in wanted:
            sent_lines = [line.encode() for line in lines.split(" & ") if line]
            assert goes_to(site, *sent_lines) == reached, lines


def test_the_host_as_sent_is_a_header_too(nginx: Nginx) -> None:
    rules = {"canary_by_header": "Host", "canary_by_header_value": "A.test"}
    with serving(nginx, [web(), canary(**rules)]) as site:
        for host, reached in (("a.test", "web"), ("A.test", "next"), ("A.TEST", "web")):
            match = site.oracle.match(host, "/")
            assert match.upstream == f"default_{reached}_80"
            assert site.ask(host, "/").json()["service"] == f"default/{reached}"


def test_a_header_decides(nginx: Nginx) -> None:
    rules = {"canary_by_header": "X-Canary"}
    check(
        nginx,
        rules,
        [
            ("", "web"),
            ("X-Canary: always", "next"),
            ("x-canary: always", "next"),
            ("X-Canary: never", "web"),
            ("X-Canary: Always", "web"),
            ("X-Canary: alwaysx", "web"),
        ],
    )


def test_the_value_of_a_header_decides(nginx: Nginx) -> None:
    rules = {"canary_by_header": "X-Canary", "canary_by_header_value": "v1.2"}
    check(
        nginx,
        rules,
        [
            ("X-Canary: v1.2", "next"),
            ("X-Canary: V1.2", "web"),
            ("X-Canary: v1x2", "web"),
            ("X-Canary: v1.23", "web"),
            ("X-Canary: always", "web"),
        ],
    )


def test_a_pattern_decides(nginx: Nginx) -> None:
    rules = {"canary_by_header": "X-Canary", "canary_by_header_pattern": "^v[0-9]+$|beta"}
    check(
        nginx,
        rules,
        [
            ("X-Canary: v12", "next"),
            ("X-Canary: a-beta-b", "next"),
            ("X-Canary: BETA", "web"),
            ("X-Canary: v", "web"),
            ("X-Canary: always", "web"),
        ],
    )


@pytest.mark.parametrize("cookie", ["canary", "my-canary.x"])
def test_a_cookie_decides(nginx: Nginx, cookie: str) -> None:
    check(
        nginx,
        {"canary_by_cookie": cookie},
        [
            ("", "web"),
            (f"Cookie: a=b; {cookie}=always", "next"),
            (f"Cookie: {cookie}=never; x=y", "web"),
            (f"Cookie: x{cookie}=always", "web"),
            (f"Cookie: {cookie}=1", "web"),
        ],
    )


def test_header_beats_cookie_beats_weight(nginx: Nginx) -> None:
    rules = {
        "canary_by_header": "X-Canary",
        "canary_by_cookie": "canary",
        "canary_weight": "100",
    }
    check(
        nginx,
        rules,
        [
            ("", "next"),
            ("Cookie: canary=never", "web"),
            ("X-Canary: always & Cookie: canary=never", "next"),
            ("X-Canary: never & Cookie: canary=always", "web"),
            ("X-Canary: maybe & Cookie: canary=never", "web"),
        ],
    )


@pytest.mark.parametrize(
    ("weight", "total", "odds"), [("25", "100", 0.25), ("1", "8", 0.01), ("3", "1000", 0.003)]
)
def test_the_weight_is_kept(nginx: Nginx, weight: str, total: str, odds: float) -> None:
    rules = {"canary_weight": weight, "canary_weight_total": total}
    with (
        pods(web=1, next=1) as objects,
        serving(nginx, [web(), canary(**rules), *objects], echo=False) as site,
    ):
        match = site.oracle.match("a.test", "/")
        assert match.upstream == "default_web_80"
        assert match.alternatives == (("default_next_80", odds),)
        # Chance itself leaves three deviations once in 370 runs, but not twice.
        assert any(_deviations(site, odds) < 3 for _ in range(2))


def _deviations(site: Site, odds: float) -> float:
    """Return how far the share of the canary is off, in standard deviations."""
    found: Counter[str] = Counter()
    for _ in range(REQUESTS // BURST):
        with Connection(site.http) as connection:
            connection.send(get("/", "a.test") * BURST)
            found.update(body(connection.read()) for _ in range(BURST))
    assert set(found) == {"web0", "next0"}
    return abs(found["next0"] - REQUESTS * odds) / math.sqrt(REQUESTS * odds * (1 - odds))


@pytest.mark.parametrize(("weight", "reached"), [("0", "web"), ("100", "next"), ("250", "next")])
def test_none_and_all(nginx: Nginx, weight: str, reached: str) -> None:
    with serving(nginx, [web(), canary(canary_weight=weight)]) as site:
        assert {goes_to(site) for _ in range(50)} == {reached}


def test_the_uri_arrives_as_without_a_canary(nginx: Nginx) -> None:
    objects = [web("/a"), canary("/a", canary_by_header="X-Canary")]
    target = "/a/b%20c%2Fd/..%2f//e?x=%41&y=%%"
    with serving(nginx, objects) as site:
        for lines in ((), (ALWAYS,)):
            assert site.received("a.test", target, *lines)["target"] == target


def test_the_primary_rewrites_for_the_canary(nginx: Nginx) -> None:
    path = "/api(/|$)(.*)"
    primary = ingress(
        "web",
        rule("a.test", specific(path, "web")),
        annotations=noted(rewrite_target="/new/$2", x_forwarded_prefix="/p/$1"),
    )
    other = ingress(
        "next",
        rule("a.test", prefix(path, "next")),
        annotations=noted(canary="true", canary_by_header="X-Canary", rewrite_target="/ignored"),
    )
    with serving(nginx, [primary, other]) as site:
        for lines in ((), (ALWAYS,)):
            reached = site.received("a.test", "/api/a%20b?c=d", *lines)
            assert reached["target"] == "/new/a%20b?c=d"
            assert ["X-Forwarded-Prefix", "/p//"] in reached["headers"]
        assert goes_to(site, ALWAYS, target="/api/x") == "next"
        assert goes_to(site, target="/api/x") == "web"


def test_the_primary_redirects_to_https_for_the_canary(nginx: Nginx) -> None:
    objects = [web(by="web"), secret_for("web", "a.test")]
    with serving(nginx, [*objects, canary(canary_by_header="X-Canary")], secret_files=True) as site:
        assert site.ask("a.test", "/", ALWAYS).status == 308
        story = site.ask("a.test", "/", ALWAYS, scheme="https").json()
        assert story["service"] == "default/next"
        assert site.ask("a.test", "/", scheme="https").json()["service"] == "default/web"


def several(**canaries: tuple[str, dict[str, str]]) -> list[Object]:
    """Return a rule with several canaries, each with its year and what decides for it."""
    found = [web()]
    for name, (year, rules) in canaries.items():
        made = canary(**rules)
        made["metadata"] |= {"name": name, "creationTimestamp": f"{year}-01-01T00:00:00Z"}
        made["spec"]["rules"] = [rule("a.test", prefix("/", name))]
        found.append(made)
    return found


@pytest.mark.parametrize(
    ("first", "lines"),
    [
        ({"canary_by_header": "X-One"}, b"X-One: always"),
        ({"canary_by_header": "X-One", "canary_by_header_value": "1"}, b"X-One: 1"),
        ({"canary_by_header": "X-One", "canary_by_header_pattern": "^1"}, b"X-One: 12"),
        ({"canary_by_cookie": "one"}, b"Cookie: one=always"),
        ({"canary_weight": "0"}, b""),
        ({"canary_weight": "200", "canary_weight_total": "200"}, b"X-Two: never"),
        ({}, b""),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
@pytest.mark.parametrize("second", [{"canary_weight": "100"}, {"canary_by_header": "X-Two"}])
def test_the_older_of_two_canaries_takes_all_that_is_taken(
    nginx: Nginx, first: dict[str, str], lines: bytes, second: dict[str, str]
) -> None:
    """As in ingress-nginx, whatever the younger one asks for."""
    objects = several(alpha=("2022", second), zeta=("2021", first))
    with serving(nginx, objects) as site:
        wanted = "web" if lines == b"" else "zeta"
        assert goes_to(site, *((lines,) if lines else ())) == wanted
        rest = "zeta" if first.get("canary_weight") == "200" else "web"
        assert goes_to(site, b"X-Two: always") == rest
        assert goes_to(site) == rest


def test_a_rule_without_a_host_has_a_canary_and_those_with_one_have_none(nginx: Nginx) -> None:
    everywhere = [(None, "web"), ("a.test", "web")]
    rules = [rule(host, prefix("/", name)) for host, name in everywhere]
    next_one = canary(canary_by_header="X-Canary")
    next_one["spec"]["rules"] = [rule(None, prefix("/", "next"))]
    with serving(nginx, [ingress("web", *rules), next_one]) as site:
        assert goes_to(site, ALWAYS) == "web"
        assert site.ask("z.test", "/", ALWAYS).json()["service"] == "default/next"
        assert site.ask("z.test", "/").json()["service"] == "default/web"


def test_a_canary_of_another_path_type_or_without_a_rule_takes_nothing(nginx: Nginx) -> None:
    other = canary(canary_weight="100")
    other["spec"]["rules"] = [
        rule("a.test", exact("/", "next"), prefix("/none", "next")),
        rule("none.test", prefix("/", "next")),
    ]
    with serving(nginx, [web(), other]) as site:
        assert goes_to(site) == "web"
        assert goes_to(site, target="/none") == "web"
        assert site.ask("none.test", "/").status == 404


def test_a_canary_without_endpoints_takes_nothing(nginx: Nginx) -> None:
    with pods(web=1, next=0) as objects:
        empty = {"endpoints": [], "addressType": "IPv4", "ports": [{"port": 80}]}
        labels = {"labels": {"kubernetes.io/service-name": "next"}, "name": "next-0"}
        none = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": labels,
            **empty,
        }
        with serving(
            nginx, [web(), canary(canary_weight="100"), *objects, none], echo=False
        ) as site:
            assert body(site.ask("a.test", "/")) == "web0"


def _sides(site: Site, answers: Iterable[Response]) -> list[set[str]]:
    """Return the backends that each client of an answer reaches from then on."""
    return [
        {body(site.ask("a.test", "/", *sent(cookies(answer)))) for _ in range(8)}
        for answer in answers
    ]


def test_with_affinity_clients_stay_on_their_side(nginx: Nginx) -> None:
    with pods(web=2, next=2) as objects:
        given = [web(affinity="cookie"), canary(canary_weight="50"), *objects]
        with serving(nginx, given, echo=False) as site:
            firsts = [site.ask("a.test", "/") for _ in range(30)]
            sides = _sides(site, firsts)
    assert sides == [{body(first)} for first in firsts]
    assert {name[:-1] for side in sides for name in side} == {"web", "next"}


def test_legacy_affinity_keeps_only_those_of_the_primary(nginx: Nginx) -> None:
    rules = {"canary_weight": "50", "affinity_canary_behavior": "legacy"}
    with pods(web=2, next=2) as objects:
        given = [web(affinity="cookie"), canary(**rules), *objects]
        with serving(nginx, given, echo=False) as site:
            firsts = [site.ask("a.test", "/") for _ in range(30)]
            of_canary = [first for first in firsts if body(first).startswith("next")]
            of_primary = [first for first in firsts if body(first).startswith("web")]
            assert not any(first.all("Set-Cookie") for first in of_canary)
            assert _sides(site, of_primary) == [{body(first)} for first in of_primary]
            redrawn = set().union(*_sides(site, of_canary))
    assert {name[:-1] for name in redrawn} == {"web", "next"}


def test_a_cookie_that_names_a_side_beats_the_header(nginx: Nginx) -> None:
    rules = {"canary_by_header": "X-Canary"}
    with serving(nginx, [web(affinity="cookie"), canary(**rules)]) as site:
        assert goes_to(site, ALWAYS) == "next"
        assert goes_to(site, ALWAYS, b"Cookie: INGRESSCOOKIE_side=primary") == "web"
        assert goes_to(site, b"Cookie: INGRESSCOOKIE_side=canary") == "next"


def test_the_canary_has_a_method_of_its_own(nginx: Nginx) -> None:
    with pods(web=3, next=3) as objects:
        given = [web(), canary(canary_by_header="X-Canary", upstream_hash_by="$host"), *objects]
        with serving(nginx, given, echo=False) as site:
            assert len({body(site.ask("a.test", "/", ALWAYS)) for _ in range(10)}) == 1
            assert len({body(site.ask("a.test", "/")) for _ in range(10)}) == 3


def test_a_keepalive_connection_serves_both(nginx: Nginx) -> None:
    objects = [web(by="web", ssl_redirect="false"), secret_for("web", "a.test")]
    with (
        serving(nginx, [*objects, canary(canary_by_header="X-Canary")], secret_files=True) as site,
        Connection(site.https, tls=Tls("a.test")) as connection,
    ):
        for lines, reached in (((), "web"), ((ALWAYS,), "next")) * 3:
            story = connection.request(get("/", "a.test", *lines)).json()
            assert story["service"] == f"default/{reached}"


def test_there_is_room_for_many_canaries(nginx: Nginx) -> None:
    """Serving fails where nginx warns, as it does of too small a hash."""
    count = 100
    paths = [prefix(f"/{n}", "web") for n in range(count)]
    objects = [ingress("web", rule("a.test", *paths))]
    for n in range(count):
        asked = noted(canary="true", canary_by_header=f"X-C-{n}", canary_weight=str(n))
        only = rule("a.test", prefix(f"/{n}", "next"))
        objects.append(ingress(f"next-{n}", only, annotations=asked))
    with serving(nginx, objects) as site:
        assert goes_to(site, b"X-C-7: always", target="/7") == "next"
