"""Every key of the ConfigMap with hostile texts: the shape stays, or it is refused.

The operator writes it, and yet a value is a value.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

import ingc
from ingc.frontend.configmap.declare import Key
from ingc.frontend.registry import KEYS
from tests.frontend.hostile import MODULES
from tests.hostile.corpus import NGINX, payloads
from tests.hostile.outcome import judge, shape
from tests.hostile.test_every_string import forms
from tests.hostile.tree import Escaped
from tests.nginx.certificates import ONE, SECRETS
from tests.nginx.settings import NAME, config_map
from tests.objects import Object
from tests.resolve.pairs import NOW
from tests.strategies import deep

OPTIONS = ingc.Options(**{**MODULES, "configmap": NAME}, nginx_version=NGINX, now=NOW)
BESIDE = {
    "use-gzip": "true",
    "use-forwarded-headers": "true",
    "log-format-upstream": "$remote_addr",
    "enable-syslog": "true",
    "enable-brotli": "true",
    "use-geoip2": "true",
    "enable-modsecurity": "true",
    "enable-opentelemetry": "true",
    "otlp-collector-host": "otel.test",
}
MADE = [key for key in KEYS.values() if isinstance(key, Key)]


def with_value(key: Key[Any], value: str) -> list[Object]:
    return [ONE, *SECRETS, config_map("settings", {**BESIDE, key.name: value})]


@pytest.mark.parametrize(
    ("number", "key"), list(enumerate(MADE)), ids=lambda key: getattr(key, "name", "")
)
def test_a_hostile_value_keeps_the_shape(
    number: int, key: Key[Any], record_property: Callable[[str, object], None]
) -> None:
    example = key.grammar.examples[0]
    fine = ("", *key.grammar.examples, example + "0", "true", "false", "5", "5$", "x")
    shapes = [shape(with_value(key, value), OPTIONS) for value in (*fine, "$request_uri")]
    counts: Counter[str] = Counter()
    escaped = []
    for other, (name, text) in enumerate(payloads().items()):
        long = name.startswith("long")
        for behind in (False,) if long and not deep() else forms(number, other):
            counts["cases"] += 1
            value = example + text if behind else text
            try:
                counts[judge(with_value(key, value), OPTIONS, shapes)] += 1
            except Escaped as error:
                escaped.append(f"{name}{' behind' if behind else ''}: {error}")
    record_property("hostile", {**counts, "unasked": len(escaped)})
    assert not escaped
