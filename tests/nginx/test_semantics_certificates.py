"""Which certificate a host gets: from its ``tls[]`` entries, from files, the default one, none."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.nginx import Nginx
from tests.nginx.certificates import (
    ALL,
    ONE,
    PLAIN,
    SECRETS,
    TWO,
    certificate,
    refusal,
    secret_for,
    served,
)
from tests.nginx.harness import serving
from tests.nginx.wire import Tls
from tests.objects import ingress, prefix, rule, tls


@pytest.mark.parametrize("named", [None, "missing"])
def test_without_a_certificate_http_redirects_and_https_is_refused(
    nginx: Nginx, named: str | None
) -> None:
    bare = ingress("web", rule("c.test", prefix("/", "c")), tls=[tls("c.test", by=named)])
    with serving(nginx, [*ALL, bare]) as site:
        assert site.who("c.test", "/x") == "308 https://c.test/x"
        assert "UNRECOGNIZED_NAME" in refusal(site, "c.test")
        assert site.ask("c.test", "/x", scheme="https", tls=Tls("a.test")).status == 404


def test_no_host_has_a_certificate(nginx: Nginx) -> None:
    bare = ingress("web", rule("c.test", prefix("/", "c")), tls=[tls("c.test", by="no")])
    with serving(nginx, [bare]) as site:
        assert site.who("c.test", "/x/") == "308 https://c.test/x"
        assert not site.listens_for_https


def test_without_a_certificate_below_a_wildcard_that_has_one(nginx: Nginx) -> None:
    """The wildcard's certificate is another namespace's, which is not served."""
    entry = [tls("c.w.test", by="no")]
    bare = ingress("web", rule("c.w.test", prefix("/", "c")), tls=entry, namespace="other")
    with serving(nginx, [*ALL, bare]) as site:
        assert site.who("c.w.test", "/x") == "308 https://c.w.test/x"
        assert "UNRECOGNIZED_NAME" in refusal(site, "c.w.test")


def test_a_secret_of_another_namespace_is_not_read(nginx: Nginx) -> None:
    with serving(
        nginx, [ONE, secret_for("a", "a.test", namespace="other"), TWO, *SECRETS[1:]]
    ) as site:
        assert "UNRECOGNIZED_NAME" in refusal(site, "a.test")
        assert site.who("a.test", "/") == "308 https://a.test"


def test_an_equal_name_before_a_wildcard_before_an_entry_without_hosts(nginx: Nginx) -> None:
    entries = [tls("*.w.test", by="w"), tls("x.w.test", by="x"), tls(by="b")]
    web = ingress(
        "web",
        rule("x.w.test", prefix("/", "x")),
        rule("y.w.test", prefix("/", "y")),
        rule("z.test", prefix("/", "z")),
        tls=entries,
    )
    with serving(nginx, [web, *SECRETS, secret_for("x", "x.w.test")]) as site:
        assert served(site, "x.w.test") == certificate("x.w.test")[0]
        assert served(site, "y.w.test") == certificate("*.w.test")[0]
        assert served(site, "z.test") == certificate("b.test")[0]
        assert site.who("y.w.test", "/", scheme="https") == "y"


def test_several_hosts_of_one_entry(nginx: Nginx) -> None:
    web = ingress(
        "web",
        rule("a.test", prefix("/", "a")),
        rule("b.test", prefix("/", "b")),
        tls=[tls("a.test", "b.test", by="both")],
    )
    with serving(nginx, [web, secret_for("both", "a.test", "b.test")]) as site:
        for name in ("a.test", "b.test"):
            assert served(site, name) == certificate("a.test", "b.test")[0]
            assert site.who(name, "/", scheme="https") == name[0]
            assert site.who(name, "/") == f"308 https://{name}"


def test_the_default_certificate_serves_all(nginx: Nginx) -> None:
    objects = [
        *ALL,
        ingress("none", rule("c.test", prefix("/", "c")), tls=[tls("c.test", by="no")]),
        ingress("any", rule(None, prefix("/any", "any"))),
        secret_for("default", "default.test"),
    ]
    default = certificate("default.test")[0]
    with serving(nginx, objects, default_ssl_certificate="default/default") as site:
        assert served(site, "a.test") == certificate("a.test")[0]
        for name in ("plain.test", "c.test", "other.test", "x.y.w.test", None):
            assert served(site, name) == default, name
        assert site.who("plain.test", "/x", scheme="https") == "plain"
        assert site.who("plain.test", "/x") == "plain", "no redirect without tls[]"
        assert site.who("c.test", "/x", scheme="https") == "c"
        assert site.who("c.test", "/x") == "308 https://c.test/x"
        assert site.who("other.test", "/any", scheme="https") == "any"
        assert site.who("other.test", "/any") == "any"
        assert site.who("other.test", "/x", scheme="https") == "404"
        assert site.who("other.test", "/healthz", scheme="https") == "200"


def test_the_default_certificate_is_not_for_tls_that_others_should_open(nginx: Nginx) -> None:
    asking = {"nginx.ingress.kubernetes.io/ssl-passthrough": "true"}
    objects = [
        *ALL,
        ingress("passed", rule("own.test", prefix("/", "own")), annotations=asking),
        ingress("passed-wild", rule("*.own.test", prefix("/", "wild")), annotations=asking),
        secret_for("default", "default.test"),
    ]
    # Without --enable-ssl-passthrough nobody opens it.
    with serving(nginx, objects, default_ssl_certificate="default/default") as site:
        for name in ("own.test", "x.own.test"):
            assert "UNRECOGNIZED_NAME" in refusal(site, name)
            assert site.who(name, "/") == name.partition(".")[0].replace("x", "wild")
            assert site.ask(name, "/", scheme="https", tls=Tls("other.test")).status == 404
        for name in ("other.test", "a.b.own.test", "plain.test"):
            assert served(site, name) == certificate("default.test")[0]


def test_the_default_certificate_as_files(nginx: Nginx, tmp_path: Path) -> None:
    chain, key = certificate("default.test")
    (tmp_path / "d.crt").write_bytes(chain)
    (tmp_path / "d.key").write_bytes(key)
    files = f"{tmp_path / 'd.crt'},{tmp_path / 'd.key'}"
    with serving(nginx, [PLAIN], default_ssl_certificate=files) as site:
        assert served(site, "plain.test") == chain
        assert site.who("plain.test", "/", scheme="https") == "plain"


def test_certificates_from_files_by_pattern(nginx: Nginx, tmp_path: Path) -> None:
    chain, key = certificate("a.test")
    (tmp_path / "default-a.crt").write_bytes(chain)
    (tmp_path / "default-a.key").write_bytes(key)
    with serving(nginx, [ONE], tls_files=f"{tmp_path}/{{namespace}}-{{secret}}") as site:
        assert served(site, "a.test") == chain
        assert site.who("a.test", "/", scheme="https") == "a"


def test_keys_are_private_and_named_by_what_they_hold(nginx: Nginx) -> None:
    with serving(nginx, ALL) as site:
        files = sorted((site.prefix / "certs").iterdir())
        assert len(files) == 6
        for file in files:
            mode = file.stat().st_mode & 0o777
            assert mode == (0o600 if file.suffix == ".key" else 0o644), file
