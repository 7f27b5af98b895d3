"""Two inputs: what is told of their difference, and by which request."""

from __future__ import annotations

import copy
import random

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

import ingc
from ingc import ir
from ingc.diagnostics import Sink
from ingc.diff.compiled import compare
from ingc.diff.difference import Comparison, Difference
from ingc.explain.answer import answer_text
from ingc.explain.compiled.api import CompiledAsker
from ingc.explain.question import Question
from ingc.load import read_text
from tests.clusters import clusters
from tests.diff.pairs import PAIRS, SERVICES, Pair, together
from tests.nginx.certificates import secret_for
from tests.objects import Object, annotated, ingress, prefix, rule, tls
from tests.shop import service
from tests.strategies import examples


def compiled(objects: list[Object]) -> ir.Config:
    result = ingc.compile(objects, on_error="isolate")
    assert result.ir is not None
    return result.ir


def compared(old: list[Object], new: list[Object]) -> Comparison:
    return compare(compiled(old), compiled(new))


def told(item: Difference) -> str:
    rule = f"{item.path_type} {item.path}" if item.path_type else (item.path or "")
    return " ".join(filter(None, (item.kind, item.host or "*", rule, ", ".join(item.what))))


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_what_is_told(pair: Pair) -> None:
    found = compared([*pair.old, *SERVICES], [*pair.new, *SERVICES])
    assert [told(item) for item in found.differences] == list(pair.told)
    assert not found.unknown


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_what_shows_shows(pair: Pair) -> None:
    for item in compared([*pair.old, *SERVICES], [*pair.new, *SERVICES]).differences:
        texts = [answer_text(it, always_target=True) for it in (item.before, item.after)]
        assert item.shows == (texts[0] != texts[1])
        assert item.shows or item.what


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_the_way_back_differs_too(pair: Pair) -> None:
    back = compared([*pair.new, *SERVICES], [*pair.old, *SERVICES])
    assert back.same == (not pair.told)


