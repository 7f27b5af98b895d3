"""Clusters for the passes of a layout: many hosts that are alike, paths that lie in one another,
regexes whose beginnings overlap.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.nginx.three_way.case import Asking, Cluster
from tests.objects import Object, annotated, exact, ingress, prefix, rule, specific, tls

_ELEMENTS = ("a", "b", "aa", "a.b", "A", "é", "a+b", "x y")
_ANNOTATIONS: tuple[dict[str, str], ...] = (
    *[{}] * 5,
    {"enable-cors": "true"},
    {"ssl-redirect": "false"},
    {"whitelist-source-range": "127.0.0.1"},
    {"auth-type": "basic", "auth-secret": "users"},
    {"proxy-body-size": "1k", "custom-http-errors": "404", "default-backend": "errors"},
    {"permanent-redirect": "https://r.test/"},
)
_HEADS = ("svc", "Svc", "svc1", "svc10", "svc1/a", "svc2", "s", "sv", "svcé", "other/svc1", "")
_TAILS = (
    *("(/|$)(.*)", "/(.*)", "", "/", "[0-9]+", "[0-9]*/x", "?", "(/x|/y)", "/x.*$", ".*", "{2}"),
    *("|/zz", "+", "/(?s)(.)(.*)", "(?=/)", "\\.b/"),
)
_REWRITES: tuple[dict[str, str], ...] = (
    {"use-regex": "true"},
    {"rewrite-target": "/$2"},
    {"rewrite-target": "/n$1"},
)
_FOR_WILDCARDS = ("w", "w", "w", "w.w", "a.w", "w1", "w.w1", "w.w.w2", "w1.w2", "", "W")
"""What stands for the label of a wildcard."""
_ENDS = ("", "/", "/x", "/x/y", "x", "1", "10", "/%0a", "%0a", ".b/", "//", "/a", "é", "?q=/svc")


def alike_cluster(chance: random.Random, layout: str) -> Cluster:
    """Return a cluster, compiled with a layout."""
    made = [*_hosts(chance), *_wildcards(chance), *_regexes(chance)]
    return Cluster(
        tuple(made),
        default_backend=chance.random() < 0.3,
        default_certificate=chance.random() < 0.3,
        layout=layout,
    )


def _hosts(chance: random.Random) -> Iterator[Object]:
    """Yield the Ingresses of families of hosts, all of whose hosts have the same paths."""
    for family in range(3):
        rules = [_path(chance) for _ in range(chance.randint(1, 7))]
        own_services = chance.random() < 0.3
        annotations = _annotated(chance.choice(_ANNOTATIONS))
        together = chance.random() < 0.4
        secured = chance.choice((None, None, None, "cert", "none"))
        hosts = [f"h{number}.f{family}.test" for number in range(4)]
        if chance.random() < 0.3:
            hosts[1] = f"*.f{family}.test"
        made = []
        for number, host in enumerate(hosts):
            to = f"f{family}-{number if own_services else 0}"
            paths = [kind(text, f"{to}-{suffix}") for kind, text, suffix in rules]
            made.append(rule(host, *paths))
        by = [tls(*hosts, by=secured)] if secured else []
        if together:
            yield ingress(f"f{family}", *made, tls=by, annotations=annotations)
            continue
        for number, item in enumerate(made):
            # One of them may be unlike the others.
            own = _annotated(chance.choice(_ANNOTATIONS)) if chance.random() < 0.1 else annotations
            yield ingress(f"f{family}-{number}", item, tls=by, annotations=own)


def _wildcards(chance: random.Random) -> Iterator[Object]:
    """Yield the Ingresses of wildcards, some of which lie below one another."""
    for number in range(chance.choice((3, 12, 12))):
        above = (
            f".w{chance.randint(0, number)}.test" if number and chance.random() < 0.4 else ".test"
        )
        host = f"*.w{number}{above}"
        annotations = _annotated(chance.choice(_ANNOTATIONS) if chance.random() < 0.2 else {})
        alias = chance.choice((f"a.w.w{number}{above}", f"~^[a-y]+[.].+[.]w{number}{above}$"))
        if chance.random() < 0.1:
            annotations.update(annotated(server_alias=alias))
        by = [tls(host, by="cert")] if chance.random() < 0.15 else []
        made = rule(host, prefix("/", f"w{chance.randint(0, 3)}"), prefix("/a", "w"))
        yield ingress(f"w{number}", made, tls=by, annotations=annotations)


def _annotated(values: dict[str, str]) -> dict[str, str]:
    return annotated(**{name.replace("-", "_"): value for name, value in values.items()})


def _path(chance: random.Random) -> tuple[Callable[[str, str], Object], str, int]:
    elements = chance.choices(_ELEMENTS[: chance.choice((3, 8))], k=chance.randint(0, 3))
    text = "/" + "/".join(elements) + ("/" if elements and chance.random() < 0.2 else "")
    kind = exact if chance.random() < 0.2 else prefix
    return kind, text.replace(" ", "%20"), chance.randint(0, 1)


def _regexes(chance: random.Random) -> Iterator[Object]:
    """Yield the Ingresses of a host of regexes."""
    numbers, odd = range(chance.choice((3, 30, 60))), chance.choice((0.05, 0.1, 0.4))
    for number in numbers:
        head = chance.choice(_HEADS) if chance.random() < odd else f"svc{number}"
        text = f"/{head}{chance.choice(_TAILS) if chance.random() < odd else _TAILS[0]}"
        made = chance.choice((prefix, exact)) if chance.random() < odd else specific
        annotations = _annotated(chance.choice(_REWRITES))
        to = f"r{chance.randint(0, 3)}" if chance.random() < 0.5 else f"r-{number}"
        yield ingress(f"r{number}", rule("r.test", made(text, to)), annotations=annotations)


def alike_askings(cluster: Cluster, chance: random.Random, number: int) -> list[Asking]:
    """Return so many requests for a cluster, at and around its hosts and paths."""
    places = [
        (found["host"], path["path"])
        for item in cluster.ingresses
        for found in item["spec"]["rules"]
        for path in found["http"]["paths"]
    ]
    return [_asking(places, chance) for _ in range(number)]


def _asking(places: list[tuple[str, str]], chance: random.Random) -> Asking:
    host, path = chance.choice(places)
    if chance.random() < 0.2:
        path = chance.choice(places)[1]
    if host == "r.test":
        numbered = f"/svc{chance.randint(0, 70)}"
        path = numbered if chance.random() < 0.5 else "/" + chance.choice(_HEADS)
    name = host.replace("*", chance.choice(_FOR_WILDCARDS))
    written = path.replace("é", "%C3%A9").replace("+", "%2B")
    target = written + chance.choice(_ENDS).replace("é", "%C3%A9")
    if chance.random() < 0.3:
        target = target.swapcase() if chance.random() < 0.5 else target.title()
        target = target.replace("%c3%a9", "%C3%A9")
    scheme = "https" if chance.random() < 0.15 else "http"
    sent = chance.choice((name, name, name.upper(), f"{name}:81", f"{name}."))
    # No client sends a TLS name that begins with a dot.
    in_tls = name if scheme == "https" and name[:1] != "." else None
    return Asking(sent.encode(), target.encode(), scheme, server_name=in_tls)
