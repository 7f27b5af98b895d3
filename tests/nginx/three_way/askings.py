"""Requests for a cluster: at, around and beside its own hosts and paths, and any that come.

Drawn with a `random.Random`: thousands of draws would be too much for hypothesis, and a request
that goes wrong is made smaller by `tests.nginx.three_way.shrink`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import zip_longest
from urllib.parse import quote_from_bytes

from ingc.syntax.host import twin_of
from ingc.syntax.uri import decode_once
from tests.nginx.three_way.answers import PASSWORD
from tests.nginx.three_way.case import Asking, Cluster
from tests.nginx.three_way.claims import FORGED, SOURCES, prelude, said, shown
from tests.objects import Object

_PIECES = (
    *(b"/ / / // /. /.. /./ /../ . .. ... %2e %2E %2e%2e .%2e %2F %2f %2F%2F %5C".split()),
    *(b"%25 %252F %23 %3F ? # & = ; + : @ ~ a b foo bar A % %0 %zz %0A %C3%A9 %00 %7f".split()),
    *("é / ?x=/../y #/../z \x7f aa /a /b /foo /foo/ 1 \xff".encode().split()),
)
_REGEX_HEADS = ("/a/", "/a", "/b/", "/A/", "/aa/", "/axb", "/foo/", "/a/b/", "/1/b", "/Foo")
_REGEX_TAILS = ("", "b", "x%20y", "%0a", "//c", "/", "é", "?c=d/", "%2Fb?c", "a+b%25", "/x", '"|')
_METHODS = (*["GET"] * 16, "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH", "M-X_Y")
_ODD_METHODS = ("TRACE", "CONNECT", "get")
_ODD_HOSTS = (
    *(b"", b".", b"a..test", b"[::1]", b"127.0.0.1", b"a_b", b"-", b"t0.test:x", b"T1.TEST.:80"),
    *(b"nobody.test", b"x.nobody.test", b"_", b"a/b", b"t1.test:99999", b"t1..test", "é".encode()),
    *(b"*.t1.test", b".t1.test", b"t1.test,t2.test", b"t1%2etest", b"d5.t1.test", b"c.t2.test"),
)
_Headers = tuple[tuple[tuple[str, str], ...], ...]
_CANARY: _Headers = (
    *[()] * 2,
    (("X-Canary", "always"),),
    (("X-Canary", "never"),),
    (("x-canary", "v1"),),
    (("X-Canary", "v12x"),),
    (("Cookie", "canary=always"),),
    (("Cookie", "a=b; Canary=never; canary=always"),),
    (("Cookie", "INGRESSCOOKIE=abc; INGRESSCOOKIE_side=canary"),),
)
_CORS: _Headers = (
    (("Origin", "https://x.p.test"),),
    (("Origin", "https://o.test"),),
    (("Origin", "https://x.y.p.test"),),
)
_HEADERS: _Headers = (
    *[()] * 12,
    *_CANARY,
    (PASSWORD,),
    *_CORS,
    (("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.test")),
    (("X-Original-URL", "/foo"), ("Range", "bytes=0-1")),
)


@dataclass(frozen=True, slots=True)
class _Place:
    """What one Ingress serves."""

    hosts: tuple[bytes, ...]
    """Host headers at and around its names."""
    targets: tuple[bytes, ...]
    """Targets at and around its paths."""
    secure: bool
    """True where it has a certificate."""
    headers: tuple[tuple[tuple[str, str], ...], ...]
    """Headers that its annotations heed."""
    methods: tuple[str, ...]
    asked: frozenset[str]
    """Its annotations."""


def askings(cluster: Cluster, chance: random.Random, number: int) -> list[Asking]:
    """Return so many requests for a cluster."""
    places = [_place(item) for item in cluster.ingresses]
    settings = dict(cluster.settings)
    return [_asking(places, settings, chance) for _ in range(number)]


def _asking(places: list[_Place], settings: dict[str, str], chance: random.Random) -> Asking:
    place = chance.choice(places)
    odds = chance.random()
    host = chance.choice(_ODD_HOSTS) if odds < 0.03 else _some(place.hosts, chance)
    target = _target(place, places, chance)
    method = chance.choice(_ODD_METHODS if chance.random() < 0.01 else place.methods)
    if odds > 0.95 and target.startswith(b"/"):
        target = _absolute(place, target, chance)
    scheme = "https" if chance.random() < (0.7 if place.secure else 0.04) else "http"
    headers = chance.choice(place.headers if chance.random() < 0.7 else _HEADERS)
    return Asking(
        host,
        target,
        scheme,
        method,
        (*headers, *said(place.asked, settings, chance)),
        _server_name(host, place, chance) if scheme == "https" else None,
        chance.choice(SOURCES),
        shown(place.asked, chance) if scheme == "https" else "",
        prelude(settings, chance),
    )


def _target(place: _Place, places: list[_Place], chance: random.Random) -> bytes:
    kind = chance.random()
    if kind < 0.7:
        return _some(place.targets, chance)
    if kind < 0.75:
        return _some(chance.choice(places).targets, chance)
    if kind < 0.9:
        return (chance.choice(_REGEX_HEADS) + chance.choice(_REGEX_TAILS)).encode()
    pieces = b"".join(chance.choices(_PIECES, k=chance.randint(0, 6)))
    return pieces if chance.random() < 0.05 else b"/" + pieces


def _some(found: tuple[bytes, ...], chance: random.Random) -> bytes:
    """Choose; what comes first is the likeliest."""
    return found[int(len(found) * chance.random() ** 2)]


def _absolute(place: _Place, target: bytes, chance: random.Random) -> bytes:
    scheme = chance.choice((b"http", b"https", b"HTTP", b"x+y-z.1", b"1x", b""))
    path = chance.choice((target, target, target, b"", b"?a", b"#f"))
    return scheme + b"://" + _some(place.hosts, chance) + path


def _server_name(host: bytes, place: _Place, chance: random.Random) -> str | None:
    """The TLS name: that of the Host header, as any client does it; seldom another or none."""
    if chance.random() < 0.03:
        return None
    usual = 0.8 if "auth-tls-secret" in place.asked else 0.95
    found = host if chance.random() < usual else _some(place.hosts, chance)
    name = found.partition(b":")[0].decode("latin-1").rstrip(".")
    labels = name.split(".")
    fits = name.isascii() and all(labels) and all(c.isalnum() or c in "-._" for c in name)
    return name if fits and not name.replace(".", "").isdigit() else None


def _place(item: Object) -> _Place:
    rules = item["spec"].get("rules", ())
    asked = {
        key.partition("/")[2]: value
        for key, value in item["metadata"].get("annotations", {}).items()
    }
    # What comes first is the likeliest: names and paths that annotations make.
    hosts: list[str] = []
    for name in filter(None, asked.get("server-alias", "").split(",")):
        hosts += host_headers(name)
    for found in rules:
        host = found.get("host")
        hosts += [twin_of(host) or host] if host and "from-to-www-redirect" in asked else []
        hosts += host_headers(host)
    targets = [b"/", b"/?a"] if "app-root" in asked else []
    around = [targets_around(path["path"]) for found in rules for path in found["http"]["paths"]]
    targets += (target for some in zip_longest(*around) for target in some if target is not None)
    return _Place(
        tuple(name.encode() for name in dict.fromkeys(hosts)),
        tuple(dict.fromkeys(targets)) or (b"/",),
        any(entry.get("secretName") == "cert" for entry in item["spec"].get("tls", ())),
        _headers_for(asked),
        (*_METHODS, "OPTIONS", *["OPTIONS"] * 8) if "enable-cors" in asked else _METHODS,
        frozenset(asked),
    )


def _headers_for(asked: dict[str, str]) -> _Headers:
    if "auth-type" in asked:
        return (), (PASSWORD,)
    if "auth-response-headers" in asked:
        return (), (("X-User", "eve"),)
    if "auth-tls-secret" in asked:
        return (), FORGED
    if "canary" in asked:
        return _CANARY
    return _CORS if "enable-cors" in asked else ((),)


def host_headers(host: str | None) -> Iterator[str]:
    """Yield Host headers at and around a name of a rule."""
    if host is None or host.startswith("~"):
        domain = "".join(re.findall(r"t[0-9]+", host or "t0")) + ".test"
        yield from (f"d1.{domain}", f"D2.{domain}", "nobody.test", "x.nobody.test")
    elif host.startswith("*."):
        suffix = host[2:]
        yield from (f"x.{suffix}", f"x.y.{suffix}", suffix, f".{suffix}", f"X.{suffix.upper()}:1")
    else:
        yield from (host, host, host.upper(), f"{host}.", f"{host}:80", f"{host}.:8443")
        yield from (f"x.{host}", f"www.{host}".removeprefix("www.www."), host.partition(".")[2])


@cache
def targets_around(path: str) -> tuple[bytes, ...]:
    """Return targets at, around and beside a path of a rule, in several spellings."""
    decoded = decode_once(path or "/")
    plain = quote_from_bytes(decoded, safe="/").encode()
    bare = plain.rstrip(b"/")
    parent = bare.rpartition(b"/")[0]
    whole = b"".join(b"%%%02x" % byte for byte in decoded[1:])
    found = [plain, plain, bare or b"/", bare + b"/", bare + b"/x", bare + b"x", bare + b"//"]
    found += [parent or b"/", parent + b"/", plain.swapcase(), plain + b"?a=/../b#c"]
    found += [b"/x/.." + plain, bare + b"/x/../", bare + b"/.", bare + b"/..", b"/" + plain]
    found += [plain.replace(b"/", b"%2F").replace(b"%2F", b"/", 1), plain + b"/./y", b"/" + whole]
    found += [plain + b"%0", plain + b"#f", plain.replace(b"/", b"//"), bare + b"/?x", bare + b"?"]
    if path.startswith("/") and not any(char in " \r\n" for char in path):
        found.append(path.encode())
    return tuple(found)
