"""Some of the routes, as a tree and as a picture."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET
from typing import Any

import pytest

import ingc
from ingc.routes import StreamRow
from ingc.routes.chart import Trunk, chart
from ingc.routes.chosen import Choice
from ingc.routes.picture import picture
from ingc.routes.tree import tree_as_text
from tests.objects import (
    Object,
    annotated,
    config_map,
    endpoint_slice,
    exact,
    ingress,
    prefix,
    rule,
    service,
    specific,
)

HOSTILE = ("/<script>alert(1)</script>", "/a&b;\"'<!--", "/\u202e\n]]>x", "/" + "long" * 30)
OBJECTS: list[Object] = [
    ingress(
        "web",
        rule("a.test", prefix("/", "web"), prefix("/cart/", "cart"), exact("/cart", "cart")),
        rule("*.w.test", prefix("/cartoon", "gone")),
        rule(None, prefix("/", "web")),
        namespace="shop",
    ),
    ingress("other", rule("a.test", prefix("/x", "web")), namespace="blog"),
    ingress(
        "canary",
        rule("a.test", exact("/cart", "next")),
        annotations=annotated(canary="true", canary_weight="20"),
        namespace="shop",
    ),
    config_map("tcp", {"9000": "shop/web:80", "9001": "shop/gone:80"}, "shop"),
]
for name, count in (("web", 1), ("cart", 12), ("next", 2), ("gone", 0)):
    made = service(name, 80)
    made["metadata"]["namespace"] = "shop"
    addresses = [f"10.0.0.{number}" for number in range(count)]
    ends = endpoint_slice(name, *addresses, port=8080)
    ends["metadata"]["namespace"] = "shop"
    OBJECTS += [made, ends]


def compiled(*objects: Object, **options: Any) -> ingc.Result:
    options.setdefault("tcp_services_configmap", "shop/tcp")
    result = ingc.compile([*OBJECTS, *objects], ingc.Options(**options))
    assert result.ok, result.errors
    return result


def drawn(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 (it is our own)


def chosen(result: ingc.Result, **choice: str) -> list[tuple[str | None, str]]:
    rows = Choice(**choice).routes(result.routes)
    return [(row.host, row.path) for row in rows]


def trunks(result: ingc.Result) -> tuple[Trunk, ...]:
    assert result.ir is not None
    return chart(result.routes, result.streams, result.ir)


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ({"host": "A.test."}, ["/cart", "/cart/", "/x", "/"]),
        ({"host": "x.w.test"}, ["/cartoon"]),
        ({"host": "*.w.test"}, ["/cartoon"]),
        ({"host": "x.y.w.test"}, []),
        ({"host": "*"}, ["/"]),
        ({"host": "nobody.test"}, []),
        ({"ingress_namespace": "blog"}, ["/x"]),
        ({"service": "shop/cart"}, ["/cart", "/cart/"]),
        ({"service": "shop/next"}, ["/cart"]),
        ({"service": "shop/gone"}, ["/cartoon"]),
        ({"service": "blog/cart"}, []),
        ({"path": "/cart"}, ["/cart", "/cart/"]),
        ({"path": "/cart/"}, ["/cart/"]),
        ({"path": "/", "ingress_namespace": "shop", "host": "a.test"}, ["/cart", "/cart/", "/"]),
    ],
    ids=str,
)
def test_rows_are_chosen(choice: dict[str, str], expected: list[str]) -> None:
    assert [path for _, path in chosen(compiled(), **choice)] == expected


def test_ports_are_chosen_by_service_alone() -> None:
    rows = compiled().streams
    web = StreamRow("tcp", 9000, None, "shop/web", 80, "shop_web_80")
    assert rows == (web, StreamRow("tcp", 9001, None, "shop/gone", 80, None))
    assert Choice(service="shop/web").streams(rows) == (web,)
    assert Choice(service="shop/web", path="/").streams(rows) == ()
    assert Choice(host="a.test").streams(rows) == ()
    assert Choice(ingress_namespace="shop").streams(rows) == ()


def test_tls_that_is_passed_on_is_of_its_host() -> None:
    passing = ingress(
        "db",
        rule("db.test", prefix("/", "web")),
        annotations=annotated(ssl_passthrough="true"),
        namespace="shop",
    )
    result = compiled(passing, enable_ssl_passthrough=True)
    row = StreamRow("tls", 443, "db.test", "shop/web", 80, "shop_web_80")
    assert Choice(host="db.test").streams(result.streams) == (row,)
    assert Choice(host="a.test").streams(result.streams) == ()
    assert "db.test\n├─ /  Prefix  shop/db" in tree_as_text(trunks(result))


def test_the_tree_goes_down_to_the_endpoints() -> None:
    text = tree_as_text(trunks(compiled()))
    assert "a.test\n├─ /cart   Exact  shop/web spec.rules[0].http.paths[2]\n" in text
    assert "│  ├─ shop/cart:80\n│  │  ├─ 10.0.0.0:8080\n" in text
    assert "│  │  └─ … and 4 more\n│  └─ shop/next:80  canary\n" in text
    assert "└─ 503 (shop/gone:80)\n" in text
    assert "TCP port 9000\n└─ TCP\n   └─ shop/web:80\n      └─ 10.0.0.0:8080\n" in text
    assert text.endswith("TCP port 9001\n└─ TCP\n   └─ closed (shop/gone:80)\n")


def test_the_picture_shows_what_the_tree_does() -> None:
    shown = "".join(drawn(picture(trunks(compiled()))).itertext())
    for text in ("a.test", "*.w.test", "/cart/", "shop/next:80", "10.0.0.4:8080", "… 7 more"):
        assert text in shown
    assert "503 (shop/gone:80)" in shown
    assert "TCP port 9000" in shown


def test_names_of_authors_stay_text() -> None:
    # What is not a path is refused before; so the tree is asked with more than can come there.
    hosts = [rule("h.test", *(specific(path, "web") for path in HOSTILE[:1]))]
    result = compiled(ingress("hostile", *hosts, namespace="shop"))
    assert result.ir is not None
    rows = [row for row in result.routes if row.host == "h.test"]
    more = [dataclasses.replace(rows[0], path=path) for path in HOSTILE]
    given = chart(more, (), result.ir)
    text = picture(given)
    root = drawn(text)
    allowed = {"svg", "defs", "rect", "text", "title", "path"}
    assert {element.tag.rpartition("}")[2] for element in root.iter()} == allowed
    titles = [element.text or "" for element in root.iter() if element.tag.endswith("title")]
    assert any(title.startswith(HOSTILE[0]) for title in titles)
    assert any(title.startswith(HOSTILE[1]) for title in titles)
    assert "/\\u202e\\n]]>x" in tree_as_text(given)
    assert picture(given) == text


def test_no_route_makes_an_empty_picture() -> None:
    assert drawn(picture(())).tag.endswith("svg")
    assert tree_as_text(()) == ""


def test_two_hundred_routes_do_not_overlap() -> None:
    paths = [prefix(f"/p{number}", f"s{number % 37}") for number in range(200)]
    hosts = [rule(f"h{at}.test", *paths[at : at + 5]) for at in range(0, 200, 5)]
    result = compiled(ingress("many", *hosts, namespace="shop"))
    root = drawn(picture(trunks(result)))
    boxes: dict[int, list[int]] = {}
    for item in root.iter():
        if item.tag.endswith("rect") and item.get("height") == "20":
            boxes.setdefault(int(item.get("x", "")), []).append(int(item.get("y", "")))
    assert len(boxes) == 4
    for tops in boxes.values():
        assert all(b - a >= 20 for a, b in zip(sorted(tops), sorted(tops)[1:], strict=False))
        assert max(tops) + 20 <= int(root.get("height", ""))
        assert min(tops) >= 40
