"""Random input of the kinds that stalled or crashed a compile: regexes, sizes, passwords.

``test_faults.py`` does the same for certificates.
"""

from __future__ import annotations

import base64

from hypothesis import example, given
from hypothesis import strategies as st

import ingc
from tests.hostile.corpus import NGINX
from tests.hostile.outcome import compiled
from tests.objects import Object, path, rule
from tests.resolve.pairs import NOW, certificate, key_pem
from tests.shop import ingress, service
from tests.strategies import examples

PREFIX = "nginx.ingress.kubernetes.io/"
OPTIONS = ingc.Options(now=NOW, nginx_version=NGINX)

_atoms = st.sampled_from(
    [
        *(
            "a",
            "b",
            ".",
            "[ab]",
            "[^/]",
            "/",
            r"\w",
            r"\d",
            "(a|b)",
            "(?:a|ab)",
            "()",
            "(?=a)",
            "^",
        ),
        *("$", r"\b", r"\1", "(?>a+)", "(?i)", "(?x) ", r"\Qa", r"\E", "{", "[", "(?#", "é"),
        *("(?<=a)", "(?!b)", r"\x41", "(?(1)a|b)", "a{,2}", "(?<n>a)", "|", "((a{99}){99})", "\\"),
    ]
)
_repeats = st.sampled_from(
    [
        "",
        "*",
        "+",
        "?",
        "{2}",
        "{0,9}",
        "{40}",
        "{1368}",
        "{65535}",
        "{2,}",
        "*?",
        "++",
        "{1,65535}",
    ]
)
_items = st.builds("{}{}".format, _atoms, _repeats)
_rows = st.lists(_items, min_size=1, max_size=4).map("".join)
_groups = st.recursive(
    _rows, lambda inner: st.builds("({}){}".format, inner, _repeats), max_leaves=4
)
regexes = st.builds(
    lambda text, times: (text * times)[:3900], _groups, st.sampled_from([1, 1, 2, 9, 300, 3900])
)
"""Patterns as long as a token of nginx can be, good and bad, cheap and without end."""


def sites(pattern: str) -> list[Object]:
    """All that takes a regex from the author of an Ingress."""
    tls = [{"hosts": ["c.test"], "secretName": "pair"}]
    data = {"tls.crt": certificate("c.test"), "tls.key": key_pem(), "ca.crt": certificate("c.test")}
    encoded = {key: base64.b64encode(text).decode() for key, text in data.items()}
    canary = {"canary": "true", "canary-by-header": "X-A", "canary-by-header-pattern": pattern}
    clients = {"auth-tls-secret": "shop/pair", "auth-tls-match-cn": f"CN={pattern}"}
    text = path("/" + pattern, "web", "ImplementationSpecific")
    pumped = path("/" + "a" * 400 + "!", "web", "ImplementationSpecific")
    return [
        site("paths", "r.test", {"use-regex": "true", "rewrite-target": "/$1"}, text, pumped),
        site("alias", "alias.test", {"server-alias": f"~{pattern}"}),
        site("main", "canary.test", {}),
        site("next", "canary.test", canary),
        {
            **site("clients", "c.test", clients),
            "spec": {**site("x", "c.test", {})["spec"], "tls": tls},
        },
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "pair", "namespace": "shop"},
            "data": encoded,
        },
    ]


def site(
    name: str,
    host: str,
    annotations: dict[str, str],
    *paths: Object,
    tls: list[Object] | None = None,
) -> Object:
    named = {PREFIX + key: text for key, text in annotations.items()}
    rules = rule(host, *(paths or (path("/", name),)))
    return ingress(f"shop/{name}", rules, annotations=named, tls=tls)


GOOD: list[Object] = [
    ingress("good/web", rule("good.test", path("/", "web")), rule("*.good.test", path("/", "web"))),
    service("web", namespace="good", clusterIP="10.96.0.1"),
    *(service(name, clusterIP="10.96.0.2") for name in ("web", "alias", "main", "next", "clients")),
]


