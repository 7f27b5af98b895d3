"""A host that stands for others is no other, and what is proved of it is what they get."""

from __future__ import annotations

import dataclasses
from typing import Any
from unittest import mock

import pytest

import ingc
from ingc import ir
from ingc.alike import printing, shapes_of
from ingc.alike.pieces import print_frame
from ingc.alike.representative import unused_word
from ingc.plan import config as planning
from ingc.plan.layout import UpstreamBlock, directive
from ingc.plan.upstreams import plan_upstream
from tests.alike.copies import alike, whole
from tests.alike.test_faults import compiled, with_servers
from tests.objects import annotated, ingress, prefix, rule, secret, service, tls
from tests.resolve.pairs import NOW, certificate, key_pem


def standing(config: ir.Config) -> list[str]:
    """Return the names of the hosts that stand for others."""
    made = printing.print_shapes(config, shapes_of(config, 3))
    return [shape.representative.host.name for shape in made.shapes]


@pytest.mark.parametrize("annotations", [annotated(rewrite_target="/x"), {}])
def test_nobody_gets_the_name_of_a_host_that_stands_for_others(
    annotations: dict[str, str],
) -> None:
    taken = standing(compiled())
    config = compiled(
        *(
            ingress(f"taken{n}", rule(name, prefix("/mine", "s0")), annotations=annotations)
            for n, name in enumerate(taken)
        )
    )
    assert len(taken) == 2
    assert not set(taken) & set(standing(config))
    assert alike(config) == whole(config) is not None


def test_a_word_stands_in_no_name() -> None:
    names = ["shop.test", "q0z.test", "*.q1z.invalid", "~^a.*q3z"]
    assert unused_word(names) == "q2z"


def test_what_another_host_alone_needs_is_in_the_text_of_all() -> None:
    cors = annotated(enable_cors="true")
    objects = [
        *(ingress(f"p{n}", rule(f"p{n}.test", prefix("/", f"s{n}")), annotations=cors)
          for n in range(5)),
        *(service(f"s{n}", {"port": 80}, clusterIP=f"10.1.0.{n + 1}") for n in range(5)),
        ingress("one", rule("one.test", prefix("/x", "s0")), tls=[tls("one.test", by="pair")]),
        secret("pair", certificate("one.test"), key_pem()),
    ]  # fmt: skip
    config = ingc.compile(objects, ingc.Options(nginx_version="1.22", now=NOW)).ir
    assert config is not None
    text = whole(config)
    assert text is not None
    assert text.count("add_header Strict-Transport-Security") > 5
    assert alike(config) == text


def test_hosts_planned_otherwise_than_what_is_proved_are_not_proved() -> None:
    config, plan_hosts, calls = compiled(), planning.plan_hosts, iter(range(9))

    def broken(hosts: Any, *rest: Any) -> Any:
        parts = plan_hosts(hosts, *rest)
        if next(calls) > 1:
            return parts
        return [with_servers(part, directive("keepalive_requests", 7)) for part in parts]

    with mock.patch("ingc.alike.printing.plan_hosts", broken):
        assert alike(config) is None


def test_upstreams_planned_otherwise_than_what_is_proved_are_not_proved() -> None:
    config = compiled()
    own = {item.name for item in config.upstreams}
    planned: set[str] = set()

    def broken(upstream: ir.Upstream, settings: ir.Settings) -> UpstreamBlock | None:
        block = plan_upstream(upstream, settings)
        if block is None or upstream.name in own | planned:
            return block
        planned.add(upstream.name)
        return dataclasses.replace(block, directives=block.directives[:1])

    with mock.patch("ingc.alike.printing.plan_upstream", broken):
        assert alike(config) is None


def test_no_piece_is_a_line_that_goes_on() -> None:
    render_blocks = printing.render_blocks

    def broken(layout: Any) -> str:
        return render_blocks(layout) + "    # the end"

    with mock.patch("ingc.alike.printing.render_blocks", broken):
        assert alike(compiled()) is None


def test_a_frame_without_maps_is_in_no_pieces() -> None:
    config = compiled()
    frame = printing.print_shapes(config, shapes_of(config, 3)).frame
    with pytest.raises(LookupError):
        print_frame(dataclasses.replace(frame, maps=()))
