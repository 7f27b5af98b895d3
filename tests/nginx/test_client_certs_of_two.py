"""Client certificates where Ingresses of a host disagree, or nobody vouches for them."""

from __future__ import annotations

from typing import Any

import pytest

from ingc.nginx import Nginx
from tests.nginx.harness import serving
from tests.nginx.test_client_certs import ANNA, EVE, SECRETS, ask, guarded
from tests.objects import Object, annotated, ingress, prefix, rule, tls


def asking(name: str, path: str, created: str, **annotations: str) -> Object:
    return ingress(
        name,
        rule("a.test", prefix(path, name)),
        tls=[tls("a.test", by="cert")],
        created=created,
        annotations=annotated(**{"auth_tls_secret": "default/ours", **annotations}),
    )


OLD, NEW = "2020-01-01T00:00:00Z", "2024-01-01T00:00:00Z"
MATCH: dict[str, Any] = {"auth_tls_match_cn": "CN=anna"}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"auth_tls_verify_client": "off"}, {}),
        ({"auth_tls_verify_client": "optional_no_ca"}, {"auth_tls_verify_client": "optional"}),
        ({"auth_tls_secret": "default/theirs"}, {}),
        ({}, MATCH),
        ({"auth_tls_match_cn": "CN=[a-z]+"}, MATCH),
        ({"auth_tls_verify_depth": "9"}, {}),
        ({"auth_tls_error_page": "/two"}, {}),
    ],
)
def test_who_would_be_checked_less_is_not_served(
    nginx: Nginx, first: dict[str, str], second: dict[str, str]
) -> None:
    objects = [asking("one", "/", OLD, **first), asking("two", "/two", NEW, **second), *SECRETS]
    client = EVE if "auth_tls_secret" in first else ANNA
    with serving(nginx, objects, on_error="isolate") as site:
        assert ask(site, client).status == 200
        assert ask(site, client, target="/two").status == 503
        assert ask(site, None, target="/two").status in (400, 403, 503)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        (MATCH, MATCH),
        (MATCH, {}),
        ({}, {"auth_tls_verify_client": "optional"}),
        ({}, {"auth_tls_verify_client": "off"}),
        ({"auth_tls_secret": "default/theirs"}, {"auth_tls_verify_client": "off"}),
        ({}, {"auth_tls_pass_certificate_to_upstream": "true"}),
    ],
)
def test_who_is_checked_as_much_is_served(
    nginx: Nginx, first: dict[str, str], second: dict[str, str]
) -> None:
    objects = [asking("one", "/", OLD, **first), asking("two", "/two", NEW, **second), *SECRETS]
    client = EVE if "auth_tls_secret" in first else ANNA
    with serving(nginx, objects) as site:
        assert ask(site, client, target="/two").status == 200


def test_a_subject_that_nobody_vouches_for_is_none(nginx: Nginx) -> None:
    asked = guarded(auth_tls_match_cn="CN=anna", auth_tls_verify_client="optional_no_ca")
    with serving(nginx, [asked, *SECRETS]) as site:
        assert ask(site, ANNA).status == 200
        assert ask(site, EVE).status == 403
        assert ask(site).status == 403
