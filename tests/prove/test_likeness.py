"""Hosts that differ in names are one problem, where to find that out costs less than to prove."""

from __future__ import annotations

import dataclasses

from ingc.ir import Prefix
from ingc.ir.features.external_auth import Destination, ExternalAuth
from ingc.prove.canonical import likeness
from ingc.syntax.text import Text
from tests.match.by_hand import host, route


def test_a_host_with_many_names_is_proved_by_itself() -> None:
    """Each name is looked for in the whole: the square of their number."""
    few = host("a.test", *(route(Prefix(f"/{n}"), f"web{n}") for n in range(5)))
    other = dataclasses.replace(few, name="b.test")
    assert likeness(few, ("a.test",)) == likeness(other, ("b.test",)) != ""
    many = host("a.test", *(route(Prefix(f"/{n}"), f"web{n}") for n in range(500)))
    assert likeness(many, ()) == ""


def test_digests_of_ours_are_names_and_what_is_longer_is_not() -> None:
    site = host("a.test", route(Prefix("/"), "web"))
    short, long = "0123456789abcdef", "0123456789abcdef" * 4
    for digest in (short, short * 2):
        other = digest.replace("0", "9")
        assert likeness(site, (f"zone_{digest}.x",)) == likeness(site, (f"zone_{other}.x",))
    for start in (0, 32, 63):
        other = long[:start] + "e" + long[start + 1 :]
        assert likeness(site, (long,)) != likeness(site, (other,))
    assert likeness(site, (short[:-1],)) != likeness(site, (short[:-2] + "0",))
    # The same one in two places is not two.
    assert likeness(site, (short, short)) != likeness(site, (short, short[::-1]))


def test_what_a_feature_does_not_print_makes_hosts_unlike() -> None:
    auth = ExternalAuth(Destination("http", "auth", "auth.test", Text(("/",))))
    slow = dataclasses.replace(auth, tunings=(("proxy_read_timeout", ("9s",)),))
    assert repr(auth) == repr(slow)
    sites = [
        host("a.test", dataclasses.replace(route(Prefix("/"), "web"), features=(feature,)))
        for feature in (auth, slow)
    ]
    assert likeness(sites[0], ()) != likeness(sites[1], ())


def test_words_in_names_of_ours_are_names_too() -> None:
    """`ingc_cors_a_test` is of the host, and `http_a_test` would be a header of the client."""
    first, other = (host(name, route(Prefix("/"), "web")) for name in ("a-b.test", "c-d.test"))
    words = ("a__b_test", "c__d_test")

    def alike(form: str) -> bool:
        ours, theirs = (form.replace("WORD", word) for word in words)
        return likeness(first, (ours,)) == likeness(other, (theirs,))

    assert alike("$ingc_cors_WORD___methods")
    assert not alike("$http_WORD")
    assert not alike("$ingc_cors_WORD $http_WORD")
    # Of another host it is no name.
    assert likeness(first, ("$ingc_cors_a__b_test",)) != likeness(first, ("$ingc_cors_c__d_test",))
    # Another name, in another place.
    one = likeness(first, ("$ingc_a_a__b_test", "$ingc_b_a__b_test"))
    assert one != likeness(other, ("$ingc_b_c__d_test", "$ingc_a_c__d_test"))
