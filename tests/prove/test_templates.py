"""A template that does not print what was laid out is caught."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingc
from ingc.resources import folder
from tests.objects import ingress, prefix, rule, service
from tests.prove.compiling import compiled


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the templates, which are used instead."""
    copied = tmp_path / "templates"
    copied.mkdir()
    for template in folder("templates").glob("*.j2"):
        (copied / template.name).write_text(template.read_text("utf-8"), "utf-8")
    module = importlib.import_module("ingc.emit.render")  # the package has a function of this name
    monkeypatch.setattr(module, "folder", lambda _name: copied)
    environment = module.environment
    environment.cache_clear()
    yield copied
    environment.cache_clear()


@pytest.mark.parametrize(
    ("template", "old", "new"),
    [
        # forgets directives
        ("server.j2", "{% for directive in location.directives %}", "{% for directive in [] %}"),
        ("server.j2", "{% for location in server.locations %}", "{% for location in [] %}"),
        ("http.j2", "{% for map in conf.maps %}", "{% for map in [] %}"),
        # prints more
        (
            "server.j2",
            "\n        }\n{% endfor %}",
            "\n            return 200 pwned;\n        }\n{% endfor %}",
        ),
        ("server.j2", "    server {\n", "    server {\n        root /;\n"),
        ("nginx.conf.j2", "http {\n", "user root;\nhttp {\n"),
        # prints a value as something else
        ("server.j2", "{{ location.name }}", "/{{ location.name }}"),
        ("server.j2", "{{ location.name }} {", "{{ location.name }} { }\n#"),
        ("server.j2", "        {{ directive }};", "        server_name a {{ directive }};"),
        ("server.j2", "        {{ directive }};", "        server_name a;"),
    ],
)
def test_a_template_that_prints_something_else_is_caught(
    templates: Path, template: str, old: str, new: str
) -> None:
    file = templates / template
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    result = compiled("/a", "/b")
    assert not result.ok
    assert [d.code for d in result.errors] == ["ING901"]
    assert result.config is None


def test_the_copied_templates_are_good_as_they_are(templates: Path) -> None:
    assert templates.is_dir()
    assert compiled("/a", "/b").ok


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{% for server in conf.stream.servers %}", "{% for server in [] %}"),
        ("{% for flag in map.flags %}", "{% for flag in [] %}"),
        ("    server {\n", "    server {\n        proxy_timeout 1s;\n"),
        ("{{ key }} {{ value }};", "{{ key }} {{ key }};"),
        ("{{ upstream.name }}", "x{{ upstream.name }}"),
    ],
)
def test_a_stream_template_that_prints_something_else_is_caught(
    templates: Path, old: str, new: str
) -> None:
    file = templates / "stream.j2"
    text = file.read_text("utf-8")
    assert old in text
    assert passing().ok
    importlib.import_module("ingc.emit.render").environment.cache_clear()
    file.write_text(text.replace(old, new, 1), "utf-8")
    assert [d.code for d in passing().errors] == ["ING901"]


def passing() -> ingc.Result:
    """Compile a host whose TLS is passed on."""
    annotations = {"nginx.ingress.kubernetes.io/ssl-passthrough": "true"}
    web = ingress("web", rule("a.test", prefix("/", "web")), annotations=annotations)
    options = ingc.Options(enable_ssl_passthrough=True)
    return ingc.compile([web, service("web", 80)], options)
