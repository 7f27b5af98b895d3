"""Whatever value of a key is accepted, nginx accepts it too."""

from __future__ import annotations

from typing import Any

import pytest

import ingc
from ingc.frontend.configmap.declare import Key
from ingc.frontend.configmap.grammars import FILE
from ingc.frontend.registry import KEYS
from ingc.nginx import Nginx
from ingc.serve.config_test import rehearse
from ingc.target import format_version
from tests.nginx.certificates import ONE, SECRETS
from tests.nginx.modules import modules_given
from tests.nginx.settings import NAME, config_map

MORE = ("0", "1", "2147483647", ")(")
_USUAL = ('"ssl_stapling" ignored', "ModSecurity-nginx v")
"""The certificate has no issuer whose responder could be asked; ModSecurity introduces itself."""
_LIBRARY = ("ssl-ciphers", "ssl-ecdh-curve")
"""What these may be is the TLS library's business: only the examples are tried."""
BESIDE = {
    "use-gzip": "true",
    "use-forwarded-headers": "true",
    "log-format-upstream": "$remote_addr",
    "enable-syslog": "true",
    "enable-brotli": "true",
    "use-geoip2": "true",
    "enable-modsecurity": "true",
    "otlp-collector-host": "otel.test",
}
MADE = [
    key
    for key in KEYS.values()
    if isinstance(key, Key)
    # nginx opens the file, and looks the name up.
    if key.grammar is not FILE and key.name not in ("syslog-host", "add-headers")
    if key.name not in ("proxy-set-headers", "bind-address")
]


@pytest.mark.parametrize("key", MADE, ids=lambda key: key.name)
def test_nginx_takes_what_is_accepted(nginx: Nginx, key: Key[Any]) -> None:
    options = ingc.Options(
        configmap=NAME,
        accept_ignored=("enable-modsecurity",),
        **modules_given(nginx),
        nginx_version=format_version(nginx.version),
        resolver=("127.0.0.1",),
        http_port=8080,
        https_port=8443,
    )
    refused = []
    seen = set()
    default = (key.default,) if key.default else ()
    more = () if key.name in _LIBRARY else MORE
    for value in dict.fromkeys((*default, *key.grammar.examples, *more)):
        settings = config_map("settings", {**BESIDE, key.name: value})
        result = ingc.compile([ONE, *SECRETS, settings], options)
        if not result.ok or result.config in seen:
            continue
        seen.add(result.config)
        assert result.ir is not None
        test = rehearse(nginx, result.ir)
        told = [line for line in test.messages if not any(w in line for w in _USUAL)]
        if not test.ok or any("[warn]" in line for line in told):
            refused.append((value, test.messages))
    assert not refused
