"""What moves up into a server is what all its proxying locations say, and say alike."""

from __future__ import annotations

from ingc.plan.hoisting import hoist
from ingc.plan.layout import Comment, Directive, Literal, Location, Server, directive

SAME = tuple(directive("proxy_set_header", f"X-{n}", "same") for n in range(30))
PASS = directive("proxy_pass", "http://up")


def server(*contents: tuple[Directive, ...]) -> Server:
    locations = (
        Location(Comment("a rule"), "", Literal(f"/{n}"), (*SAME, *content, PASS))
        for n, content in enumerate(contents)
    )
    return Server(Comment("a.test"), (), tuple(locations))


def test_what_is_alike_moves_up() -> None:
    timeout = directive("proxy_read_timeout", "5s")
    hoisted = hoist(server((timeout,), (timeout,)), ())
    assert hoisted.directives == (*SAME, timeout)
    assert [item.directives for item in hoisted.locations] == [(PASS,), (PASS,)]


def test_what_differs_stays_where_it_is() -> None:
    one, other = directive("proxy_read_timeout", "5s"), directive("proxy_read_timeout", "7s")
    hoisted = hoist(server((one,), (other,), (one,)), ())
    assert hoisted.directives == SAME
    kept = [item.directives for item in hoisted.locations]
    assert kept == [(one, PASS), (other, PASS), (one, PASS)]


def test_what_one_location_lacks_stays_where_it_is() -> None:
    one = directive("proxy_read_timeout", "5s")
    hoisted = hoist(server((one,), ()), ())
    assert hoisted.directives == SAME
    assert [item.directives for item in hoisted.locations] == [(one, PASS), (PASS,)]


def test_lists_in_another_order_are_not_alike() -> None:
    one, other = directive("add_header", "A", "1"), directive("add_header", "B", "2")
    hoisted = hoist(server((one, other), (other, one)), ())
    assert hoisted.directives == SAME
