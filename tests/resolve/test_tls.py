"""Which certificate a host gets, and which files come with the configuration."""

from __future__ import annotations

import base64
import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest

import ingc
from ingc.ir import Certificate, Https
from tests.objects import Object, path, rule
from tests.resolve.pairs import NOW, certificate, key_pem
from tests.shop import ingress, secret

SHOP = secret("shop-tls", certificate("shop.test", "*.shop.test"), key_pem())
FILES = "/tls/{namespace}/{secret}"


def asking(*hosts: str, name: str = "shop-tls") -> Object:
    entry: Object = {"hosts": list(hosts), "secretName": name}
    return ingress("web", *(rule(host, path("/", "web")) for host in hosts), tls=[entry])


def compiled(*objects: Object, **options: Any) -> ingc.Result:
    given: dict[str, Any] = {"now": NOW, "resolver": ("10.0.0.53",), **options}
    return ingc.compile(objects, ingc.Options(**given))


def https_of(result: ingc.Result, host: str) -> Https | None:
    assert result.ir is not None
    return next(item.https for item in result.ir.hosts if item.name == host)


def codes(result: ingc.Result) -> list[str]:
    return [d.code for d in result.diagnostics]


def test_a_secret_becomes_two_files_named_after_it_and_its_content() -> None:
    result = compiled(asking("shop.test"), SHOP)
    assert not codes(result)
    by_mode = {file.private: file for file in result.files}
    cert, key = by_mode[False], by_mode[True]
    assert bytes(cert.content) == certificate("shop.test", "*.shop.test")
    assert bytes(key.content) == key_pem()
    for file, ending in ((cert, "crt"), (key, "key")):
        digest = hashlib.sha256(bytes(file.content)).hexdigest()[:16]
        assert file.path == f"certs/shop_shop-tls.{digest}.{ending}"
        assert f"{file.path};" in (result.config or "")
    assert https_of(result, "shop.test") == Https(Certificate(cert.path, key.path), redirect=True)


def test_the_bytes_of_a_secret_are_not_shown() -> None:
    result = compiled(asking("shop.test"), SHOP)
    shown = repr(result) + repr(result.files) + str(result.files[0].content)
    assert "PRIVATE KEY" not in shown
    assert "CERTIFICATE" not in shown
    assert "sha256:" in shown


def test_another_content_has_another_name() -> None:
    renewed = secret("shop-tls", certificate("shop.test", common_name="renewed"), key_pem())
    first = compiled(asking("shop.test"), SHOP)
    second = compiled(asking("shop.test"), renewed)
    assert {f.path for f in first.files} & {f.path for f in second.files} == {
        f.path
        for f in first.files
        if f.private  # the same key
    }


def test_data_and_string_data_are_the_same() -> None:
    encoded = {
        key: base64.b64encode(text.encode()).decode() for key, text in SHOP["stringData"].items()
    }
    plain = {key: value for key, value in SHOP.items() if key != "stringData"}
    assert compiled(asking("shop.test"), plain | {"data": encoded}).files == (
        compiled(asking("shop.test"), SHOP).files
    )


def test_string_data_counts_before_data() -> None:
    wrong = {"tls.crt": base64.b64encode(b"no").decode(), "tls.key": ""}
    result = compiled(asking("shop.test"), SHOP | {"data": wrong})
    assert not codes(result)
    assert len(result.files) == 2


@pytest.mark.parametrize("kind", ["ec", "rsa", "ed25519"])
def test_kinds_of_keys(kind: str) -> None:
    pair = secret("shop-tls", certificate("shop.test", kind=kind), key_pem(kind=kind))
    assert not codes(compiled(asking("shop.test"), pair))


@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_keys_in_the_traditional_form(kind: str) -> None:
    pair = secret(
        "shop-tls", certificate("shop.test", kind=kind), key_pem(kind=kind, form="traditional")
    )
    assert not codes(compiled(asking("shop.test"), pair))


def test_a_chain_is_judged_by_its_first_certificate() -> None:
    leaf, other = certificate("shop.test"), certificate("issuer.test", number=1)
    good = secret("shop-tls", leaf + other, key_pem())
    turned = secret("shop-tls", other + leaf, key_pem())
    assert not codes(compiled(asking("shop.test"), good))
    assert "ING504" in codes(compiled(asking("shop.test"), turned))


def test_without_alternative_names_the_common_name_counts() -> None:
    pair = secret("shop-tls", certificate(common_name="shop.test"), key_pem())
    assert not codes(compiled(asking("shop.test"), pair))
    assert codes(compiled(asking("other.test"), pair)) == ["ING506"]


def test_a_wildcard_covers_exactly_one_label() -> None:
    hosts = ("a.shop.test", "*.shop.test", "a.b.shop.test")
    pair = secret("shop-tls", certificate("*.shop.test"), key_pem())
    result = compiled(asking(*hosts), pair)
    (finding,) = result.diagnostics
    assert finding.code == "ING506"
    assert '"a.b.shop.test"' in finding.message
    assert finding.field == "spec.tls[0].secretName"


