"""Which wildcards get names that nginx looks up, and which keep their regexes."""

from __future__ import annotations

import pytest

import ingc
from tests.nginx.settings import NAME, config_map
from tests.objects import Object, annotated, ingress, prefix, rule, tls

USUAL = [ingress(f"w{at}", rule(f"*.w{at}.test", prefix("/", f"w{at}"))) for at in range(9)]


def text_of(*more: Object, layout: str = "plain-wildcards", **options: object) -> str:
    """Compile nine usual wildcards and more."""
    given = ingc.Options(
        layout=layout,
        tls_files="/tls/{namespace}/{secret}",
        **options,  # type: ignore[arg-type]
    )
    result = ingc.compile([*USUAL, *more], given)
    assert result.config is not None, result.errors
    return result.config


def looked_up(text: str) -> set[str]:
    """Return the wildcards that nginx looks up."""
    found = (line.split()[1].rstrip(";") for line in text.splitlines() if "server_name *" in line)
    return set(found)


ALL = {f"*.w{at}.test" for at in range(9)}


def test_usual_ones_are_looked_up() -> None:
    assert looked_up(text_of()) == ALL


def test_of_a_few_each_keeps_its_regex() -> None:
    text = ingc.compile(USUAL[:8], ingc.Options(layout="plain-wildcards")).config
    assert text is not None
    assert looked_up(text) == set()
    assert text == ingc.compile(USUAL[:8], ingc.Options(layout="readable")).config


def host(name: str, **annotations: str) -> Object:
    """Return an Ingress of one host."""
    paths = (prefix("/", "h"), prefix("/x", "h"), prefix("/y", "h"), prefix("/z", "h"))
    return ingress("h", rule(name, *paths), annotations=annotated(**annotations))


@pytest.mark.parametrize(
    ("more", "missing"),
    [
        (host("*.x.w1.test"), set()),
        (host("*.x.w1.test", server_alias="a.test"), {"*.w1.test"}),
        (host("*.y.x.w1.test", server_alias="a.test"), {"*.w1.test"}),
        (host("*.test", server_alias="a.test"), set()),
        (host("a.test", server_alias="*.b.w1.test"), {"*.w1.test"}),
        (host("a.test", server_alias="~^[a-c]+[.]r[.]test$"), set()),
        (host("a.test", server_alias="~^[a-c]+[.]r[.]w1[.]test$"), {"*.w1.test"}),
        (host("a.test", server_alias="~^[a-c]+1[.]test$"), {"*.w1.test"}),
        (host("a.test", server_alias="~^[a-c]+[.]test$"), ALL),
        (host("a.test", server_alias="~^[a-c]+"), ALL),
    ],
)
def test_a_regex_that_is_left_keeps_those_that_it_may_meet(more: Object, missing: set[str]) -> None:
    assert looked_up(text_of(more)) & ALL == ALL - missing


@pytest.mark.parametrize(
    "more",
    [
        host("*.h.test", server_alias="a.test"),
        host("*.h.test", server_snippet="return 200 a;"),
        host("*.h.test", configuration_snippet="rewrite ^/a(.*)$ /$1 last;"),
        host("*.h.test", configuration_snippet="error_page 404 /x;"),
        host("*.h.test", enable_cors="true", proxy_read_timeout="7", proxy_send_timeout="8"),
    ],
)
def test_a_server_unlike_the_default_one_keeps_its_regex(more: Object) -> None:
    assert looked_up(text_of(more, allow_snippets=("*",))) == ALL


def test_what_only_counts_for_backends_makes_no_server_unlike() -> None:
    times = {f"proxy_{name}_timeout": "7" for name in ("read", "send", "connect")}
    more = host("*.h.test", **times, proxy_next_upstream_tries="2")
    found = text_of(more).partition("# *.h.test")[2]
    assert "proxy_read_timeout" in found.partition("location")[0]
    assert "*.h.test" in found.partition("location")[0]


def test_what_is_served_in_tls_keeps_its_regex_there() -> None:
    secured = ingress("s", rule("*.s.test", prefix("/", "s")), tls=[tls("*.s.test", by="cert")])
    text = text_of(secured)
    assert looked_up(text) == {*ALL, "*.s.test"}
    assert text.count('server_name "~^[^.]+[.]s[.]test$";') == 1
    both = ingress("h", rule("*.h.test", prefix("/", "h")), tls=[tls("*.h.test", by="cert")])
    both["metadata"]["annotations"] = annotated(ssl_redirect="false")
    assert looked_up(text_of(both)) == ALL


@pytest.mark.parametrize(
    ("more", "options"),
    [
        (ingress("any", rule(None, prefix("/a", "any"))), {}),
        (ingress("any", default="any"), {"resolve_at_start": ("*",)}),
        (config_map("settings", {"log-format-upstream": "$server_name"}), {"configmap": NAME}),
        (config_map("settings", {"log-format-upstream": "$uri"}), {"configmap": NAME}),
        (USUAL[0], {"fragment": True}),
    ],
)
def test_none_is_looked_up_where_the_default_server_could_not_be_copied(
    more: Object, options: dict[str, object]
) -> None:
    others = [] if more is USUAL[0] else [more]
    assert looked_up(text_of(*others, **options)) == set()


def test_redirects_have_a_server_for_each_number_of_labels() -> None:
    hosts = ("*.a.test", "*.b.test", "*.c.d.test", "e.test")
    secured = ingress("s", *(rule(name, prefix("/", "s")) for name in hosts), tls=[tls(*hosts)])
    text = text_of(secured)
    assert {"*.a.test", "*.b.test", "*.c.d.test"} < looked_up(text)
    assert text.count("return 308 ") == 3


def test_wildcards_that_are_alike_share_a_server_and_a_map() -> None:
    alike = [ingress(f"a{at}", rule(f"*.a{at}.test", prefix("/", "web"))) for at in range(3)]
    text = text_of(*alike, layout="plain-wildcards,shared-servers")
    assert text.count("hostnames;") == 1
    assert "server_name *.a0.test;\n        server_name *.a1.test;" in text


def test_long_labels_get_room() -> None:
    long = [
        ingress(f"a{at}", rule(f"*.{'x' * 60}{at}.test", prefix("/", "web"))) for at in range(3)
    ]
    text = text_of(*long, layout="compact")
    assert len(looked_up(text)) == 12
    assert "server_names_hash_bucket_size 128;" in text
    assert "hostnames;" not in text
