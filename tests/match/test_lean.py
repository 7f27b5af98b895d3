"""What the lean oracle answers, the whole one answers too, whatever features there are."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingc.ir import (
    Certificate,
    Host,
    HostFeature,
    Https,
    Prefix,
    Redirect,
    Route,
    RouteFeature,
)
from ingc.ir.features.access import AccessList
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.ir.features.canary import Canary
from ingc.ir.features.client_certs import ClientCertificates, HttpsOnly
from ingc.ir.features.cors import Cors
from ingc.ir.features.errors import CustomErrors
from ingc.ir.features.passthrough import Passthrough
from ingc.ir.features.redirects import AppRoot, HttpsRedirect
from ingc.ir.features.rewrite import Rewrite
from ingc.ir.features.table import HOST_FEATURES as HOST_KINDS
from ingc.ir.features.table import ROUTE_FEATURES as KINDS
from ingc.ir.features.tuning import ServerTuning
from ingc.match import Oracle
from ingc.syntax.text import Text
from tests.features import HOST_EXAMPLES, ROUTE_EXAMPLES
from tests.match.by_hand import config_of, host, route
from tests.match.test_trie import route_lists, uris
from tests.strategies import examples, host_headers, targets

ROUTE_FEATURES: tuple[RouteFeature, ...] = (
    AccessList(("10.0.0.0/8",), ()),
    Canary("default_c_80", percent=100),
    Canary("default_c_80", percent=30),
    HttpsOnly(),
    Cors(None, "", "", "", False, 1),
    CustomErrors((503,), "default_s0_80"),
    HttpsRedirect(),
    Rewrite(Text(("/new",))),
    Rewrite(Text(("https://x.test/",))),
    *(item for item in ROUTE_EXAMPLES if not item.card.decides),
)
HOST_FEATURES: tuple[HostFeature, ...] = (
    Alias(("b.test", "*.b.test")),
    AppRoot("/home"),
    WwwRedirect(),
    ServerTuning("ssl_ciphers", ("x",)),
    ClientCertificates("ca", subject="CN=x"),
    Passthrough("default_s0_80"),
    Passthrough(None),
    *(item for item in HOST_EXAMPLES if not item.card.decides),
)


def dressed(
    routes: list[Route], picked: list[list[RouteFeature]], wants: list[HostFeature]
) -> Host:
    """Return a host whose routes have features, and some of them redirects for actions."""
    made = []
    for number, item in enumerate(routes):
        features = tuple(picked[number % len(picked)])
        redirects = number % 7 == 6
        action = Redirect(301, Text(("/moved",))) if redirects else item.action
        made.append(dataclasses.replace(item, features=features, action=action))
    return dataclasses.replace(host("a.test", *made), features=tuple(wants))


@examples(300)
@given(
    routes=route_lists,
    picked=st.lists(
        st.lists(st.sampled_from(ROUTE_FEATURES), max_size=2, unique_by=type), min_size=1
    ),
    wants=st.lists(st.sampled_from(HOST_FEATURES), max_size=1),
    asked=st.lists(
        st.tuples(
            st.one_of(*[st.just(b"a.test")] * 6, st.just(b"b.test"), host_headers),
            st.one_of(*[uris.filter(lambda uri: b" " not in uri)] * 4, targets),
            st.sampled_from(["http", "http", "http", "https"]),
            st.sampled_from(["GET", "GET", "POST", "GET", "OPTIONS", "TRACE", "get"]),
        ),
        min_size=4,
        max_size=12,
    ),
)
def test_plain_requests_are_matched_alike(
    routes: list[Route],
    picked: list[list[RouteFeature]],
    wants: list[HostFeature],
    asked: list[tuple[bytes, bytes, str, str]],
) -> None:
    oracle = Oracle(config_of([dressed(routes, picked, wants)]))
    for request in asked:
        check(oracle, *request)


def check(oracle: Oracle, name: bytes, target: bytes, scheme: str, method: str) -> None:
    plain = oracle.plain(name, target, scheme, method)
    if plain is None:
        return
    match = oracle.match(name, target, scheme=scheme, method=method)
    assert (match.host, match.route, match.uri) == (plain.host, plain.route, plain.uri)
    assert match.upstream == plain.route.upstreams[0]
    assert (match.status, match.redirect, match.alternatives) == (None, None, ())
    assert match.upstream_uri == target


@pytest.mark.parametrize("feature", [*ROUTE_FEATURES, *HOST_FEATURES], ids=repr)
def test_each_feature_is_matched_alike(feature: RouteFeature | HostFeature) -> None:
    root = route(Prefix("/"), "s0")
    asked = [[feature]] if isinstance(feature, RouteFeature) else [[]]
    wants = [feature] if isinstance(feature, HostFeature) else []
    secured = dataclasses.replace(
        dressed([root], asked, wants), https=Https(Certificate("c", "k"), redirect=True)
    )
    oracle = Oracle(config_of([secured]))
    for name in (b"a.test", b"b.test", b"www.a.test"):
        for scheme in ("http", "https"):
            for method in ("GET", "OPTIONS"):
                for target in (b"/", b"/x?y"):
                    check(oracle, name, target, scheme, method)


def test_a_plain_request_is_answered_at_all() -> None:
    oracle = Oracle(config_of([host("a.test", route(Prefix("/"), "s0"))]))
    assert oracle.plain(b"A.test:80", b"/x?y", "http", "GET") is not None
    assert oracle.plain(b"a.test", b"//x", "http", "GET") is None


def test_each_feature_that_decides_nothing_is_among_the_examples() -> None:
    quiet = {kind for kind in (*KINDS, *HOST_KINDS) if not kind.card.decides}
    assert quiet <= {type(item) for item in (*ROUTE_FEATURES, *HOST_FEATURES)}
