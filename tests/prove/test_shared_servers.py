"""The proof of hosts that share a server, and of names that maps give to their routes."""

from __future__ import annotations

from functools import cache

import pytest

import ingc
from ingc import ir
from ingc.prove import Proofs
from ingc.prove.routing import RoutingProof
from tests.objects import annotated, ingress, prefix, rule
from tests.prove.test_shortcuts import prove, reading_of

HOSTS = ("a.test", "b.test", "c.test")


@cache
def compiled(layout: str = "shared-servers") -> tuple[str, ir.Config]:
    """Return three hosts that are alike, one of them with an alias, and one that is unlike."""
    objects = [
        ingress(f"web-{host[0]}", rule(host, prefix("/", "web"), prefix("/x", "x")))
        for host in HOSTS
    ]
    other = ingress("other", rule("d.test", prefix("/", "web"), prefix("/x", "y")))
    alias = annotated(server_alias="e.test")
    with_alias = ingress("alias", rule("f.test", prefix("/", "web"), prefix("/x", "x")))
    with_alias["metadata"]["annotations"] = alias
    result = ingc.compile([*objects, other, with_alias], ingc.Options(layout=layout))
    assert result.config is not None, result.errors
    assert result.ir is not None
    return result.config, result.ir


def test_hosts_that_share_a_server_are_proved_once() -> None:
    text, config = compiled()
    proof = RoutingProof(config, reading_of(text), Proofs())
    assert list(proof.differences()) == []
    assert len(proof._alike) == 3  # with the alias, and the one that is unlike
    assert text.count("    server {\n") == 3  # with the default server


FAULTS = {
    "another's name": ("b.test default/web-b", "b.test default/web-a"),
    "no name": ("            c.test default/web-c;\n".replace("            ", "        "), ""),
    "another name for an alias": ("e.test default/alias", "e.test default/web-a"),
    "a server's name less": ("        server_name b.test;\n", ""),
    "a host too many": ("server_name c.test;", "server_name c.test;\n        server_name d.test;"),
    "another field": (' spec.rules[0].http.paths[1]"', ' spec.rules[0].http.paths[2]"'),
    "another source": ("map $host $ingc_names", "map $http_host $ingc_names"),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("warm", [False, True])
def test_a_fault_in_a_shared_server_is_found(fault: str, warm: bool) -> None:
    text, config = compiled()
    old, new = FAULTS[fault]
    assert old in text, text
    proofs = Proofs()
    if warm:
        assert prove(text, config, proofs) == []
        proofs.end_compile()
    assert prove(text.replace(old, new, 1), config, proofs)


def test_hosts_share_nothing_where_the_log_names_the_server() -> None:
    objects = [ingress(f"web-{host[0]}", rule(host, prefix("/", "web"))) for host in HOSTS]
    log = {"log-format-upstream": "$server_name $request"}
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "ingc"},
        "data": log,
    }
    options = ingc.Options(layout="compact", configmap="ingc/settings")
    text = ingc.compile([*objects, settings], options).config
    assert text is not None
    assert text.count("    server {\n") == 1 + len(HOSTS)
