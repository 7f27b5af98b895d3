"""OpenShift Routes on a real nginx: who opens TLS, who gets how much, what is sent on."""

from __future__ import annotations

import ssl
from collections import Counter

import pytest

from ingc.nginx import Nginx
from ingc.target import STICKY
from tests.nginx.backend import Backend
from tests.nginx.certificates import certificate
from tests.nginx.harness import Site, serving
from tests.nginx.pods import body, cookies, pods, sent
from tests.nginx.test_passthrough import der, over_tls, passing
from tests.nginx.test_protocols import REAL
from tests.nginx.tls_backend import TlsBackend
from tests.nginx.wire import Connection, Tls, get
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service
from tests.routes_of import HAPROXY, edge, route, routed, to

OWN = certificate("a.test")
NAME = "web.default.svc"
BACKEND = certificate(NAME)
OTHER = certificate("other.default.svc")
NO_COOKIE = routed(disable_cookies="true")


def pair(own: tuple[bytes, bytes]) -> Object:
    return {"certificate": own[0].decode(), "key": own[1].decode()}


@pytest.mark.parametrize(
    ("insecure", "status", "location"),
    [
        ("", 503, None),
        ("None", 503, None),
        ("Redirect", 302, "https://a.test/x/?q=1"),
        ("Allow", 200, None),
    ],
)
def test_an_edge_route_and_plain_http(
    nginx: Nginx, insecure: str, status: int, location: str | None
) -> None:
    tls = edge(insecure, **pair(OWN))
    with serving(
        nginx, [route("web", "a.test", tls=tls), service("web", 80)], secret_files=True
    ) as site:
        found = site.ask("a.test", "/x/?q=1")
        assert (found.status, found.header("Location")) == (status, location)
        assert site.who("a.test", "/x", scheme="https") == "web"
        shown, _ = over_tls(site, "a.test", "a.test")
        assert shown == der(OWN)


@pytest.mark.parametrize(
    "target", ["/api", "/api/", "/api/x", "/apix", "/API", "/", "/two", "/two/"]
)
def test_a_path_is_taken_as_the_router_takes_it(nginx: Nginx, target: str) -> None:
    objects = [
        *(
            route(name, "a.test", name, path=path)
            for name, path in (("api", "/api"), ("two", "/two/"))
        ),
        *(service(name, 80) for name in ("api", "two")),
    ]
    taken = {"/api": "api", "/api/": "api", "/api/x": "api", "/two/": "two"}
    with serving(nginx, objects) as site:
        if target in taken:
            assert site.who("a.test", target) == taken[target]
        else:
            assert site.ask("a.test", target).status == 503
        assert site.ask("nobody.test", target).status == 503


def test_weights_are_of_services_and_spread_over_their_endpoints(nginx: Nginx) -> None:
    split = route(
        "web",
        "a.test",
        to("old", 20),
        alternateBackends=[to("new", 10), to("idle", 0)],
        annotations=NO_COOKIE,
    )
    with (
        pods(old=2, new=4, idle=1) as objects,
        serving(nginx, [split, *objects], echo=False) as site,
    ):
        found = Counter(body(site.ask("a.test", "/")) for _ in range(120))
    # nginx's workers take turns each for themselves, so that a few requests may go astray.
    wanted = {"old0": 40, "old1": 40, "new0": 10, "new1": 10, "new2": 10, "new3": 10}
    assert found.keys() == wanted.keys()
    assert all(abs(found[name] - number) <= 3 for name, number in wanted.items()), found


def test_a_cookie_keeps_a_client_on_its_endpoint(nginx: Nginx) -> None:
    with (
        pods(web=3) as objects,
        serving(nginx, [route("web", "a.test"), *objects], echo=False) as site,
    ):
        first = site.ask("a.test", "/")
        jar = cookies(first)
        # The router's own name: the MD5 of " default:web".
        assert list(jar) == ["a8e8361ea727d761f24ae9a56012bdd5"]
        again = {body(site.ask("a.test", "/", *sent(jar))) for _ in range(12)}
        assert again == {body(first)}
        assert len({body(site.ask("a.test", "/")) for _ in range(60)}) == 3


def test_least_connections_and_source(nginx: Nginx) -> None:
    for method in ("leastconn", "source", "roundrobin"):
        web = route("web", "a.test", annotations={**NO_COOKIE, **routed(balance=method)})
        with pods(web=3) as objects, serving(nginx, [web, *objects], echo=False) as site:
            found = {body(site.ask("a.test", "/")) for _ in range(30)}
        assert len(found) == (1 if method == "source" else 3)


def test_least_connections_beside_a_cookie(nginx: Nginx) -> None:
    """The cookie keeps whoever has one; of the others each gets the endpoint with least to do."""
    web = route("web", "a.test", annotations=routed(balance="leastconn"))
    with (
        pods(web=3) as objects,
        serving(nginx, [web, *objects], echo=False) as site,
    ):
        text = (site.prefix / "nginx.conf").read_text("utf-8")
        assert ("least_conn;" in text) is (site.config.settings.target >= STICKY)
        first = site.ask("a.test", "/")
        jar = cookies(first)
        assert {body(site.ask("a.test", "/", *sent(jar))) for _ in range(12)} == {body(first)}
        assert len({body(site.ask("a.test", "/")) for _ in range(60)}) == 3


