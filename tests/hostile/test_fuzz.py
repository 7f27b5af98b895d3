"""Random input: documents as bytes, annotations, every string, options. Never a traceback.

An ordinary run is bounded and the same each time; ``--deep`` takes twenty times as many examples,
other ones each time.
"""

from __future__ import annotations

import copy
import io
import json
import string
from functools import cache
from typing import Any

import yaml
from hypothesis import given
from hypothesis import strategies as st

import ingc
from ingc.compiler import compile_documents
from ingc.diagnostics import Sink
from ingc.diagnostics.render.text import render_text
from ingc.load import read
from ingc.options import OptionError
from ingc.target import DIRECTIVES
from tests.frontend.hostile import beside, supported, surroundings
from tests.hostile.corpus import NGINX, Place, payloads, places, scenes
from tests.hostile.outcome import compiled, judge, shape
from tests.hostile.test_every_string import benign_shapes, without_each_object
from tests.hostile.tree import Escaped, Tree, tree_of
from tests.objects import path, rule
from tests.resolve.pairs import NOW
from tests.shop import ingress
from tests.strategies import NASTY, examples, token_text

PREFIX = "nginx.ingress.kubernetes.io/"
OPTIONS = ingc.Options(now=NOW, nginx_version=NGINX)
SHORT = [text for text in payloads().values() if len(text) < 200]
NAMES = {*DIRECTIVES, "<entry>", "include", "default", "hostnames", "volatile"}
PARTS = [
    *("- ", ": ", "\n", "\n---\n", "|\n", ">-\n", "&a ", "*a", "<<: ", "!!str ", "!x ", "? ", "# "),
    *("{", "}", "[", "]", ",", '"', "'", "%YAML 1.1\n", "\t", "\0", "\r\n", "\u2028", "\ufeff"),
    *("kind: Ingress\n", "apiVersion: v1\n", "items:\n", "null", "~", "1e999", "0x", "12:30:45"),
]

nasty = st.one_of(
    token_text,
    st.sampled_from(SHORT),
    st.lists(st.sampled_from([*NASTY, *SHORT]), max_size=4).map("".join),
    st.text(max_size=30),
)


def names_are_known(tree: Tree) -> None:
    """Whatever it is called, it is a directive that the product has at all."""
    found = {name for way in tree for name in way.split("/")}
    assert found <= NAMES, found - NAMES


@cache
def texts() -> tuple[bytes, ...]:
    """The scenes as YAML and as JSON."""
    found = []
    for scene in scenes():
        found.append(yaml.safe_dump_all(scene.objects, allow_unicode=True).encode())
        found.append(
            json.dumps({"kind": "List", "apiVersion": "v1", "items": scene.objects}).encode()
        )
    return tuple(found)


@st.composite
def documents(draw: st.DrawFn) -> bytes:
    """A text of objects with a few stretches of it replaced, or anything at all."""
    text = draw(st.sampled_from(texts()) | st.binary(max_size=60))
    new = st.binary(max_size=6) | st.sampled_from(PARTS).map(str.encode) | nasty.map(_bytes)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 12)))
        text = text[:start] + draw(new) + text[end:]
    return text


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@examples(250)
@given(documents(), st.sampled_from(["fail", "isolate"]))
def test_any_bytes_are_compiled_or_refused(text: bytes, on_error: Any) -> None:
    sink = Sink()
    loaded = read(["-"], sink, stdin=io.BytesIO(text))
    result = compile_documents(loaded.documents, OPTIONS, sink, on_error=on_error)
    assert not [item for item in result.diagnostics if item.code.startswith("ING9")]
    assert result.ok or result.errors
    render_text(result.diagnostics, color=False).encode()
    if result.config is not None:
        names_are_known(tree_of(result.config))


@examples(150)
@given(st.sampled_from(supported()), st.lists(nasty, min_size=1, max_size=3), st.booleans())
def test_annotations_are_compiled_or_refused(pair: Any, parts: list[str], whole: bool) -> None:
    family, declared = pair
    value = "".join(parts)
    value = value if whole else declared.grammar.examples[0] + value
    annotations = {**beside(family, declared), PREFIX + declared.name: value}
    asked = ingress("web", rule("a.test", path("/", "web")), annotations=annotations)
    result = compiled([*surroundings(), asked], OPTIONS, isolate=True)
    assert result.config is not None
    names_are_known(tree_of(result.config))


