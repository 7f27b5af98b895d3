"""The proof of wildcards that nginx looks up: they do what regexes of one label do."""

from __future__ import annotations

from functools import cache

import pytest

import ingc
from ingc import ir
from ingc.model import Model
from ingc.prove import Proofs
from ingc.prove.plain_names import PlainNames
from ingc.prove.proof import is_proved
from tests.objects import annotated, ingress, prefix, rule, tls
from tests.prove.test_shortcuts import reading_of


@cache
def compiled(layout: str = "plain-wildcards") -> tuple[str, ir.Config]:
    """Return wildcards, one of them below another, and some that keep their regexes."""
    objects = [
        ingress(f"w{at}", rule(f"*.w{at}.test", prefix("/", f"w{at}"), prefix("/x", "x")))
        for at in range(8)
    ]
    secured = ingress("s", rule("*.s.test", prefix("/", "s")), tls=[tls("*.s.test", by="cert")])
    alias = annotated(server_alias="~^[a-c]+[.]r[.]test$,x.test")
    other = ingress("r", rule("r.other.test", prefix("/", "r")), annotations=alias)
    deep = ingress("deep", rule("*.d.w1.test", prefix("/", "d")))
    options = ingc.Options(layout=layout, tls_files="/tls/{namespace}/{secret}")
    result = ingc.compile([*objects, secured, other, deep], options)
    assert result.config is not None, result.errors
    assert result.ir is not None
    return result.config, result.ir


def proved(text: str, config: ir.Config, proofs: Proofs | None = None) -> bool:
    """Ask all but the structure proof, which would notice any change."""
    return is_proved(config, reading_of(text), proofs or Proofs())


SHAPE = '"^[^.]+[.][^.]+[.][^.]+$"'
DEEPER = f"if ($host !~ {SHAPE}) {{\n            rewrite ^ //ingc/nobody$uri last;\n        }}\n"
HEALTH = (
    "location = //ingc/nobody/healthz {\n            access_log off;\n            return 200 ok;"
)
NOBODY = "location ^~ //ingc/nobody/ {\n            return 404;"
NAME = "server_name *.w1.test;"
OTHER = "server_name x.test;"
BELOW = "server_name *.d.w1.test;"
FAULTS = {
    "more labels stay": (DEEPER, ""),
    "another number of labels": (SHAPE, '"^[^.]+[.][^.]+[.][^.]+[.][^.]+$"'),
    "any number of labels": (SHAPE, '"^.+[.][^.]+[.][^.]+$"'),
    "no label": (SHAPE, '"^[^.]*[.][^.]+[.][^.]+$"'),
    "what is sent is judged": ("$host !~", "$http_host !~"),
    "the other names go elsewhere": ("$host !~", "$host ~"),
    "elsewhere without the path": ("//ingc/nobody$uri last", "//ingc/nobody/ last"),
    "elsewhere is not looked up": ("nobody$uri last", "nobody$uri break"),
    "another answer": (NOBODY, NOBODY.replace("404", "403")),
    "another health check": (HEALTH, HEALTH.replace("200 ok", "200 no")),
    "a log of the health check": (HEALTH, HEALTH.replace("access_log off;", "")),
    "no health check": (HEALTH, HEALTH.replace("/healthz", "/health")),
    "regexes come before": (NOBODY, NOBODY.replace("^~ ", "")),
    "one location more": (NOBODY, f"location = //ingc/nobody/a {{ return 404; }}\n{NOBODY}"),
    "a size of its own": (NAME, f"{NAME}\nclient_max_body_size 1;"),
    "a header of its own": (NAME, f"{NAME}\nadd_header X-A b always;"),
    "a regex that takes more": (OTHER, f"{OTHER}\nserver_name ~^[a-z]+[.].*w1[.]test$;"),
    "a wildcard below is a regex": (BELOW, 'server_name "~^[^.]+[.]d[.]w1[.]test$";'),
    "TLS under the name": (NAME, f"{NAME}\nlisten 443 ssl;"),
    "a port of its own": (f"listen 80;\n        {NAME}", f"listen 81;\n        {NAME}"),
    "the server in the log": ("'\"host\":\"$host\",'", "'\"host\":\"$server_name\",'"),
    "the path in the log": ("\"uri\":\"$request_uri\"", "\"uri\":\"$uri\""),
    "the path in the log by a map": ("map \"\" $ingc_route {", "map $document_uri $ingc_route {"),
    "another's name": (NAME, "server_name *.w9.test;"),
    "a name less": (NAME, ""),
    "a name more": (NAME, f"{NAME}\nserver_name *.w9.test;"),
}  # fmt: skip


OF_HOSTS = {"another's name", "a name less", "a name more"}
"""Those that are no fault of a server by itself."""


def test_the_text_is_proved_and_as_the_readable_one_is() -> None:
    text, config = compiled()
    plain = PlainNames(reading_of(text), config.settings.target)
    assert list(plain.faults()) == []
    assert len(plain.reading.looked_up) == 10  # with the one below, and the redirect
    readable = {item.content for item in reading_of(compiled("readable")[0]).blocks}
    assert {item.content for item in plain.reading.blocks} <= readable | {
        item.content for item in plain.reading.blocks if item.first("return")
    }
    assert proved(text, config)


def with_fault(text: str, fault: str) -> str:
    """Return a text with a fault, in the server of a wildcard where it can be there."""
    old, new = FAULTS[fault]
    at = text.index("# *.w1.test")
    at = at if old in text[at:] else 0
    assert old in text, text
    return text[:at] + text[at:].replace(old, new, 1)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("warm", [False, True])
def test_a_fault_in_a_name_that_is_looked_up_is_found(fault: str, warm: bool) -> None:
    text, config = compiled()
    proofs = Proofs()
    if warm:
        assert proved(text, config, proofs)
        proofs.end_compile()
    assert not proved(with_fault(text, fault), config, proofs)


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_matter_of_whose_name_it_is_needs_no_request(fault: str) -> None:
    text, config = compiled()
    plain = PlainNames(reading_of(with_fault(text, fault)), config.settings.target)
    assert any(plain.faults()) == (fault not in OF_HOSTS)


def test_a_name_of_more_labels_is_asked_of_the_text_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text, config = compiled()
    asked: list[bytes] = []
    outcome = Model.outcome

    def noted(self: Model, request: ingc.Request, **others: object) -> object:
        asked.append(request.host)
        return outcome(self, request, **others)  # type: ignore[arg-type]

    monkeypatch.setattr(Model, "outcome", noted)
    assert list(PlainNames(reading_of(text), config.settings.target).faults()) == []
    assert {b"a.b.d.w1.test", b".d.w1.test"} <= set(asked)
