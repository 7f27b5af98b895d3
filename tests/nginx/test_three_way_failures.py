"""What the three-way run does with a difference: makes it small, saves it, can ask it again."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.model import Model
from ingc.nginx import find
from ingc.syntax.request import Request
from tests.nginx.three_way import site
from tests.nginx.three_way.answers import of_model
from tests.nginx.three_way.case import Answer, Asking, Cluster
from tests.nginx.three_way.regressions import load
from tests.nginx.three_way.run import difference, run
from tests.nginx.three_way.shrink import shrink
from tests.objects import annotated, exact, ingress, prefix, rule, tls

CLUSTER = Cluster(
    tuple(
        ingress(
            f"i{number}",
            rule("a.test", prefix(f"/{number}", "s"), exact(f"/{number}/x", "t")),
            rule("b.test", prefix(f"/{number}", "u")),
            tls=[tls("a.test", by="cert")],
            annotations=annotated(app_root="/x", ssl_redirect="false"),
            created="2024-01-01T00:00:00Z",
        )
        for number in range(20)
    ),
    default_backend=True,
)
ASKING = Asking(
    b"A.test", b"/17/x?long=query", "https", "PUT", (("A", "b"),), "a.test", "127.0.0.2"
)


def test_a_case_becomes_small() -> None:
    def fails(cluster: Cluster, asking: Asking | None) -> bool:
        assert asking is not None
        has = any(
            item["spec"]["rules"][0]["http"]["paths"][0]["path"] == "/17"
            for item in cluster.ingresses
        )
        return has and asking.target.startswith(b"/17")

    cluster, asking = shrink((CLUSTER, ASKING), fails)
    (left,) = cluster.ingresses
    assert left["metadata"] == {"name": "i17", "annotations": {}}
    assert [path["path"] for path in left["spec"]["rules"][0]["http"]["paths"]] == ["/17"]
    assert "tls" not in left["spec"]
    assert asking == Asking(b"a.test", b"/17")
    assert not cluster.default_backend


def test_a_difference_is_saved_and_can_be_asked_again(
    real_nginx: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nginx = find()

    def broken(asked: Model, request: Request, *, headers: bool) -> Answer:
        """A model that passes on no method but GET."""
        found = of_model(asked, request, headers=headers)
        return Answer(501) if found.upstreams and request.method != "GET" else found

    monkeypatch.setattr(site, "of_model", broken)
    report = run(nginx, 1, 1000, folder=tmp_path)
    assert report.wrong > 0
    (path,) = tmp_path.iterdir()
    assert str(path) in report.failure
    cluster, asking = load(path)
    assert len(cluster.ingresses) == 1
    assert asking is not None
    assert (asking.method != "GET", asking.headers, asking.scheme) == (True, (), "http")
    assert difference(nginx, cluster, asking)["model"] == "501"
    monkeypatch.undo()
    assert difference(nginx, cluster, asking) == {}
