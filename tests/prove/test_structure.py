"""The proof objects to every text that is not what was laid out, whatever made it so."""

from __future__ import annotations

import pytest

import ingc
from ingc.compiler import build_ir, print_config
from ingc.diagnostics import Sink
from ingc.emit import render as emit
from ingc.load.document import Document
from ingc.plan import layout as layout_module
from ingc.plan import plan
from ingc.plan.layout import Comment, Directive, Layout, Literal, Location, Server
from ingc.prove.structure import Mismatch
from ingc.target import parse_version
from tests.k8s.everything import APART, FIRST, OTHERS
from tests.prove.compiling import prove_structure

TARGET = parse_version("1.26")


@pytest.fixture(scope="module")
def printed() -> tuple[str, Layout]:
    """A configuration of everything, and its layout."""
    sink = Sink()
    documents = [Document(item) for item in (FIRST, *OTHERS, *APART)]
    config = build_ir(documents, ingc.Options(resolver=("10.0.0.53",)), sink)
    text, layout, mismatch = print_config(config)
    assert mismatch is None
    return text, layout


def test_a_text_without_any_one_of_its_lines_is_refused(printed: tuple[str, Layout]) -> None:
    text, layout = printed
    lines = text.splitlines()
    code = [n for n, line in enumerate(lines) if line.strip() and line.strip()[0] != "#"]
    assert len(code) > 150
    for number in code:
        changed = "\n".join(lines[:number] + lines[number + 1 :])
        assert prove_structure(changed, layout, TARGET), lines[number]


def test_a_text_with_any_one_of_its_lines_twice_is_refused(printed: tuple[str, Layout]) -> None:
    text, layout = printed
    lines = text.splitlines()
    for number in range(0, len(lines), 3):
        if lines[number].strip() and lines[number].strip()[0] != "#":
            changed = "\n".join(lines[: number + 1] + lines[number:])
            assert prove_structure(changed, layout, TARGET), lines[number]


@pytest.mark.parametrize(
    "extra",
    [
        "return 200 pwned;",
        "proxy_pass http://evil;",
        "include /etc/passwd;",
        "root /;",
        "autoindex on;",
        "nonsense;",
        "load_module x.so;",
        "location /x { return 200; }",
    ],
)
@pytest.mark.parametrize("where", ["location / {", "server {", "http {"])
def test_one_line_more_is_refused(printed: tuple[str, Layout], extra: str, where: str) -> None:
    text, layout = printed
    assert where in text
    mismatch = prove_structure(text.replace(where, f"{where}\n{extra}", 1), layout, TARGET)
    assert mismatch is not None
    assert mismatch.line == text[: text.index(where)].count("\n") + 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("listen 80 default_server;", "listen 80;"),
        ("listen 80 default_server;", "listen 81 default_server;"),
        ("proxy_pass http://shop_web_80;", "proxy_pass http://shop_apart_80;"),
        ("proxy_pass http://shop_web_80;", "proxy_pass http://shop_web_80/;"),
        ("location = /cart {", "location /cart {"),
        ("location = /cart {", "location ~ /cart {"),
        ("server_name b.test;", "server_name b.test c.test;"),
        ("return 404;", "return 200;"),
        ('proxy_set_header Proxy "";', "proxy_set_header Proxy $http_proxy;"),
        ("ssl_protocols TLSv1.2 TLSv1.3;", "ssl_protocols TLSv1.3 TLSv1.2;"),
        ("server_tokens off;", "server_tokens on;"),
        ("server_tokens off;", "# server_tokens off;"),
        ("events {", "events"),
    ],
)
def test_one_word_changed_is_refused(printed: tuple[str, Layout], old: str, new: str) -> None:
    text, layout = printed
    assert old in text
    assert prove_structure(text.replace(old, new, 1), layout, TARGET) is not None


# What no text could make good.


def server_with(*locations: tuple[str, str], name: str = "a.test") -> Server:
    blocks = tuple(
        Location(Comment("x"), modifier, Literal(path), (Directive("return", (404,)),))
        for modifier, path in locations
    )
    listen = (Directive("listen", (80,)), Directive("server_name", (Literal(name),)))
    return Server(Comment(name), listen, blocks)


def proof_of(*servers: Server, directives: tuple[Directive, ...] = ()) -> Mismatch | None:
    layout = Layout(
        fragment=True,
        main=(),
        events=(),
        http=(layout_module.Group(Comment(""), directives),) if directives else (),
        maps=(),
        upstreams=(),
        servers=servers,
    )
    return prove_structure(emit(layout), layout, TARGET)


def test_equal_locations_are_refused() -> None:
    assert proof_of(server_with(("", "/a"), ("=", "/a"))) is None
    for twins in ((("", "/a"), ("", "/a")), (("=", "/a"), ("=", "/a"))):
        mismatch = proof_of(server_with(*twins))
        assert mismatch is not None
        assert mismatch.server == 0


def test_equal_server_names_on_a_socket_are_refused() -> None:
    assert proof_of(server_with(), server_with(name="b.test")) is None
    mismatch = proof_of(server_with(), server_with())
    assert mismatch is not None
    assert mismatch.server == 1


def test_a_directive_outside_the_table_is_refused() -> None:
    for name in ("autoindex", "include", "load_module", "proxy_pass"):
        assert proof_of(server_with(), directives=(Directive(name, ("x",)),)) is not None


def test_a_directive_that_may_stand_once_is_refused_twice() -> None:
    size = Directive("grpc_buffer_size", ("8k",))
    assert proof_of(server_with(), directives=(size,)) is None
    mismatch = proof_of(server_with(), directives=(size, size))
    assert mismatch is not None
    assert mismatch.why == '"grpc_buffer_size" may stand only once in http'
    inner = (Directive("internal", ()), Directive("internal", ()))
    twice = Server(
        Comment("x"),
        (Directive("listen", (80,)),),
        (Location(Comment("x"), "", Literal("/"), inner),),
    )
    mismatch = proof_of(twice)
    assert mismatch is not None
    assert mismatch.why == '"internal" may stand only once in location'
    headers = tuple(Directive("add_header", (name, "v")) for name in ("X-A", "X-B"))
    assert proof_of(server_with(), directives=headers) is None


def test_a_directive_that_the_target_does_not_have_is_refused() -> None:
    layout = plan(build_ir([], ingc.Options(fragment=True), Sink()))
    server = Server(Comment("x"), (Directive("http2", ("on",)),), ())
    changed = Layout(True, (), (), layout.http, layout.maps, (), (*layout.servers, server))
    text = emit(changed)
    assert prove_structure(text, changed, parse_version("1.25.1")) is None
    mismatch = prove_structure(text, changed, parse_version("1.25.0"))
    assert mismatch is not None
    assert "1.25.1" in mismatch.why
