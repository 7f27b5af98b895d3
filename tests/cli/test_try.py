"""``ingc try``: one request through a real nginx, told as a story."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import WEB, write
from tests.cli.processes import processes_with
from tests.cli.run import Done, ingc, inside
from tests.objects import Object, annotated, path, rule
from tests.shop import ingress, service, slice_of

pytestmark = pytest.mark.usefixtures("real_nginx")


def told(done: Done) -> dict[str, str]:
    """Return the lines of the story by their first word."""
    return {
        word: rest.strip()
        for word, _, rest in (line.partition(" ") for line in done.out.splitlines())
        if word
    }


def asking(folder: Path, *arguments: str) -> Done:
    return inside("try", *arguments, cwd=folder)


def test_a_request_that_a_rule_takes(folder: Path) -> None:
    done = ingc("try", "http://a.test/cart?x=1", "web.yaml", cwd=folder)
    assert done.code == 0, done.err
    assert done.out.splitlines()[0] == "GET http://a.test/cart?x=1"
    story = told(done)
    assert story["answer"] == "200 OK"
    assert story["ingress"] == "shop/web"
    assert story["rule"].startswith("spec.rules[0].http.paths[0]")
    assert story["service"] == "shop/web:80"
    assert story["received"].startswith("GET /cart?x=1 HTTP/1.1")
    assert "Host: a.test" in done.out


def test_method_and_headers(folder: Path) -> None:
    done = asking(
        folder, "-X", "POST", "-H", "X-One: 1", "-H", "Cookie: a=b", "http://a.test/", "web.yaml"
    )
    assert done.code == 0
    assert told(done)["received"].startswith("POST / HTTP/1.1")
    assert "X-One: 1" in done.out
    assert "Cookie: a=b" in done.out


def test_headers_of_the_answer(folder: Path) -> None:
    assert "Server: nginx" not in asking(folder, "http://a.test/", "web.yaml").out
    assert "          Server: nginx" in asking(folder, "-i", "http://a.test/", "web.yaml").out


def test_exact_and_prefix(folder: Path) -> None:
    for target, number in (("/exact", 1), ("/exact/", 0), ("/EXACT", 0)):
        story = told(asking(folder, f"http://a.test{target}", "web.yaml"))
        assert story["rule"].startswith(f"spec.rules[0].http.paths[{number}]")


def test_a_name_that_no_rule_has(folder: Path) -> None:
    done = asking(folder, "http://other.test/", "web.yaml")
    assert done.code == 0
    assert told(done)["answer"].startswith("404")
    assert "none" in told(done)["ingress"] or "no rule" in done.out


def test_no_endpoint_is_invented(folder: Path) -> None:
    """What `ingc explain` says of the same input is what comes."""
    done = asking(folder, "http://e.test/", "empty.yaml")
    assert done.code == 0
    assert told(done)["answer"].startswith("503")
    assert "(got no request)" in told(done)["service"]
    assert "no usable endpoint" in done.err
    assert told(asking(folder, "http://e.test/", "empty.yaml"))["answer"].startswith("503")


def test_a_stand_in_answers_for_a_service_without_endpoints(folder: Path) -> None:
    empty = {**slice_of("gone"), "endpoints": []}
    standing = ingress(
        "shop/gone",
        rule("g.test", path("/", "gone")),
        annotations=annotated(default_backend="web"),
    )
    write(folder, "gone.yaml", [standing, service("gone", {"port": 80}), empty, *WEB[1:]])
    done = asking(folder, "http://g.test/x", "gone.yaml")
    assert done.code == 0, done.err
    story = told(done)
    assert (story["answer"], story["service"]) == ("200 OK", "shop/web:80")


def config_map(**data: str) -> Object:
    """Return the ConfigMap that `AS_SET` names."""
    values = {name.replace("_", "-"): value for name, value in data.items()}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "shop"},
        "data": values,
    }


AS_SET = ("--configmap", "shop/settings")


def test_the_proxy_line_that_the_configmap_asks_for(folder: Path) -> None:
    write(folder, "front.yaml", [*WEB, config_map(use_proxy_protocol="true")])
    done = asking(folder, "http://a.test/x", "front.yaml", *AS_SET)
    assert done.code == 0, done.err
    assert "after a PROXY line" in done.out
    assert told(done)["answer"] == "200 OK"
    assert "X-Forwarded-Port: 80" in done.out


@pytest.mark.parametrize("kept", ["true", "false"])
def test_a_header_that_nginx_drops(folder: Path, kept: str) -> None:
    write(folder, "names.yaml", [*WEB, config_map(enable_underscores_in_headers=kept)])
    done = asking(folder, "-H", "api_key: 1", "http://a.test/", "names.yaml", *AS_SET)
    assert ("          api_key: 1" in done.out) == (kept == "true")
    assert ("header api_key: its name has an underscore" in done.out) == (kept == "false")


def test_who_is_refused_by_a_list_of_what_a_proxy_names(folder: Path) -> None:
    listed = ingress(
        "shop/staff",
        rule("s.test", path("/", "web")),
        annotations=annotated(allowlist_source_range="198.51.100.0/24"),
    )
    trusting = config_map(use_forwarded_headers="true", proxy_real_ip_cidr="127.0.0.0/8")
    write(folder, "staff.yaml", [listed, *WEB[1:], trusting])
    for address, answer in (("198.51.100.7", "200 OK"), ("203.0.113.7", "403 Forbidden")):
        given = ("-H", f"X-Forwarded-For: {address}", "http://s.test/", "staff.yaml", *AS_SET)
        done = asking(folder, *given)
        assert told(done)["answer"] == answer
        explained = inside("explain", "--client-ip", "127.0.0.1", *given, cwd=folder).out
        assert ("the backend answers" in explained) == (answer == "200 OK")
        assert (f"{address} is not among" in done.out) == (answer != "200 OK")


def test_a_backend_that_is_no_service_answers_404(folder: Path) -> None:
    resource = {"resource": {"kind": "Bucket", "name": "b"}}
    write(folder, "files.yaml", [ingress("shop/files", rule("f.test", path("/", resource)))])
    done = asking(folder, "http://f.test/x", "files.yaml")
    assert done.code == 0
    story = told(done)
    assert story["answer"].startswith("404")
    assert story["ingress"] == "shop/files"
    assert "warning[ING310]" in done.err


@pytest.mark.parametrize("name", ["tls.yaml", "no-certificate.yaml"])
def test_https_with_a_certificate_or_a_self_signed_one(folder: Path, name: str) -> None:
    done = asking(folder, "https://tls.test/x", name)
    assert done.code == 0, done.err
    assert told(done)["answer"] == "200 OK"
    assert told(done)["ingress"] == "shop/tls"
    assert "X-Forwarded-Proto: https" in done.out


def test_http_of_a_host_with_tls_is_redirected(folder: Path) -> None:
    done = asking(folder, "http://tls.test/x/?y", "tls.yaml")
    assert done.code == 0
    assert told(done)["answer"].startswith("308")
    assert told(done)["redirect"] == "https://tls.test/x/?y"
    assert told(done)["ingress"] == "shop/tls"


def test_https_that_is_refused_is_a_no(folder: Path) -> None:
    for url, inputs in (
        ("https://a.test/", ["web.yaml"]),  # nothing listens
        ("https://unknown.test/", ["tls.yaml"]),  # the handshake is refused
    ):
        done = asking(folder, url, *inputs)
        assert done.code == 4, done.err
        assert "https" in done.err
        assert done.out == ""


def test_the_url_and_the_headers_are_checked(folder: Path) -> None:
    for arguments in (
        ["ftp://a.test/"],
        ["http://"],
        ["http:///x"],
        ["-H", "no colon", "http://a.test/"],
    ):
        done = asking(folder, *arguments, "web.yaml")
        assert done.code == 2, arguments
        assert done.out == ""


def test_an_input_with_errors(folder: Path) -> None:
    done = asking(folder, "http://a.test/", "bad.yaml")
    assert done.code == 1
    assert "error[ING201]" in done.err
    assert done.out == ""


def test_a_target_that_nginx_refuses(folder: Path) -> None:
    done = asking(folder, "http://a.test/%zz", "web.yaml")
    assert done.code == 0
    assert told(done)["answer"].startswith("400")


def test_nothing_is_left_behind(folder: Path) -> None:
    scratch = folder / "scratch"
    scratch.mkdir()
    done = ingc("try", "http://a.test/", "web.yaml", cwd=folder, env={"TMPDIR": str(scratch)})
    assert done.code == 0
    assert not list(scratch.iterdir())
    assert not processes_with(str(scratch))
