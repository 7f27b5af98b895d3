"""What ``nginx -V`` prints, read."""

from __future__ import annotations

import pytest

from ingc.nginx import Nginx
from ingc.nginx.version import NotNginxError, parse_build

DEBIAN = """nginx version: nginx/1.22.1
built with OpenSSL 3.0.17 1 Jul 2025
TLS SNI support enabled
configure arguments: --with-cc-opt='-g -O2 -Werror=format-security' --prefix=/usr/share/nginx \
--with-debug --with-threads --with-http_ssl_module --with-http_v2_module \
--with-http_geoip_module=dynamic --with-stream=dynamic --with-stream_ssl_preread_module \
--without-http_scgi_module --add-dynamic-module=/build/ndk --add-module=./echo
"""


def test_reads_version_and_modules() -> None:
    build = parse_build(DEBIAN)
    assert build.product == "nginx"
    assert build.version == (1, 22, 1)
    assert build.configure[:2] == (
        "--with-cc-opt=-g -O2 -Werror=format-security",
        "--prefix=/usr/share/nginx",
    )
    assert build.modules == {"debug", "threads", "http_ssl", "http_v2", "stream_ssl_preread"}
    assert build.dynamic == {"http_geoip", "stream"}
    assert build.without == {"http_scgi"}
    assert build.third_party == ("/build/ndk", "./echo")


@pytest.mark.parametrize(
    ("line", "product", "version"),
    [
        ("nginx version: nginx/1.24.0 (Ubuntu)", "nginx", (1, 24, 0)),
        ("nginx version: openresty/1.25.3.1", "openresty", (1, 25, 3)),
        ("nginx version: nginx/1.31.3\nconfigure arguments: --x='open", "nginx", (1, 31, 3)),
    ],
)
def test_reads_what_others_print(line: str, product: str, version: tuple[int, int, int]) -> None:
    build = parse_build(line)
    assert (build.product, build.version) == (product, version)


@pytest.mark.parametrize("text", ["", "Apache/2.4", "nginx version: nginx/one", "nginx/1.22.1"])
def test_refuses_other_text(text: str) -> None:
    with pytest.raises(NotNginxError):
        parse_build(text)


def test_the_real_ones_have_what_the_product_needs(nginx: Nginx) -> None:
    assert {"http_ssl", "http_v2", "http_realip", "http_auth_request"} <= nginx.modules
    assert nginx.build.product == "nginx"
    assert str(nginx).startswith(f"nginx {'.'.join(map(str, nginx.version))} (/")