def test_a_reencrypt_route_verifies_its_service(nginx: Nginx) -> None:
    for authorities, status in ((BACKEND, 200), (OTHER, 502)):
        tls = {
            "termination": "reencrypt",
            "insecureEdgeTerminationPolicy": "Allow",
            "destinationCACertificate": authorities[0].decode(),
        }
        with TlsBackend("web", BACKEND) as backend:
            objects = [
                route("web", "a.test", tls=tls),
                service("web", 443),
                endpoint_slice("web", backend.address, port=backend.port),
            ]
            with serving(nginx, objects, **REAL) as site:
                assert site.ask("a.test", "/").status == status
            assert len(backend.requests) == (1 if status == 200 else 0)
            assert set(backend.names) == {None}


def test_the_authority_of_the_cluster_verifies_otherwise(nginx: Nginx) -> None:
    for authorities, status in ((BACKEND, 200), (OTHER, 502)):
        ca = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "openshift-service-ca.crt", "namespace": "default"},
            "data": {"service-ca.crt": authorities[0].decode()},
        }
        tls = {"termination": "reencrypt", "insecureEdgeTerminationPolicy": "Allow"}
        with TlsBackend("web", BACKEND) as backend:
            objects = [
                route("web", "a.test", tls=tls),
                ca,
                service("web", 443),
                endpoint_slice("web", backend.address, port=backend.port),
            ]
            with serving(nginx, objects, **REAL) as site:
                assert site.ask("a.test", "/").status == status


@pytest.mark.parametrize("insecure", ["None", "Redirect"])
def test_a_passthrough_route_leaves_tls_to_its_service(nginx: Nginx, insecure: str) -> None:
    own = certificate("secure.test")
    tls = {"termination": "passthrough", "insecureEdgeTerminationPolicy": insecure}
    with TlsBackend("secure", own) as secure, Backend("web") as web:
        objects = [
            route("secure", "secure.test", "secure", tls=tls),
            route("web", "a.test", tls=edge(**pair(OWN))),
            service("secure", 443),
            endpoint_slice("secure", secure.address, port=secure.port),
            service("web", 80),
            endpoint_slice("web", web.address, port=web.port),
        ]
        # No option of the operator's is needed for it.
        with passing(nginx, *objects, secret_files=True, enable_ssl_passthrough=False) as site:
            shown, answer = over_tls(site, "secure.test", "whatever.test")
            assert (shown, answer.body) == (der(own), b"secure")
            shown, answer = over_tls(site, "a.test", "a.test")
            assert (shown, answer.body) == (der(OWN), b"web")
            with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
                over_tls(site, "nobody.test", "a.test")
            found = site.ask("secure.test", "/x")
            wanted = (302, "https://secure.test/x") if insecure == "Redirect" else (503, None)
            assert (found.status, found.header("Location")) == wanted


def test_a_passthrough_route_shares_by_weight(nginx: Nginx) -> None:
    own, other = certificate("secure.test"), certificate("other.test")
    tls = {"termination": "passthrough"}
    with TlsBackend("one", own) as one, TlsBackend("two", other) as two:
        objects = [
            route("secure", "secure.test", to("one", 3), alternateBackends=[to("two", 1)], tls=tls),
            *(
                item
                for name, backend in (("one", one), ("two", two))
                for item in (
                    service(name, 443),
                    endpoint_slice(name, backend.address, port=backend.port),
                )
            ),
        ]
        with passing(nginx, *objects, enable_ssl_passthrough=False) as site:
            found = Counter(over_tls(site, "secure.test", "x.test")[1].body for _ in range(12))
    assert found[b"one"] + found[b"two"] == 12
    assert 8 <= found[b"one"] <= 10


@pytest.mark.parametrize(
    ("path", "target", "asked", "got"),
    [
        ("/api", "/", "/api/x/y?q", "/x/y?q"),
        ("/api", "/", "/api", "/"),
        ("/api", "/new", "/api/x%20y", "/new/x%20y"),
        ("/api/", "/new/", "/api/x", "/new/x"),
        ("", "/new", "/x", "/new/x"),
        ("/a.b+c", "/", "/a.b+c/%0Ax", "/%0Ax"),
    ],
)
def test_a_rewritten_path(nginx: Nginx, path: str, target: str, asked: str, got: str) -> None:
    web = route("web", "a.test", path=path, annotations=routed(rewrite__target=target))
    with serving(nginx, [web, service("web", 80)]) as site:
        assert site.received("a.test", asked)["target"] == got


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [("append", "10.9.8.7, 127.0.0.1"), ("replace", "127.0.0.1"), ("never", "10.9.8.7")],
)
def test_what_is_forwarded(nginx: Nginx, mode: str, wanted: str) -> None:
    web = route("web", "a.test", annotations=routed(set__forwarded__headers=mode))
    with serving(nginx, [web, service("web", 80)]) as site:
        lines = (b"X-Forwarded-For: 10.9.8.7", b"X-Forwarded-Proto: https")
        told = {
            key.lower(): value for key, value in site.received("a.test", "/", *lines)["headers"]
        }
    assert told["x-forwarded-for"] == wanted
    assert told["x-forwarded-proto"] == ("https" if mode == "never" else "http")


