"""Which host takes a name where hosts have aliases and twins."""

from __future__ import annotations

import dataclasses

import pytest

from ingc import ir
from ingc.ir import ANY_HOST, Certificate, Exact, Host, HostFeature, Https, Prefix, Regex
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.ir.features.redirects import AppRoot
from ingc.ir.features.rewrite import Rewrite
from ingc.match import HostTable, Oracle
from ingc.match.trie import TooManySteps
from ingc.syntax.text import Text, Variable
from tests.match.by_hand import config_of, host, route

_HTTPS = Https(Certificate("a.crt", "a.key"), redirect=False)


def served(name: str, *features: HostFeature, https: bool = False) -> Host:
    """Return a host with one path and more names."""
    made = host(name, route(Prefix("/"), "web"))
    return dataclasses.replace(made, features=features, https=_HTTPS if https else None)


def alias(*names: str) -> Alias:
    return Alias(names)


def found(table: HostTable, name: str) -> str | None:
    taken = table.find(name.encode())
    return taken.name if taken else None


def test_exact_names_then_wildcards_then_regexes() -> None:
    table = HostTable(
        [
            served("a.test", alias("~^x")),
            served("b.test", alias("x.w.test", "*.v.test")),
            served("*.w.test"),
        ]
    )
    assert found(table, "x.w.test") == "b.test"
    assert found(table, "xy.w.test") == "*.w.test"
    assert found(table, "xy.v.test") == "b.test"
    assert found(table, "x.test") == "a.test"
    assert found(table, "v.test") is None
    assert found(table, "x.y.v.test") == "a.test"


def test_hosts_with_wildcards_and_regexes_come_before_those_with_regexes_alone() -> None:
    table = HostTable([served("a.test", alias("~.")), served("b.test", alias("~^x", "*.v.test"))])
    assert found(table, "y.v.test") == "b.test"
    assert found(table, "x") == "b.test"
    assert found(table, "y") == "a.test"


def test_the_first_of_two_hosts_with_regexes_may_take_the_others_wildcard() -> None:
    table = HostTable(
        [served("a.test", alias("~^x", "*.u.test")), served("b.test", alias("~^y", "*.v.test"))]
    )
    assert found(table, "x.v.test") == "a.test"
    assert found(table, "y.u.test") == "a.test"


def test_a_regex_is_caseless_where_nginx_makes_it_so() -> None:
    table = HostTable([served("a.test", alias("~^\\x58$")), served("b.test", alias("~^Y$"))])
    assert found(table, "x") is None
    assert found(table, "y") == "b.test"


def test_regexes_of_no_host_take_nothing_from_others() -> None:
    table = HostTable([served(ANY_HOST, alias("~.", "x.w.test")), served("*.w.test")])
    assert found(table, "y.w.test") == "*.w.test"
    assert found(table, "x.w.test") == ANY_HOST
    assert found(table, "other") is None


def test_a_twin_is_redirected() -> None:
    table = HostTable([served("a.test", WwwRedirect()), served("www.b.test", WwwRedirect())])
    for name, of in (("www.a.test", "a.test"), ("b.test", "www.b.test")):
        redirected = table.redirected(name.encode())
        assert redirected is not None
        assert redirected.name == of
    assert table.redirected(b"a.test") is None
    assert table.redirected(b"www.www.a.test") is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.test", True),
        ("www.a.test", True),
        ("x.w.test", True),
        ("x.y.w.test", False),
        ("~x", False),
        ("*.z", False),
    ],
)
def test_what_may_be_found(name: str, expected: bool) -> None:
    table = HostTable([served("a.test", WwwRedirect()), served("*.w.test")])
    assert table.may_find(name) == expected


def test_where_a_regex_is_anything_may_be_found_by_it() -> None:
    table = HostTable([served("a.test", alias("~^x"))])
    assert table.may_find("~y")
    assert table.may_find("*.z")
    assert table.may_find("x.test")
    assert not table.may_find("y.test")


def test_the_oracle_on_aliases_and_twins() -> None:
    oracle = Oracle(
        config_of(
            [
                served("a.test", alias("b.test"), WwwRedirect(), https=True),
                served("c.test", alias("d.test"), WwwRedirect()),
                served("*.test", https=True),
            ]
        )
    )
    assert oracle.match("B.test:80", "/x").upstream == "default_web_80"
    assert oracle.match("www.a.test", "/x/").redirect == "http://a.test:80/x"
    assert oracle.match("www.a.test", "/", scheme="https").redirect == "https://a.test:443"
    assert oracle.match("www.a.test", "/").status == 308
    for name in ("c.test", "d.test", "www.c.test"):
        match = oracle.match(name, "/", scheme="https")
        assert (match.status, match.upstream, match.redirect) == (None, None, None)
        assert "refused" in match.why
    taken = oracle.match("e.test", "/", scheme="https")
    assert taken.host is not None
    assert taken.host.name == "*.test"


def test_a_silenced_host_keeps_its_names() -> None:
    silenced = served("a.test", alias("b.test"), WwwRedirect(), AppRoot("/app")).silenced()
    assert silenced.names == ("a.test", "b.test")
    assert silenced.twin == "www.a.test"
    assert silenced.feature(AppRoot) is None
    assert silenced.default.action == ir.StatusAnswer(503)


_SLOW = "/(a+)+c"
_LONG = "/" + "a" * 40 + "bc"


def test_a_regex_that_takes_too_many_steps_is_nginxs_500() -> None:
    slow = host("a.test", route(Regex(_SLOW), "slow"), route(Regex("/"), "web"), regex=True)
    oracle = Oracle(config_of([slow]))
    match = oracle.match("a.test", _LONG)
    assert (match.status, match.route, match.upstream) == (500, None, None)
    assert "PCRE" in match.why
    assert oracle.match("a.test", "/b").upstream == "default_web_80"


def test_what_lost_is_told_also_where_a_later_regex_takes_too_many_steps() -> None:
    routes = [route(Regex("/"), "web"), route(Regex(_SLOW), "slow")]
    oracle = Oracle(config_of([host("a.test", *routes, regex=True)]))
    match = oracle.match("a.test", _LONG)
    assert match.upstream == "default_web_80"
    assert [item.wins for item in match.candidates] == [True, False]


def test_a_name_that_takes_too_many_steps() -> None:
    table = HostTable([served("a.test", alias("~^(a+)+c"))])
    with pytest.raises(TooManySteps):
        table.find(_LONG[1:].encode())
    oracle = Oracle(config_of([served("a.test", alias("~^(a+)+c"))]))
    assert oracle.match(_LONG[1:], "/").status == 500


def test_a_rewrite_that_leaves_nothing() -> None:
    made = route(Regex("/foo(/.*)?"), "web")
    rewrite = Rewrite(Text((Variable("1"),)))
    oracle = Oracle(
        config_of([host("a.test", dataclasses.replace(made, features=(rewrite,)), regex=True)])
    )
    assert oracle.match("a.test", "/foo/x").upstream_uri == b"/x"
    nothing = oracle.match("a.test", "/foo")
    assert (nothing.status, nothing.upstream) == (500, None)
    assert nothing.route is not None


def test_exact_paths_are_no_regexes() -> None:
    oracle = Oracle(config_of([host("a.test", route(Exact("/a"), "web"))]))
    assert oracle.match("a.test", "/A").status == 404
