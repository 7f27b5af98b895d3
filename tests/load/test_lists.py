"""Lists, as kubectl prints them, are taken apart."""

from __future__ import annotations

from tests.load.reading import reading

LIST = """\
apiVersion: v1
items:
- apiVersion: v1
  kind: Service
  metadata: {name: a}
- apiVersion: networking.k8s.io/v1
  kind: Ingress
  metadata: {name: b}
kind: List
metadata:
  resourceVersion: ""
"""


def test_a_list_becomes_its_entries() -> None:
    read = reading(f"{LIST}---\n{LIST}")
    assert read.diagnostics == ()
    assert [value["metadata"]["name"] for value in read.values] == ["a", "b", "a", "b"]


def test_entries_of_a_typed_list_get_its_version_and_kind() -> None:
    text = (
        '{"kind":"IngressList","apiVersion":"networking.k8s.io/v1","metadata":{},"items":['
        '{"metadata":{"name":"a"}},{"kind":"","apiVersion":null},{"kind":"Other"}]}'
    )
    version = "networking.k8s.io/v1"
    for file in ("a.json", "a.yaml"):
        assert reading(text, file).values == [
            {"apiVersion": version, "kind": "Ingress", "metadata": {"name": "a"}},
            {"apiVersion": version, "kind": "Ingress"},
            {"apiVersion": version, "kind": "Other"},
        ]


def test_entries_of_a_typed_list_that_say_their_kind_are_left_alone() -> None:
    text = "kind: ServiceList\napiVersion: v1\nitems:\n- {kind: Service, apiVersion: v1, a: 1}\n"
    assert reading(text).values == [{"kind": "Service", "apiVersion": "v1", "a": 1}]


def test_entries_of_a_plain_list_are_left_alone() -> None:
    assert reading("kind: List\napiVersion: v1\nitems: [{a: 1}]\n").values == [{"a": 1}]


def test_lists_in_lists() -> None:
    text = "kind: List\nitems:\n- {a: 1}\n- {kind: FooList, apiVersion: x, items: [{b: 1}]}\n"
    assert reading(text).values == [{"a": 1}, {"apiVersion": "x", "kind": "Foo", "b": 1}]


def test_lists_without_entries_hold_nothing_and_are_no_fault() -> None:
    for items in ("items: []", "items:", "metadata: {}"):
        read = reading(f"kind: List\n{items}\n")
        assert (read.values, read.diagnostics) == ([], ())


def test_what_only_looks_like_a_list_is_an_object() -> None:
    assert len(reading("kind: AllowList\nspec: {items: [1]}\n").values) == 1
    assert len(reading("kind: Thing\nitems: [1]\n").values) == 1


def test_the_same_value_under_an_alias_is_an_entry_each_time() -> None:
    assert reading("x: &x {a: 1}\nkind: List\nitems: [*x, *x]\n").values == [{"a": 1}, {"a": 1}]