def shuffled(value: object, chance: random.Random) -> object:
    """Return the same objects with keys in another order."""
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return [shuffled(item, chance) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("seed", range(5))
def test_reformatted_and_reordered_yaml_is_the_same(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - an order, not a secret
    old = together("new")
    new = [shuffled(copy.deepcopy(item), chance) for item in old]
    chance.shuffle(new)
    for item in new:
        assert isinstance(item, dict)
        chance.shuffle(item["spec"].get("rules", []))
    texts = (
        yaml.safe_dump_all(old, sort_keys=False),
        yaml.safe_dump_all(new, sort_keys=False, default_flow_style=seed % 2 == 0, indent=seed + 2),
    )
    read = ([dict(it.value) for it in read_text(text, "x.yaml", Sink())] for text in texts)
    before, after = map(compiled, read)
    assert before.hosts
    assert compare(before, after).same


def test_an_ingress_that_is_renamed_or_split_is_the_same() -> None:
    one = [ingress("web", rule("a.test", prefix("/", "web"), prefix("/cart", "cart")))]
    two = [
        ingress("first", rule("a.test", prefix("/cart", "cart"))),
        ingress("second", rule("a.test", prefix("/", "web"))),
    ]
    assert compared([*one, *SERVICES], [*two, *SERVICES]).same


@st.composite
def _edits(draw: st.DrawFn) -> tuple[list[Object], list[Object], tuple[tuple[bytes, bytes], ...]]:
    """Draw a cluster, an edited copy of it, and requests."""
    cluster = draw(clusters())
    new = copy.deepcopy(list(cluster.objects))
    places = [
        (paths, at)
        for item in new
        for each in item.get("spec", {}).get("rules", ())
        for paths in [each.get("http", {}).get("paths", [])]
        for at in range(len(paths))
    ]
    if places:
        paths, at = draw(st.sampled_from(places))
        match draw(st.sampled_from(["drop", "type", "service", "path", "nothing"])):
            case "drop":
                del paths[at]
            case "type":
                paths[at]["pathType"] = draw(st.sampled_from(["Exact", "Prefix"]))
            case "service":
                paths[at]["backend"]["service"]["name"] = "another"
            case "path":
                paths[at]["path"] += draw(st.sampled_from(["/x", "x", "/"]))
            case _:
                draw(st.randoms()).shuffle(new)
    return list(cluster.objects), new, cluster.requests


@given(_edits())
@examples(150)
def test_no_request_that_is_answered_otherwise_goes_untold(
    edit: tuple[list[Object], list[Object], tuple[tuple[bytes, bytes], ...]],
) -> None:
    old, new, requests = edit
    sides = compiled(old), compiled(new)
    found = compare(*sides)
    askers = [CompiledAsker(side) for side in sides]
    hosts = {item.host or "_" for item in found.differences}
    for host, target in requests:
        asked = Question("GET", "http", _text(host), _text(target))
        before, after = (asker.ask(asked) for asker in askers)
        if answer_text(before) != answer_text(after):
            assert {before.server, after.server} & hosts, (asked, before, after)


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogateescape")


def test_whose_tls_is_opened_is_told() -> None:
    def side(name: str, *, passed: bool) -> ir.Config:
        noted = {"nginx.ingress.kubernetes.io/ssl-passthrough": "true"} if passed else {}
        objects = [ingress("db", rule("a.test", prefix("/", name)), annotations=noted), *SERVICES]
        result = ingc.compile(objects, ingc.Options(enable_ssl_passthrough=True))
        assert result.ir is not None
        return result.ir

    web, cart, closed = (
        side("web", passed=True),
        side("cart", passed=True),
        side("web", passed=False),
    )
    (moved,) = (item for item in compare(web, cart).differences if item.path is None)
    assert moved.what == ("https: passed on to default/web:80 → passed on to default/cart:80",)
    assert moved.shows
    (gone,) = (item for item in compare(web, closed).differences if item.path is None)
    assert gone.what == ("https: passed on to default/web:80 → no",)
    assert answer_text(gone.before) == "unopened default/web:80"
    assert compare(web, side("web", passed=True)).same


def _protected(secret: str, users: str) -> list[Object]:
    noted = annotated(auth_type="basic", auth_secret=secret)
    return [
        ingress("web", rule("a.test", prefix("/", "web")), annotations=noted),
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": secret, "namespace": "default"},
            "stringData": {"auth": f"{users}:$apr1$salt$xxxxxxxxxxxxxxxxxxxxx/\n"},
        },
        *SERVICES,
    ]


def test_a_renamed_secret_is_the_same_and_other_users_are_not() -> None:
    before = _protected("users", "ann")
    assert compared(before, _protected("renamed", "ann")).same
    (item,) = compared(before, _protected("users", "bob")).differences
    assert item.what[0].startswith("basic auth file: auth/default_users.")


def test_another_external_name_is_told() -> None:
    def side(name: str) -> ir.Config:
        away = service("away", type="ExternalName", externalName=name, namespace="default")
        objects = [ingress("web", rule("a.test", prefix("/", "away"))), away]
        result = ingc.compile(objects, ingc.Options(resolver=("127.0.0.1",)))
        assert result.ir is not None
        return result.ir

    (item,) = compare(side("one.test"), side("two.test")).differences
    assert told(item) == "moved a.test Prefix / external name: one.test → two.test"


def test_what_the_redirect_to_https_hides_is_shown_over_https() -> None:
    def side(**annotations: str) -> list[Object]:
        noted = annotated(**annotations)
        rules = rule("a.test", prefix("/", "web"))
        secured = ingress("web", rules, annotations=noted, tls=[tls("a.test", by="cert")])
        return [secured, secret_for("cert", "a.test"), *SERVICES]

    (item,) = compared(side(), side(proxy_read_timeout="5")).differences
    assert item.witness == "GET https://a.test/"
