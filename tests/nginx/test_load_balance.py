"""How requests are spread over endpoints, on real nginx."""

from __future__ import annotations

from collections import Counter

from ingc.nginx import Nginx
from tests.nginx.harness import serving
from tests.nginx.pods import body
from tests.nginx.test_affinity import web
from tests.objects import Object


def test_the_same_uri_goes_to_the_same_endpoint(nginx: Nginx, three: list[Object]) -> None:
    paths = [f"/{n}" for n in range(30)]
    with serving(nginx, [web(upstream_hash_by="$uri"), *three], echo=False) as site:
        found = {path: {body(site.ask("a.test", path)) for _ in range(5)} for path in paths}
    assert all(len(names) == 1 for names in found.values()), found
    assert len({name for names in found.values() for name in names}) == 3


def test_ewma_uses_every_endpoint(nginx: Nginx, three: list[Object]) -> None:
    with serving(nginx, [web(load_balance="ewma"), *three], echo=False) as site:
        found = Counter(body(site.ask("a.test", "/")) for _ in range(60))
    assert len(found) == 3, found


def test_affinity_beats_a_hash(nginx: Nginx, three: list[Object]) -> None:
    asked = web(affinity="cookie", upstream_hash_by="$host")
    with serving(nginx, [asked, *three], echo=False) as site:
        assert len({body(site.ask("a.test", "/")) for _ in range(30)}) == 3
