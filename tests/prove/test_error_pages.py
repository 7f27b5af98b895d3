"""What an error page sends is read back also where it hands on to a list that several share."""

from __future__ import annotations

import pytest

import ingc
from tests.objects import annotated, ingress, prefix, rule, service
from tests.prove.test_equivalence import differences

PAGES = annotated(custom_http_errors="404,500", default_backend="errors")


def two_hosts() -> ingc.Result:
    """Compile two hosts of one Ingress, whose locations are the same; two Services have pages."""
    services = [service(name, 80, clusterIP="10.0.0.1") for name in ("web", "cart", "errors")]
    paths = (prefix("/", "web"), prefix("/cart", "cart"))
    web = ingress("web", rule("a.test", *paths), rule("b.test", *paths), annotations=PAGES)
    return ingc.compile([*services, web])


@pytest.mark.parametrize("which", [0, 1])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("set $ingc_error_x_code 404;", "set $ingc_error_x_code 500;"),
        ("set $ingc_error_x_service_name cart;", "set $ingc_error_x_service_name web;"),
        ("set $ingc_error_x_code 500;", "set $ingc_error_x_cod 500;"),
        ('try_files "" @ingc/errors/', "try_files /x @ingc/errors/"),
        ('try_files "" @ingc/errors/', 'try_files "" @ingc/error/'),
        ('try_files "" @ingc/errors/', 'deny all; try_files "" @ingc/errors/'),
        ("X-Code $ingc_error_x_code;", "X-Code 404;"),
        ('X-Real-IP "";', "X-Real-IP $remote_addr;"),
        ("X-Namespace default;", "X-Namespace other;"),
        ("rewrite ^ / break;", "rewrite ^ /x break;"),
        ("proxy_pass http://default_errors_80;", "proxy_pass http://default_web_80;"),
    ],
)
def test_another_page_is_caught(old: str, new: str, which: int) -> None:
    result = two_hosts()
    assert result.config is not None
    pieces = result.config.split(old)
    assert len(pieces) > 2
    at = which * (len(pieces) // 2)
    changed = old.join(pieces[: at + 1]) + new + old.join(pieces[at + 1 :])
    assert differences(result, changed)
    assert differences(result, result.config) == []
