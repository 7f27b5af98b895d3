"""ConfigMap keys: all are declared, their defaults parse, and what is wrong is told at its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.frontend.annotations.declare import Annotation
from ingc.frontend.annotations.registry import DECLARATIONS
from ingc.frontend.configmap.client import ADDRESSES
from ingc.frontend.configmap.declare import Key, UnsupportedKey
from ingc.frontend.configmap.grammars import GRAMMARS
from ingc.frontend.configmap.logs import FORMAT
from ingc.frontend.declarations.declare import Support, support_of
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.registry import GROUPS, KEYS
from ingc.option_values import MODULES
from ingc.target import DIRECTIVES
from tests.nginx.settings import NAME, config_map
from tests.objects import Object, path, rule
from tests.shop import ingress

NAMES = (Path(__file__).parent / "configmap_keys.txt").read_text(encoding="utf-8").split()
"""The 208 keys of ingress-nginx 1.15."""
FILES = {
    "modsecurity_rules": "/etc/rules.conf",
    "owasp_rules": "/etc/owasp.conf",
    "geoip2_database": ("/geo/GeoLite2-City.mmdb",),
}
"""What the operator names beside modules."""
SUPPORTED = [item for item in KEYS.values() if isinstance(item, Key)]
ALL_GRAMMARS = {**GRAMMARS, "ADDRESSES": ADDRESSES, "FORMAT": FORMAT}
WEB = ingress("web", rule("a.test", path("/", "web")))

by_name = pytest.mark.parametrize("key", SUPPORTED, ids=lambda key: key.name)


def compiled(keys: dict[str, str], *more: Object, **options: Any) -> ingc.Result:
    given: dict[str, Any] = {"configmap": NAME, **options}
    return ingc.compile([WEB, config_map("settings", keys), *more], ingc.Options(**given))


def codes(result: ingc.Result) -> list[str]:
    """Return the codes found, but for that of Services that are not in the input."""
    return [item.code for item in result.diagnostics if item.code != "ING320"]


def test_every_key_is_declared_once() -> None:
    assert len(NAMES) == 208
    declared = [item.name for group in GROUPS for item in group.declarations]
    assert sorted(declared) == sorted(NAMES)


@pytest.mark.parametrize("declared", KEYS.values(), ids=lambda declared: declared.name)
def test_every_declaration_says_what_it_is(declared: Key[Any] | UnsupportedKey) -> None:
    assert declared.doc
    assert isinstance(support_of(declared), Support)
    if isinstance(declared, UnsupportedKey):
        assert declared.support is not Support.SUPPORTED


@by_name
def test_defaults_parse_and_refer_to_what_exists(key: Key[Any]) -> None:
    if key.default:
        key.grammar.read(key.default)
    for name in {key.annotation, key.reads_as} - {""}:
        assert isinstance(DECLARATIONS[name], Annotation)
    assert not key.needs or key.needs in KEYS
    assert not key.sets or key.sets in DIRECTIVES


@pytest.mark.parametrize("grammar", ALL_GRAMMARS.values(), ids=ALL_GRAMMARS)
def test_grammars_keep_to_their_examples(grammar: Grammar[Any]) -> None:
    for text in grammar.examples:
        value = grammar.read(text)
        assert grammar.read(grammar.write(value)) == value
    for text in grammar.wrong:
        with pytest.raises(BadValue):
            grammar.read(text)


@by_name
def test_a_default_that_is_written_out_changes_nothing_else(key: Key[Any]) -> None:
    if key.default:
        assert [code for code in codes(compiled({key.name: key.default})) if code != "ING487"] == []


def test_without_the_option_nothing_changes() -> None:
    keys = {"proxy-read-timeout": "7", "hsts": "false", "ssl-redirect": "false"}
    plain = ingc.compile([WEB])
    beside = compiled(keys, configmap=None)
    assert beside.config == plain.config
    assert beside.ir == plain.ir
    assert codes(beside) == ["ING481"]


@pytest.mark.parametrize(
    ("name", "keys", "likely"),
    [
        ("ingress-nginx-controller", {"proxy-read-timeout": "7"}, True),
        ("nginx-configuration", {"hsts": "false"}, True),
        ("nginx-configuration", {"nginx.conf": "events {}"}, False),
        ("mine", {"hsts": "false", "use-gzip": "true"}, False),
        ("mine", {"hsts": "false", "use-gzip": "true", "ssl-redirect": "true"}, True),
        ("mine", {}, False),
    ],
)
def test_a_configmap_that_looks_like_settings(
    name: str, keys: dict[str, str], likely: bool
) -> None:
    result = ingc.compile([WEB, config_map(name, keys)])
    assert codes(result) == (["ING481"] if likely else [])
    if likely:
        noted = next(item for item in result.diagnostics if item.code == "ING481")
        assert f"--configmap ingress-nginx/{name}" in str(noted.help)


def test_one_that_is_missing_is_an_error() -> None:
    result = ingc.compile([WEB], ingc.Options(configmap=NAME))
    assert not result.ok
    assert codes(result) == ["ING480"]
    isolated = ingc.compile([WEB], ingc.Options(configmap=NAME), on_error="isolate")
    assert isolated.config is not None
    assert "proxy_pass" not in isolated.config


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ({"proxy-read-timeout": "5s"}, ["ING483"]),
        ({"proxy-raed-timeout": "5"}, ["ING482"]),
        ({"ssl-protocols": "TLSv1.4"}, ["ING484"]),
        ({"ssl-ciphers": "HIGH;"}, ["ING484"]),
        ({"ssl-ciphers": ""}, []),
        ({"block-cidrs": "10.0.0.0/99"}, ["ING484"]),
        ({"proxy-real-ip-cidr": "lb.example"}, ["ING484"]),
        ({"server-snippet": "deny all;"}, ["ING486"]),
        ({"server-snippet": "# nothing\n", "http-snippet": ""}, []),
        ({"enable-modsecurity": "true"}, ["ING486"]),
        ({"enable-modsecurity": "false"}, []),
        ({"modsecurity-snippet": "SecRule"}, ["ING487"]),
        ({"enable-brotli": "true", "brotli-level": "5"}, ["ING485", "ING485"]),
        ({"brotli-level": "5"}, ["ING487"]),
        ({"jaeger-endpoint": "x"}, ["ING487"]),
        ({"gzip-level": "5"}, ["ING487"]),
        ({"gzip-level": "5", "use-gzip": "true"}, []),
        ({"add-headers": "ingress-nginx/none"}, ["ING484"]),
        ({"add-headers": "none"}, ["ING484"]),
        ({"log-format-upstream": "$nonsense"}, ["ING483"]),
        ({"log-format-upstream": "$proxy_add_x_forwarded_for $ssl_early_data $uid_got"}, []),
        ({"annotations-risk-level": "none"}, ["ING484"]),
        ({"use-forwarded-headers": "yes"}, ["ING484"]),
    ],
    ids=str,
)
def test_what_is_wrong_is_told(keys: dict[str, str], found: list[str]) -> None:
    result = compiled(keys)
    assert codes(result) == found
    assert result.ok == (not {"ING484", "ING486"} & set(found))


def test_the_operator_may_accept_what_goes_unheeded() -> None:
    keys = {"server-snippet": "deny all;", "enable-modsecurity": "true"}
    accepted = compiled(keys, accept_ignored=tuple(keys))
    assert accepted.ok
    assert codes(accepted) == ["ING485", "ING485"]


@pytest.mark.parametrize(
    ("keys", "annotation", "forbidden"),
    [
        ({"annotations-risk-level": "Low"}, ("permanent-redirect", "https://x.test/"), True),
        ({"annotations-risk-level": "medium"}, ("permanent-redirect", "https://x.test/"), False),
        ({"annotations-risk-level": "Low"}, ("ssl-redirect", "false"), False),
        ({"annotation-value-word-blocklist": "root,x.t"}, ("app-root", "/x.t"), True),
        ({"annotation-value-word-blocklist": "root,alias"}, ("app-root", "/x"), False),
    ],
    ids=str,
)
def test_annotations_that_it_forbids(
    keys: dict[str, str], annotation: tuple[str, str], forbidden: bool
) -> None:
    name, value = annotation
    web = ingress(
        "web",
        rule("a.test", path("/", "web")),
        annotations={f"nginx.ingress.kubernetes.io/{name}": value},
    )
    options = ingc.Options(configmap=NAME)
    result = ingc.compile([web, config_map("settings", keys)], options)
    assert codes(result) == (["ING488"] if forbidden else [])


def test_a_fragment_says_what_it_cannot_set() -> None:
    keys = {"worker-processes": "2", "proxy-read-timeout": "7", "map-hash-bucket-size": "128"}
    result = compiled(keys, fragment=True)
    assert codes(result) == ["ING487", "ING487"]
    assert result.config is not None
    assert "proxy_read_timeout 7s;" in result.config
    assert "worker_processes" not in result.config


def test_header_maps() -> None:
    bad = config_map("more", {"X Bad": "1", "X-File": "$document_root", "X-Good": "a;b{}\"'"})
    result = compiled({"add-headers": "ingress-nginx/more"}, bad)
    assert codes(result) == ["ING489", "ING489"]
    good = config_map("more", {"X-Good": "a;b{}\"'"})
    text = compiled({"add-headers": "ingress-nginx/more"}, good).config
    assert text is not None
    assert 'add_header X-Good "a;b{}\\"\'" always;' in text


@pytest.mark.parametrize("version", ["1.22", "1.25.1", "1.31"])
@pytest.mark.parametrize("fragment", [False, True])
def test_all_keys_at_once_are_proved(version: str, fragment: bool) -> None:
    """Each key with an example of its own; what is left out depends on more than itself."""
    apart = {"proxy-busy-buffers-size", "proxy-max-temp-file-size", "add-headers"}
    apart |= {"ssl-dh-param", "ssl-session-ticket-key"}
    keys = {key.name: key.grammar.examples[0] for key in SUPPORTED if key.name not in apart}
    more = config_map("more", {"X-Frame-Options": "DENY"})
    keys |= {"add-headers": "ingress-nginx/more", "proxy-set-headers": "ingress-nginx/more"}
    given = {"with_module": tuple(name for name in MODULES if name != "njs"), **FILES}
    result = compiled(
        keys, more, nginx_version=version, fragment=fragment, resolver=("10.0.0.53",), **given
    )
    assert result.ok, [item.message for item in result.errors]
    assert result.config is not None
    for line in (
        "real_ip_header proxy_protocol;",
        "add_header X-Frame-Options DENY always;",
        "brotli on;",
        "otel_service_name nginx;",
        'modsecurity_rules "SecRuleEngine DetectionOnly\\n";',
        "geoip2 /geo/GeoLite2-City.mmdb {",
    ):
        assert line in result.config
    assert ("worker_processes" in result.config) == (not fragment)


def test_what_a_variable_of_ingress_nginx_always_says_is_written_out() -> None:
    form = "[$proxy_upstream_name] [$proxy_alternative_upstream_name] $balancer_ewma_score"
    result = compiled({"log-format-upstream": form})
    assert not codes(result)
    assert '"[$proxy_host] [] -1"' in (result.config or "")