@cache
def all_places() -> list[Place]:
    return [place for scene in scenes() for place in places(scene)]


@examples(150)
@given(st.deferred(lambda: st.sampled_from(all_places())), nasty, st.booleans())
def test_every_string_keeps_the_shape(place: Place, text: str, behind: bool) -> None:
    scene = place.scene
    objects = place.filled(text, behind=behind)
    shapes = [shape(scene.objects, scene.options)]
    try:
        judge(copy.deepcopy(objects), scene.options, shapes)
    except Escaped:
        shapes += [shape(others, scene.options) for others in without_each_object(scene)]
        judge(objects, scene.options, [*shapes, *benign_shapes(place)])


TEXTS = {
    name: nasty | st.sampled_from(good)
    for name, good in {
        "namespace": ["shop"],
        "controller_class": ["k8s.io/x"],
        "watch_namespace": ["shop"],
        "annotations_prefix": ["example.com"],
        "configmap": ["ops/settings"],
        "cluster_domain": ["cluster.test"],
        "default_backend_service": ["shop/web", "shop/web:80"],
        "nginx_version": ["1.22", "1.31.3", "1.1000000000"],
        "default_ssl_certificate": ["shop/pair", "/c.pem,/k.pem"],
        "tls_files": ["/tls/{namespace}/{secret}"],
        "auth_files": ["/auth/{namespace}/{secret}"],
        "health_check_path": ["/up"],
        "echo_socket": ["/run/x"],
    }.items()
}
FIELDS = {
    **TEXTS,
    "tls_files": TEXTS["tls_files"] | nasty.map(lambda text: text + "{namespace}{secret}"),
    "auth_files": TEXTS["auth_files"] | nasty.map(lambda text: text + "{namespace}{secret}"),
    "health_check_path": TEXTS["health_check_path"] | nasty.map(lambda text: "/" + text),
    "default_ssl_certificate": TEXTS["default_ssl_certificate"] | nasty.map(lambda t: f"{t},{t}"),
    "ingress_class": st.lists(nasty, max_size=2).map(tuple),
    "accept_ignored": st.lists(nasty, max_size=2).map(tuple),
    "resolver": st.lists(nasty | st.just("10.0.0.1"), max_size=2).map(tuple),
    "listen_address": st.lists(nasty | st.just("[::1]"), max_size=2).map(tuple),
    "assume_port": st.dictionaries(nasty | st.just("http"), st.integers(-1, 70000), max_size=2),
    "http_port": st.integers(-1, 70000),
    "https_port": st.integers(-1, 70000),
    "redirect_port": st.none() | st.integers(-1, 70000),
    "backends": nasty | st.sampled_from(["auto", "endpoints", "cluster-ip", "dns"]),
    "access_log": nasty | st.sampled_from(["json", "combined", "off"]),
    "fragment": st.booleans(),
    "strict": st.booleans(),
}


@st.composite
def some_options(draw: st.DrawFn) -> dict[str, Any]:
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), min_size=1, max_size=3, unique=True))
    return {name: draw(FIELDS[name]) for name in names}


@examples(300)
@given(some_options(), st.integers(0, len(scenes()) - 1))
def test_options_are_used_or_refused(given_: dict[str, Any], number: int) -> None:
    scene = scenes()[number]
    options = ingc.Options(now=NOW, **given_)
    try:
        result = ingc.compile(scene.objects, options, on_error="isolate")
    except OptionError as error:
        assert str(error).startswith("--")
        return
    assert not [item for item in result.diagnostics if item.code.startswith("ING9")]
    assert result.config is not None
    fragment = f"http {{\n{result.config}\n}}\n"
    names_are_known(tree_of(fragment if options.fragment else result.config))


def test_the_texts_are_what_they_should_be() -> None:
    assert len(SHORT) > 90
    assert set(string.punctuation) - set("".join(SHORT)) <= set("+^&")
