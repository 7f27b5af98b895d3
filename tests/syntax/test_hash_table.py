"""nginx's hash tables, by what is known of a few."""

from __future__ import annotations

import pytest

from ingc.syntax.hash_table import FULLEST, Size, element, key_of, misfit, roomy
from tests.colliding import colliding

USUAL = Size(512, 4096)


def test_the_hash_is_a_polynomial_that_knows_no_case() -> None:
    assert key_of("") == 0
    assert key_of("ab") == ord("a") * 31 + ord("b")
    assert key_of("AB") == key_of("ab")
    assert key_of("É") != key_of("é")  # nginx folds ASCII alone
    assert key_of("x" * 100) < 1 << 64
    assert len(set(map(key_of, colliding(64, 40)))) == 1


@pytest.mark.parametrize(("length", "size"), [(1, 16), (6, 16), (7, 24), (46, 56), (47, 64)])
def test_an_element_is_a_pointer_a_length_and_the_name(length: int, size: int) -> None:
    assert element("a" * length) == size


@pytest.mark.parametrize(("length", "fits"), [(46, True), (47, False)])
def test_a_name_must_fit_into_a_bucket(length: int, fits: bool) -> None:
    found = misfit(["short", "a" * length], Size(512, 64))
    assert (found is None) == fits
    if found is not None:
        assert (found.kind, found.names) == ("long", ("a" * length,))


@pytest.mark.parametrize(("bucket", "fits"), [(65472, True), (65473, False)])
def test_a_bucket_has_a_largest_size(bucket: int, fits: bool) -> None:
    assert (misfit(["a"], Size(512, bucket)) is None) == fits


@pytest.mark.parametrize(("count", "fits"), [(255, True), (256, False)])
def test_only_so_much_of_one_hash_fits(count: int, fits: bool) -> None:
    """Each takes 256 bytes; nginx takes 8 more for the end of the bucket."""
    names = [*colliding(count, 246), "other"]
    assert (misfit(names, USUAL) is None) == fits
    if not fits:
        found = misfit(names, USUAL)
        assert found is not None
        assert found.kind == "crowded"
        assert "other" not in found.names
        assert sum(map(element, found.names)) > FULLEST - 8


def test_a_margin_is_taken_off() -> None:
    names = colliding(255, 246)
    assert misfit(names, USUAL) is None
    assert misfit(names, USUAL, margin=1024) is not None


def _sharing(count: int, buckets: int) -> list[str]:
    """Names that share a bucket of so many, though hardly two of them have the same hash."""
    found = []
    number = 0
    while len(found) < count:
        name = f"{number}{'y' * (246 - len(str(number)))}"
        if key_of(name) % buckets == 0:
            found.append(name)
        number += 1
    return found


def test_more_buckets_help_where_the_hashes_differ() -> None:
    # Sixteen of one hash fit into no bucket of 4096 bytes, so that nginx takes all 32 buckets.
    same = colliding(64, 246, before="a")
    heavy = [name for name in same if key_of(name) % 32 == key_of(same[0]) % 32][:16]
    names = [*heavy, *_sharing(260, 32)]
    tight = Size(32, 4096)
    assert misfit(names, tight) is not None
    larger = roomy(names, tight)
    assert larger.max_size > 32
    assert misfit(names, larger) is None


def test_where_nothing_helps_the_size_stays() -> None:
    assert roomy(colliding(300, 246), USUAL) == USUAL
    assert roomy(["a"], USUAL) == USUAL