def test_a_certificate_is_judged_for_the_names_beside_a_host_too() -> None:
    prefix = "nginx.ingress.kubernetes.io/"
    named = {f"{prefix}from-to-www-redirect": "true", f"{prefix}server-alias": "b.test, ~^c"}
    asked = {**asking("shop.test")}
    asked["metadata"] = {**asked["metadata"], "annotations": named}
    found = compiled(asked, secret("shop-tls", certificate("shop.test"), key_pem())).diagnostics
    assert [item.code for item in found if item.code == "ING506"] == ["ING506", "ING506"]
    said = " ".join(item.message for item in found)
    assert '"www.shop.test"' in said
    assert '"b.test"' in said
    names = ("shop.test", "www.shop.test", "b.test")
    assert "ING506" not in codes(
        compiled(asked, secret("shop-tls", certificate(*names), key_pem()))
    )


def test_the_certificate_is_judged_by_the_time_of_the_options() -> None:
    for days, expected in ((0, []), (29, []), (31, ["ING505"]), (-29, []), (-31, ["ING505"])):
        result = compiled(asking("shop.test"), SHOP, now=NOW + timedelta(days=days))
        assert codes(result) == expected
        assert len(result.files) == 2


def test_without_secret_files_the_operator_has_the_files() -> None:
    result = compiled(asking("shop.test"), SHOP, secret_files=False, tls_files=FILES)
    assert not codes(result)
    assert result.files == ()
    expected = Certificate("/tls/shop/shop-tls.crt", "/tls/shop/shop-tls.key")
    assert https_of(result, "shop.test") == Https(expected, redirect=True)


def test_without_any_of_them_https_is_refused_and_http_redirects() -> None:
    for objects in ((asking("shop.test"), SHOP), (asking("shop.test"),)):
        result = compiled(*objects, secret_files=False)
        assert codes(result) == ["ING507"]
        assert https_of(result, "shop.test") == Https(None, redirect=True)
        assert result.match("shop.test", "/").status == 308
        refused = result.match("shop.test", "/", scheme="https")
        assert (refused.status, refused.upstream) == (None, None)


def test_the_data_of_a_secret_count_before_the_operators_files() -> None:
    result = compiled(asking("shop.test"), SHOP, tls_files=FILES)
    assert len(result.files) == 2
    assert "/tls/shop" not in (result.config or "/tls/shop")


def test_a_secret_that_is_not_in_the_input_is_taken_from_the_operators_files() -> None:
    result = compiled(asking("shop.test"), tls_files=FILES)
    assert not codes(result)
    assert "ssl_certificate /tls/shop/shop-tls.crt;" in (result.config or "")
    assert "ssl_certificate_key /tls/shop/shop-tls.key;" in (result.config or "")


def test_the_secret_of_another_namespace_is_never_used() -> None:
    elsewhere = secret("shop-tls", certificate("shop.test"), key_pem(), namespace="other")
    result = compiled(asking("shop.test"), elsewhere)
    (missing,) = result.diagnostics
    assert missing.code == "ING507"
    assert "there is one in other" in missing.message
    assert result.files == ()
    named = compiled(asking("shop.test", name="other/shop-tls"), elsewhere)
    assert "ING103" in codes(named)


ENTRIES: list[tuple[list[Object], str | None]] = [
    # tls entries, the Secret whose files `a.shop.test` gets
    ([{"hosts": ["a.shop.test"], "secretName": "one"}], "one"),
    ([{"hosts": ["*.shop.test"], "secretName": "one"}], "one"),
    ([{"secretName": "one"}], "one"),
    ([{"hosts": [], "secretName": "one"}], "one"),
    ([{"hosts": ["b.test"], "secretName": "one"}], None),
    (
        [
            {"secretName": "all"},
            {"hosts": ["*.shop.test"], "secretName": "wild"},
            {"hosts": ["a.shop.test"], "secretName": "exact"},
        ],
        "exact",
    ),
    ([{"secretName": "all"}, {"hosts": ["*.shop.test"], "secretName": "wild"}], "wild"),
    (
        [
            {"hosts": ["a.shop.test"], "secretName": "first"},
            {"hosts": ["a.shop.test"], "secretName": "second"},
        ],
        "first",
    ),
    # an entry without a Secret does not keep the next one from being used
    ([{"hosts": ["a.shop.test"]}, {"hosts": ["*.shop.test"], "secretName": "wild"}], "wild"),
]


@pytest.mark.parametrize(("entries", "name"), ENTRIES)
def test_the_exact_entry_then_the_wildcard_then_the_one_without_hosts(
    entries: list[Object], name: str | None
) -> None:
    asked = ingress(
        "web", rule("a.shop.test", path("/", "web")), rule("b.test", path("/", "web")), tls=entries
    )
    https = https_of(compiled(asked, tls_files="{namespace}-{secret}"), "a.shop.test")
    if name is None:
        assert https is None
    else:
        expected = Certificate(f"shop-{name}.crt", f"shop-{name}.key")
        assert https == Https(expected, redirect=True)


