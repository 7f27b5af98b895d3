"""What an object would break is found, and the compiler has what it had."""

from __future__ import annotations

import ingc
from tests.engine.sequences import Object, Sequence
from tests.objects import endpoint_slice, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io/"
FIRST, LATER = "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"


def web(name: str, created: str = LATER, path: str = "/", **annotations: str) -> Object:
    notes = {PREFIX + key.replace("_", "-"): value for key, value in annotations.items()}
    rules = rule("a.test", prefix(path, "a"))
    return ingress(name, rules, created=created, annotations=notes)


def compiler_of(*objects: Object) -> ingc.Compiler:
    compiler = ingc.Compiler()
    compiler.apply([service("a", 80), endpoint_slice("a", "10.1.0.1", port=80), *objects])
    return compiler


def test_an_object_that_breaks_nothing() -> None:
    compiler = compiler_of(web("web"))
    admission = ingc.check_admission(compiler, web("more", path="/more"))
    assert admission.allowed
    assert admission.change.hosts == ("a.test",)
    assert not (admission.errors or admission.warnings or admission.taken)


def test_a_wrong_value_is_an_error() -> None:
    compiler = compiler_of(web("web"))
    admission = ingc.check_admission(
        compiler, web("more", path="/more", whitelist_source_range="none")
    )
    assert not admission.allowed
    assert {found.object for found in admission.errors} == {"Ingress default/more"}


def test_an_error_that_is_there_already_refuses_nobody() -> None:
    compiler = compiler_of(web("web", path="/x", whitelist_source_range="none"))
    assert compiler.result.errors
    assert ingc.check_admission(compiler, web("more", path="/more")).allowed


def test_an_older_object_takes_a_path_from_another() -> None:
    compiler = compiler_of(web("web"))
    admission = ingc.check_admission(compiler, web("older", FIRST))
    taken = ingc.TakenRoute("a.test", "/", "default/web", "spec.rules[0].http.paths[0]")
    assert admission.taken == (taken,)
    assert not admission.errors
    assert not admission.allowed


def test_a_younger_object_takes_nothing() -> None:
    compiler = compiler_of(web("web", FIRST))
    admission = ingc.check_admission(compiler, web("younger"))
    assert admission.allowed
    assert admission.warnings


def test_an_object_may_lose_its_own_routes() -> None:
    compiler = compiler_of(web("web"), web("other", path="/other"))
    assert ingc.check_admission(compiler, web("web", path="/elsewhere")).allowed


def test_the_compiler_has_what_it_had() -> None:
    """Also what is served while a result may not be used, and what the next change is."""
    for seed in range(20):
        sequence = Sequence(seed)
        tried, plain = (ingc.Compiler(sequence.options, on_error="fail") for _ in range(2))
        upserts, deletes = sequence.first(), []
        for _ in range(4):
            change = tried.apply(upserts, deletes)
            assert change == plain.apply(upserts, deletes)
            upserts, deletes = sequence.change()
            before = dict(tried.objects)
            for item in upserts[:2]:
                ingc.check_admission(tried, item)
            assert dict(tried.objects) == before
            assert tried.result == plain.result
            assert (tried.config, tried.files) == (plain.config, plain.files)
        assert tried.again().nothing
