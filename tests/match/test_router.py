"""Which Route takes a request, held against the rule of OpenShift's router.

The router looks the host and path of a request up in a map of regexes, one for each Route, sorted
by their text in descending order, wildcards last (``GenerateRouteRegexp`` and ``SortMapPaths`` of
openshift/router). That is written down here once more, and asked about random Routes and requests.
"""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

import ingc
from tests.objects import Object, service
from tests.routes_of import route
from tests.strategies import examples

HOSTS = ("a.test", "b.test")
PATHS = st.lists(st.sampled_from(("a", "ab", "b", "A")), max_size=3).map("/".join)
"""Of letters and slashes: the router sorts by text, and what comes before ``(`` would come late."""


def key_of(host: str, path: str) -> str:
    """Return the regex of a Route."""
    if not path.strip("/"):
        rest = "(/.*)?"
    elif path.endswith("/"):
        rest = re.escape(path) + "(.*)?"
    else:
        rest = re.escape(path) + "(/.*)?"
    return f"^{re.escape(host)}\\.?(:[0-9]+)?{rest}$"


def routed(routes: dict[tuple[str, str], str], host: str, path: str) -> str | None:
    """Return the Service that the router sends a request to."""
    keys = {key_of(*at): name for at, name in routes.items()}
    for key in sorted(keys, reverse=True):
        if re.match(key, host + path):
            return keys[key]
    return None


@st.composite
def sites(draw: st.DrawFn) -> dict[tuple[str, str], str]:
    """Return the hosts and paths of Routes, each with the name of its Service."""
    found: dict[tuple[str, str], str] = {}
    for number in range(draw(st.integers(1, 6))):
        path = draw(PATHS)
        slash = "/" if path and draw(st.booleans()) else ""
        whole = f"/{path}{slash}" if path else draw(st.sampled_from(("", "/")))
        host = draw(st.sampled_from(HOSTS))
        known = {key_of(*at) for at in found}
        if key_of(host, whole) not in known:
            found[host, whole] = f"s{number}"
    return found


@examples(150)
@given(sites(), st.lists(st.tuples(st.sampled_from((*HOSTS, "c.test")), PATHS), max_size=12))
def test_the_route_of_the_router_takes_the_request(
    routes: dict[tuple[str, str], str], asked: list[tuple[str, str]]
) -> None:
    objects: list[Object] = []
    for (host, path), name in routes.items():
        spec = {"path": path} if path else {}
        objects += [route(name, host, name, **spec), service(name, 80, clusterIP="10.0.0.1")]
    result = ingc.compile(objects)
    assert result.ok, result.errors
    requests = [(host, f"/{path}{end}") for host, path in asked for end in ("", "/", "/x", "x")]
    own = [(host, path.rstrip("/") + end) for host, path in routes for end in ("", "/", "/x", "x")]
    for host, path in requests + [(host, path) for host, path in own if path.startswith("/")]:
        if "//" in path:
            continue  # nginx merges slashes, and the router does not
        match = result.match(host, path)
        expected = routed(routes, host, path)
        found = match.upstream.split("_")[1] if match.upstream else None
        assert found == expected, (routes, host, path)
        assert expected is not None or match.status == 503