def test_what_is_forwarded_where_a_client_sends_none(nginx: Nginx) -> None:
    web = route("web", "a.test", annotations=routed(set__forwarded__headers="if-none"))
    with serving(nginx, [web, service("web", 80)]) as site:
        own = _forwarded(site)
        assert own == {
            "for": "127.0.0.1",
            "host": "a.test",
            "port": own["port"],
            "proto": "http",
        }
        assert own["port"].isdigit()
        sent = {"for": "10.9.8.7", "host": "b.test", "port": "1", "proto": "https"}
        assert _forwarded(site, **sent) == sent
        for name, value in sent.items():
            assert _forwarded(site, **{name: value}) == {**own, name: value}
        # nginx can't distinguish an empty header from none.
        assert _forwarded(site, proto="") == own


def _forwarded(site: Site, **sent: str) -> dict[str, str]:
    lines = [f"X-Forwarded-{name.title()}: {value}".encode() for name, value in sent.items()]
    got = {key.lower(): value for key, value in site.received("a.test", "/", *lines)["headers"]}
    names = ("for", "host", "port", "proto")
    return {name: got.get(f"x-forwarded-{name}", "") for name in names}


def test_headers_are_set_and_deleted(nginx: Nginx) -> None:
    def setting(name: str, value: str) -> Object:
        return {"name": name, "action": {"type": "Set", "set": {"value": value}}}

    def deleting(name: str) -> Object:
        return {"name": name, "action": {"type": "Delete"}}

    actions = {
        "request": [
            setting("X-Text", '100%% of $host; "a" \\ %[req.hdr(X-From)]'),
            setting("X-Forwarded-For", "%[req.hdr(X-From)]"),
            deleting("X-Gone"),
        ],
        "response": [setting("X-Set", "50%% $x"), deleting("X-Backend")],
    }
    web = route("web", "a.test", httpHeaders={"actions": actions})
    with Backend("web") as backend:
        objects = [
            web,
            service("web", 80),
            endpoint_slice("web", backend.address, port=backend.port),
        ]
        with serving(nginx, objects, echo=False) as site:
            answer = site.ask("a.test", "/", b"X-From: me", b"X-Gone: x")
        told = {key.lower(): value for key, value in backend.requests[-1].headers}
    assert told["x-text"] == '100% of $host; "a" \\ me'
    assert told["x-forwarded-for"] == "me"
    assert "x-gone" not in told
    assert answer.header("X-Set") == "50% $x"


def test_hsts_only_where_a_route_requests_it(nginx: Nginx) -> None:
    tls = edge("Allow", **pair(OWN))
    value = "max-age=31536000;includeSubDomains"
    asking = route("on", "a.test", path="/on", tls=tls, annotations=routed(hsts_header=value))
    plain = route("off", "a.test", tls=tls)
    beside = ingress("web", rule("b.test", prefix("/", "web")))
    for objects in ([asking, plain], [asking, plain, beside]):
        with serving(nginx, [*objects, service("web", 80)], secret_files=True) as site:
            for path, wanted in (("/on", value), ("/", None)):
                with Connection(site.https, tls=Tls("a.test")) as connection:
                    answer = connection.request(get(path, "a.test"))
                assert answer.header("Strict-Transport-Security") == wanted


def test_clients_and_limits(nginx: Nginx) -> None:
    limits = {
        f"{HAPROXY}/rate-limit-connections": "true",
        f"{HAPROXY}/rate-limit-connections.rate-http": "7",
    }
    objects = [
        route("closed", "closed.test", annotations=routed(ip_allowlist="10.0.0.0/8 192.0.2.1")),
        route("open", "open.test", annotations=routed(ip_whitelist="127.0.0.1")),
        route("slow", "slow.test", annotations=limits),
        service("web", 80),
    ]
    with serving(nginx, objects) as site:
        assert site.ask("closed.test", "/").status == 403
        assert site.ask("open.test", "/").status == 200
        found = [site.ask("slow.test", "/").status for _ in range(12)]
    assert found == [200] * 8 + [503] * 4


def host_of_two(first: str, second: str) -> list[Object]:
    """Return a Route and an Ingress that want the same path, of these ages."""
    paths = prefix("/", "ingress"), prefix("/b", "ingress")
    return [
        route("web", "a.test", "routed", created=first),
        ingress("web", rule("a.test", *paths), created=second),
        service("routed", 80),
        service("ingress", 80),
    ]


def test_the_older_of_a_route_and_an_ingress_wins(nginx: Nginx) -> None:
    old, new = "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"
    for objects, winner in ((host_of_two(old, new), "routed"), (host_of_two(new, old), "ingress")):
        with serving(nginx, objects) as site:
            assert _who(site, "/") == winner
            assert _who(site, "/b/c") == "ingress"


def _who(site: Site, target: str) -> str:
    return str(site.who("a.test", target))