def only_its_own_is_lost(objects: list[Object]) -> ingc.Result:
    """Compile in both ways, in bounded time; what is beside is served."""
    failed = compiled([*objects, *GOOD], OPTIONS, isolate=False)
    assert failed.ok or failed.errors
    result = compiled([*objects, *GOOD], OPTIONS, isolate=True)
    assert result.ok
    for name in ("good.test", "x.good.test"):
        assert result.match(name, "/").upstream == "good_web_80"
    return result


@examples(250)
@given(regexes)
@example("(a|b){1368}")
@example("a?" * 1900)
@example("a*")
@example("{{1368}{{1368}")
@example("((a{65535}){1000}){3}")
def test_regexes_are_compiled_or_refused(pattern: str) -> None:
    result = only_its_own_is_lost(sites(pattern))
    ingc.explain(result, "http://r.test/" + "a" * 300)
    ingc.explain(result, "http://canary.test/", headers=[("X-A", "a" * 300)])


@examples(10)
@given(st.lists(regexes, min_size=40, max_size=70))
def test_many_regexes_of_one_host(patterns: list[str]) -> None:
    """They are searched in the paths of each other."""
    paths = [
        path(f"/{n}{text}"[:3900], "web", "ImplementationSpecific")
        for n, text in enumerate(patterns)
    ]
    only_its_own_is_lost([site("paths", "r.test", {"use-regex": "true"}, *paths)])


_numbers = st.one_of(
    st.integers(-1, 9), st.integers(2**31 - 2, 2**31 + 1), st.sampled_from([10**18, 10**30])
)
_sizes = st.builds("{}{}".format, _numbers, st.sampled_from(["", "k", "m", "g", "M", "kb"]))
_BUFFERS = {
    "proxy-buffers-number": _numbers.map(str),
    "proxy-buffer-size": _sizes,
    "proxy-busy-buffers-size": _sizes,
    "proxy-max-temp-file-size": _sizes,
    "client-body-buffer-size": _sizes,
    "proxy-body-size": _sizes,
    "proxy-buffering": st.sampled_from(["on", "off"]),
    "backend-protocol": st.sampled_from(["HTTP", "GRPC", "FCGI"]),
}


@examples(150)
@given(st.fixed_dictionaries({}, optional=_BUFFERS))
def test_sizes_and_numbers_are_used_or_refused(annotations: dict[str, str]) -> None:
    only_its_own_is_lost([site("web", "a.test", annotations)])


_settings = st.sampled_from(
    [
        *(b"$2y$", b"$2a$31$", b"$5$", b"$6$rounds=", b"$6$rounds=999999999$", b"$y$j9T$"),
        *(b"$7$", b"$7$zzzzzzzzzzz", b"$y$jzz$", b"$gy$", b"$1$", b"$apr1$", b"{SHA}", b"{PLAIN}"),
    ]
)
_rests = st.one_of(
    st.binary(max_size=20), st.sampled_from([b"05$" + b"a" * 53, b"ab$cd", b"a" * 11, b"=", b""])
)
_lines = st.builds(b"".join, st.tuples(st.just(b"anna:"), _settings, _rests))


@examples(150)
@given(st.lists(_lines | st.binary(max_size=30), max_size=6), st.booleans())
def test_passwords_are_kept_or_left_out(lines: list[bytes], is_map: bool) -> None:
    kind = "auth-map" if is_map else "auth-file"
    said = {"auth-type": "basic", "auth-secret": "users", "auth-secret-type": kind}
    parts = (
        {f"k{n}": line for n, line in enumerate(lines)} if is_map else {"auth": b"\n".join(lines)}
    )
    users = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "users", "namespace": "shop"},
        "data": {key: base64.b64encode(text).decode() for key, text in parts.items()},
    }
    only_its_own_is_lost([site("web", "a.test", said), users])
