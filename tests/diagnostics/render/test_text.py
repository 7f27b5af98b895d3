"""Text for people: what is merged, what is left out, and that both are said."""

from __future__ import annotations

import re

import pytest

from ingc.diagnostics import Diagnostic, ObjectRef, Origin, Related, Severity
from ingc.diagnostics.catalogue.annotations import AnnotationValueWrong
from ingc.diagnostics.catalogue.backends import PortMissing
from ingc.diagnostics.catalogue.hosts_paths import HostInvalid, PathLooksLikeRegex, PathTypeMissing
from ingc.diagnostics.catalogue.objects import KindsPassedOver, ObjectRepeated
from ingc.diagnostics.render.text import render_text, summary
from tests.diagnostics.findings import FINDINGS, SECRET, SHOP, Manifest, found, ingress, path_field

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def _untyped(count: int, name: str = "web") -> list[Diagnostic]:
    return [
        found(PathTypeMissing(path="/"), Origin(ingress(name), path_field(number)))
        for number in range(count)
    ]


def _text(diagnostics: list[Diagnostic], most: int | None = None) -> str:
    return render_text(diagnostics, color=False, most=most)


def test_color_adds_nothing_but_color() -> None:
    colored = render_text(FINDINGS, color=True)
    assert ANSI.search(colored)
    assert ANSI.sub("", colored) == render_text(FINDINGS, color=False)


def test_severities_differ_in_color() -> None:
    one_each = [found(HostInvalid(host="a_b"), Origin(), severity=level) for level in Severity]
    heads = [ANSI.match(block) for block in render_text(one_each, color=True).split("\n\n")]
    assert len({head[0] for head in heads if head}) == len(Severity)


def test_a_few_of_one_kind_are_shown_in_full() -> None:
    text = _text(_untyped(3))
    assert text.count("error[ING206]") == 3
    assert "more like this" not in text


def test_more_of_one_kind_are_merged_and_listed() -> None:
    text = _text(_untyped(5))
    assert text.count("error[ING206]") == 1
    assert "= and 4 more like this:" in text
    assert [f"paths[{number}]" in text for number in range(5)] == [True] * 5


def test_a_long_list_says_how_much_longer_it_is() -> None:
    text = _text(_untyped(40))
    assert "= and 39 more like this:" in text
    assert text.endswith("and 29 more\n")


def test_the_same_code_on_other_objects_is_not_merged() -> None:
    text = _text(_untyped(3, "a") + _untyped(3, "b"))
    assert text.count("error[ING206]") == 6


def test_findings_without_an_object_are_not_merged() -> None:
    text = _text([found(KindsPassedOver(kinds=("Pod",)), Origin())] * 5)
    assert text.count("note[ING107]") == 5


def test_merged_findings_keep_their_order_among_others() -> None:
    other = found(PathLooksLikeRegex(path="/.*"), Origin(ingress("web"), path_field(9)))
    first, *rest = _untyped(4)
    codes = re.findall(r"\[(ING\d+)\]", _text([first, other, *rest]))
    assert codes == ["ING206", "ING213"]


def test_a_limit_keeps_the_worst_and_counts_the_rest() -> None:
    notes = [found(KindsPassedOver(kinds=("Pod",)), Origin())] * 3
    text = _text([*notes, *_untyped(5), *_untyped(2, "b")], most=2)
    assert re.findall(r"\w+\[ING\d+\]", text) == ["error[ING206]", "error[ING206]"]
    assert text.endswith("\nnot shown here: 1 error, 3 notes\n")


def test_a_limit_that_is_not_reached_says_nothing() -> None:
    assert _text(_untyped(2), most=2) == _text(_untyped(2))


def test_a_limit_of_zero_only_counts() -> None:
    assert _text(_untyped(2), most=0) == "not shown here: 2 errors\n"


@pytest.mark.parametrize(
    ("origin", "place"),
    [
        (Origin(), ""),
        (Origin(ingress("web")), "  --> Ingress shop/web: a port belongs here\n"),
        (Origin(None, ("spec",)), "  --> spec: a port belongs here\n"),
        (
            Origin(ObjectRef("IngressClass", "", "nginx"), ("spec",), Manifest("a.yaml", "")),
            "  --> a.yaml: a port belongs here  (IngressClass nginx, spec)\n",
        ),
    ],
)
def test_without_a_place_in_a_file_what_is_known_is_shown(origin: Origin, place: str) -> None:
    text = _text([found(PortMissing(), origin)])
    head = "error[ING303]: the backend's Service has no port\n"
    if not place:
        place = "  --> a port belongs here\n"
    assert text == f"{head}{place}   = help: {PortMissing.help}\n"


def test_line_numbers_share_one_gutter() -> None:
    tall = Manifest("tall.yaml", "\n" * 999 + "kind: Ingress", (((), 1000, "kind"),))
    web = ingress("web")
    also = Related(Origin(web, (), SHOP), "first defined here")
    text = _text([found(ObjectRepeated(ref="Ingress shop/web"), Origin(web, (), tall), also)])
    bars = {line.index("|") for line in text.splitlines() if "|" in line}
    assert bars == {5}
    assert "\n1000 | kind: Ingress\n" in text
    assert "\n   1 | apiVersion: " in text


def test_the_data_of_a_secret_is_never_shown() -> None:
    text = render_text(FINDINGS, color=False)
    assert SECRET.file in text
    assert "c2VjcmV0" not in text


def test_summary_counts_and_bends() -> None:
    note = found(KindsPassedOver(kinds=()), Origin())
    warning = found(PathLooksLikeRegex(path="/"), Origin())
    assert summary([note]) == "1 note"
    assert summary([note, note, warning, *_untyped(3)]) == "3 errors, 1 warning, 2 notes"


@pytest.mark.parametrize("text", ["\ud800", "\udcff", "a\nb", "{x}", "%s", "\x1b[2J", "a" * 10_000])
def test_hostile_values_stay_on_their_line(text: str) -> None:
    source = Manifest(text or "x", "x: " + text.replace("\n", ""), (((), 1, "x"),))
    one = found(HostInvalid(host=text), Origin(ObjectRef("Ingress", text, text), (text,), source))
    shown = _text([one])
    assert len(shown.splitlines()) == 6
    assert all(char == "\n" or char.isprintable() for char in shown)
    shown.encode()


def test_wrong_values_of_different_annotations_each_keep_their_help() -> None:
    many = [
        found(
            AnnotationValueWrong(
                annotation=f"name-{n}", value="x", why="no", words=f"form {n}", examples=("a",)
            ),
            Origin(ingress("web"), path_field(n)),
        )
        for n in range(6)
    ]
    text = _text(many)
    assert "more like this" not in text
    assert [f"it must be form {n}; for example a" in text for n in range(6)] == [True] * 6
