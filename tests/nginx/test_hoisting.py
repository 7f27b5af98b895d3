"""Settings that stand in the server are those of the paths that asked for them, and of no other."""

from __future__ import annotations

import ingc
from ingc.nginx import Nginx
from ingc.serve.config_test import rehearse
from tests.nginx.harness import serving, version_of
from tests.objects import ingress, prefix, rule

PREFIX = "nginx.ingress.kubernetes.io/"
CORS = "Access-Control-Allow-Methods"


def test_only_the_paths_that_asked_have_the_headers(nginx: Nginx) -> None:
    annotations = {PREFIX + "enable-cors": "true", PREFIX + "proxy-body-size": "2k"}
    paths = [prefix(f"/{name}", "web") for name in "abcde"]
    asked = ingress("web", rule("a.test", *paths), annotations=annotations)
    with serving(nginx, [asked]) as site:
        text = (site.prefix / "nginx.conf").read_text(encoding="utf-8")
        assert text.count("client_max_body_size 2k;") == 1
        assert text.count(f"add_header {CORS}") == 1
        for path in ("/a", "/e/x"):
            assert site.ask("a.test", path).header(CORS)
            assert site.ask("a.test", path, method="POST", body=b"x" * 3000).status == 413
            preflight = site.ask("a.test", path, b"Origin: https://b.test", method="OPTIONS")
            assert preflight.status == 204
            assert preflight.header(CORS)
        missed = site.ask("a.test", "/none")
        assert missed.status == 404
        assert missed.header(CORS) is None


def test_a_neighbour_keeps_its_own(nginx: Nginx) -> None:
    cors = {PREFIX + "enable-cors": "true"}
    paths = [prefix(f"/{name}", "web") for name in "abcde"]
    asked = ingress("web", rule("a.test", *paths), annotations=cors)
    other = ingress("other", rule("a.test", prefix("/other", "other")))
    with serving(nginx, [asked, other]) as site:
        assert site.ask("a.test", "/a").header(CORS)
        assert site.ask("a.test", "/other").header(CORS) is None


def test_in_a_fragment_nothing_is_said_twice(nginx: Nginx) -> None:
    annotations = {
        PREFIX + "enable-cors": "true",
        PREFIX + "client-body-buffer-size": "16k",
        PREFIX + "proxy-buffering": "on",
    }
    paths = [prefix(f"/{name}", "web") for name in "abcde"]
    asked = ingress("web", rule("a.test", *paths), annotations=annotations)
    options = ingc.Options(fragment=True, nginx_version=version_of(nginx))
    result = ingc.compile([asked], options)
    assert result.ir is not None
    test = rehearse(nginx, result.ir)
    assert test.ok, test.messages
