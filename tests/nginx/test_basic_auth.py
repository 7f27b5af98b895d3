"""Passwords on real nginx."""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import serving
from tests.nginx.test_access import (
    APR1,
    BASIC,
    PLAIN,
    USERS,
    ask,
    login,
    status,
    web,
)
from tests.objects import opaque


def test_a_password_is_asked_for_and_kept_from_the_backend(nginx: Nginx) -> None:
    with serving(nginx, [web(**BASIC), USERS]) as site:
        refused = ask(site)
        assert refused.status == 401
        assert refused.header("WWW-Authenticate") == 'Basic realm="Staff only"'
        for user in ("apr", "crypt", "ssha", "plain"):
            assert status(site, login(user, "secret")) == 200, user
            assert status(site, login(user, "Secret")) == 401, user
            assert status(site, login(user, "")) == 401, user
        for user in ("", "# staff", "nobody", "apr1"):
            assert status(site, login(user, "secret")) == 401, user
        told = site.received("a.test", "/", login("apr", "secret"))
        assert "authorization" not in {name.lower() for name, _ in told["headers"]}


def test_without_a_realm_it_is_empty(nginx: Nginx) -> None:
    asked = {**BASIC, "auth_realm": ""}
    with serving(nginx, [web(**asked), USERS]) as site:
        refused = ask(site)
        assert (refused.status, refused.header("WWW-Authenticate")) == (401, 'Basic realm=""')


def test_a_map_has_a_key_for_each_user(nginx: Nginx) -> None:
    users = opaque("users", anna=APR1[4:] + b"\n", bert=b"{PLAIN}secret", cleo=b"unknown")
    asked = {**BASIC, "auth_secret_type": "auth-map", "auth_secret": "default/users"}
    with serving(nginx, [web(**asked), users]) as site:
        assert status(site) == 401
        assert status(site, login("anna", "secret")) == 200
        assert status(site, login("bert", "secret")) == 200
        assert status(site, login("cleo", "unknown")) == 401
        assert status(site, login("anna", "wrong")) == 401


def test_paths_of_acme_challenges_are_open(nginx: Nginx) -> None:
    challenge = "/.well-known/acme-challenge"
    with serving(nginx, [web("/", challenge, **BASIC), USERS]) as site:
        assert status(site, target=challenge + "/token") == 200
        assert status(site, target=challenge) == 200
        assert status(site, target=challenge + "s") == 401
        assert status(site, target="/.well-known") == 401
        assert status(site, target=challenge + "/../x") == 401


@pytest.mark.parametrize(
    "change",
    [
        {"auth_type": "digest"},
        {"auth_type": "none"},
        {"auth_type": ""},
        {"auth_secret": "missing"},
        {"auth_secret": "other/users"},
        {"auth_secret": ""},
        {"auth_secret_type": "file"},
        {"auth_realm": "off"},
        {"auth_realm": "OFF"},
        {"auth_secret": "empty"},
        {"auth_secret": "nobody"},
    ],
    ids=str,
)
def test_what_can_not_be_protected_answers_503(nginx: Nginx, change: dict[str, str]) -> None:
    elsewhere = opaque("users", auth=PLAIN)
    elsewhere["metadata"]["namespace"] = "other"
    others = [USERS, elsewhere, opaque("empty", x=PLAIN), opaque("nobody", auth=b"x:y\n")]
    site_of = [web(**{**BASIC, **change}), web(host="b.test", name="b"), *others]
    with serving(nginx, site_of, on_error="isolate") as site:
        assert status(site) == 503
        assert status(site, login("plain", "secret")) == 503
        assert ask(site, host="b.test").status == 200
