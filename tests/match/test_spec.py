"""The compiler and the oracle together against the specification, read off the plain objects.

nginx can't tell whether an Ingress won that should have lost, for it is given the winner alone.
"""

from __future__ import annotations

from hypothesis import given

import ingc
from ingc.syntax.host import BadHost, read_host
from ingc.syntax.uri import BadTarget, read_target
from tests.clusters import Cluster, clusters
from tests.match import naive
from tests.match.naive import spec_answer
from tests.strategies import examples

_VERSION = (1, 26, 0)
_OPTIONS = ingc.Options(echo=True, echo_socket="/nowhere.sock", health_check_path="")


@examples(80)
@given(cluster=clusters())
def test_the_oracle_answers_as_the_specification_asks(cluster: Cluster) -> None:
    result = ingc.compile(cluster.objects, _OPTIONS)
    assert result.ok, [finding.message for finding in result.errors]
    for host, target in cluster.requests:
        match = result.match(host, target)
        found = str(match.route.origin) if match.route else None
        try:
            read = read_target(target)
            name = read_host(host if read.host is None else read.host, _VERSION)
            read_host(host, _VERSION)
        except (BadTarget, BadHost):
            assert match.status == 400, (host, target)
            continue
        expected = spec_answer(cluster.objects, name.decode("latin-1"), read.uri)
        assert found == expected, (host, target)
        assert match.status == (None if expected else 404)


@examples(60)
@given(cluster=clusters(requests=30))
def test_the_candidates_tell_the_same_story(cluster: Cluster) -> None:
    result = ingc.compile(cluster.objects, _OPTIONS)
    for host, target in cluster.requests:
        match = result.match(host, target)
        winners = [candidate for candidate in match.candidates if candidate.wins]
        assert [candidate.route for candidate in winners] == ([match.route] if match.route else [])
        assert match.candidates[: len(winners)] == tuple(winners)
        assert all(candidate.reason for candidate in match.candidates)
        routes = [candidate.route for candidate in match.candidates]
        assert len(routes) == len({id(route) for route in routes}), "no route is told twice"


@examples(60)
@given(cluster=clusters(requests=30))
def test_the_first_route_in_the_order_of_a_host_takes_the_request(cluster: Cluster) -> None:
    result = ingc.compile(cluster.objects, _OPTIONS)
    for host, target in cluster.requests:
        match = result.match(host, target)
        if match.host is not None:
            expected = naive.first(match.host.routes, match.uri)
            own = match.host.default if match.host.default.origin.name else None
            assert match.route is (expected or own), (host, target)


@examples(40)
@given(cluster=clusters(requests=10))
def test_the_order_of_the_input_changes_nothing(cluster: Cluster) -> None:
    forward = ingc.compile(cluster.objects, _OPTIONS)
    backward = ingc.compile(reversed(cluster.objects), _OPTIONS)
    assert forward.config == backward.config
    assert forward.ir == backward.ir
    assert forward.routes == backward.routes