def test_of_two_ingresses_the_older_gives_the_certificate() -> None:
    tls = [{"hosts": ["shop.test"], "secretName": "new"}]
    new = ingress("a", rule("shop.test"), tls=tls, created="2024-02-01T00:00:00Z")
    old_tls = [{"hosts": ["shop.test"], "secretName": "old"}]
    old = ingress("b", rule("shop.test"), tls=old_tls, created="2024-01-01T00:00:00Z")
    https = https_of(compiled(new, old, tls_files="{namespace}-{secret}"), "shop.test")
    assert https == Https(Certificate("shop-old.crt", "shop-old.key"), redirect=True)


def test_a_host_without_tls_is_served_on_http_alone() -> None:
    result = compiled(asking("shop.test"), ingress("b", rule("plain.test", path("/", "web"))), SHOP)
    assert https_of(result, "plain.test") is None
    assert result.match("plain.test", "/").upstream == "shop_web_80"
    assert result.match("plain.test", "/", scheme="https").upstream is None


def test_with_a_default_certificate_every_host_answers_on_https_too() -> None:
    plain = ingress("b", rule("plain.test", path("/", "web")), rule(None, path("/", "web")))
    result = compiled(asking("shop.test"), plain, default_ssl_certificate="/c.pem,/k.pem")
    assert not codes(result)
    default = Certificate("/c.pem", "/k.pem")
    assert https_of(result, "plain.test") == Https(default, redirect=False)
    assert https_of(result, "") == Https(default, redirect=False)
    assert https_of(result, "shop.test") == Https(default, redirect=True)
    assert "ssl_reject_handshake" not in (result.config or "ssl_reject_handshake")
    for scheme in ("http", "https"):
        assert result.match("plain.test", "/", scheme=scheme).upstream == "shop_web_80"
        assert result.match("unknown.test", "/", scheme=scheme).upstream == "shop_web_80"


def test_the_default_certificate_from_a_secret() -> None:
    result = compiled(
        ingress("b", rule("plain.test", path("/", "web"))),
        SHOP,
        default_ssl_certificate="shop/shop-tls",
    )
    assert not codes(result)
    assert len(result.files) == 2
    https = https_of(result, "plain.test")
    assert https and https.certificate
    assert {f.path for f in result.files} == {https.certificate.certificate, https.certificate.key}


def test_the_default_certificate_from_the_operators_files() -> None:
    asked = ingress("b", rule("plain.test", path("/", "web")))
    result = compiled(asked, default_ssl_certificate="infra/fallback", tls_files=FILES)
    assert not codes(result)
    assert "ssl_certificate /tls/infra/fallback.crt;" in (result.config or "")


def test_a_hosts_own_certificate_counts_before_the_default_one() -> None:
    result = compiled(asking("shop.test"), SHOP, default_ssl_certificate="/c.pem,/k.pem")
    https = https_of(result, "shop.test")
    assert https and https.certificate
    assert https.certificate.certificate.startswith("certs/")


def test_names_of_files_hold_nothing_but_validated_names_and_hashes() -> None:
    asked = asking("shop.test", name="a.b-c.d")
    pair = secret("a.b-c.d", certificate("shop.test"), key_pem())
    for file in compiled(asked, pair).files:
        assert re.fullmatch(r"certs/shop_a\.b-c\.d\.[0-9a-f]{16}\.(crt|key)", file.path)


WILD = ingress(
    "wild",
    rule("*.shop.test", path("/", "web")),
    tls=[{"hosts": ["*.shop.test"], "secretName": "shop-tls"}],
)


def test_a_host_has_the_certificate_of_the_wildcard_over_it() -> None:
    below = ingress("web", rule("a.shop.test", path("/", "web")))
    https = https_of(compiled(WILD, below, SHOP), "a.shop.test")
    assert https and https.certificate and https.redirect
    for host in ("b.a.shop.test", "shop.test", "a.other.test"):
        assert https_of(compiled(WILD, ingress("web", rule(host)), SHOP), host) is None


def test_its_own_entry_comes_first_and_the_wildcard_after_it() -> None:
    for name, found in (("own-tls", "/tls/shop/own-tls.crt"), ("", "/tls/shop/shop-tls.crt")):
        entry: Object = {"hosts": ["a.shop.test"], **({"secretName": name} if name else {})}
        below = ingress("web", rule("a.shop.test", path("/", "web")), tls=[entry])
        https = https_of(
            compiled(WILD, below, tls_files="/tls/{namespace}/{secret}"), "a.shop.test"
        )
        assert https and https.certificate and https.certificate.certificate == found


def test_the_wildcard_of_another_namespace_serves_no_host() -> None:
    below = ingress("blog/web", rule("a.shop.test", path("/", "web")))
    result = compiled(WILD, below, SHOP)
    assert https_of(result, "a.shop.test") is None
    assert "ING511" in codes(result)
    served = compiled(WILD, below, SHOP, default_ssl_certificate="/a.crt,/a.key")
    assert "ING511" not in codes(served)
