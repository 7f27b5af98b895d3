"""What people type before they have read anything."""

from __future__ import annotations

import contextlib
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.run import ingc, inside


@pytest.mark.parametrize(
    "arguments",
    [
        ("a.test/exact", "web.yaml"),
        ("web.yaml", "a.test/exact"),
        ("web.yaml", "http://a.test/exact"),
        ("a.test/exact", "-f", "web.yaml"),
        ("-f", "web.yaml", "a.test/exact"),
        ("--filename=web.yaml", "a.test/exact"),
        ("-fweb.yaml", "a.test/exact"),
    ],
)
def test_a_url_in_any_form_and_place(folder: Path, arguments: tuple[str, ...]) -> None:
    done = inside("explain", *arguments, cwd=folder)
    assert done.code == 0
    assert done.out.startswith("GET http://a.test/exact\n")
    said = 'note: "a.test/exact" is taken for http://a.test/exact\n'
    assert done.err == ("" if "http://a.test/exact" in arguments else said)


@pytest.mark.parametrize("host", ["localhost:8080", "10.0.0.1/x", "a.test", "A.TEST?q"])
def test_what_is_taken_for_a_url(folder: Path, host: str) -> None:
    done = inside("explain", host, "web.yaml", cwd=folder)
    assert f"is taken for http://{host}\n" in done.err


@pytest.mark.parametrize(
    "file", ["none.yaml", "none.d", "./a.test/x", "manifests/a.test", "a.conf"]
)
def test_what_is_a_file_stays_one(folder: Path, file: str) -> None:
    (folder / "none.d").touch()
    done = inside("explain", "http://a.test/", file, cwd=folder)
    assert "taken for" not in done.err
    assert done.code in (1, 2)


@pytest.mark.parametrize("command", ["explain", "try"])
def test_a_path_without_its_host(folder: Path, command: str) -> None:
    done = inside(command, "/cart", "web.yaml", cwd=folder)
    assert done.code == 2
    assert '"/cart" is no file, and a URL names its host' in done.err


def test_a_namespace_as_kubectl_takes_it(folder: Path) -> None:
    text = (folder / "web.yaml").read_text("utf-8").replace('"namespace": "shop",', "")
    (folder / "bare.yaml").write_text(text.replace('"namespace": "shop"', '"labels": {}'), "utf-8")
    for option in (("-n", "till"), ("--namespace=till",), ("-ntill",)):
        done = inside("routes", "-f", "bare.yaml", *option, cwd=folder)
        assert "till/web" in done.out, done.err


def test_switches_of_kubectl_that_hold_anyway(folder: Path) -> None:
    done = inside("routes", "-A", "-R", "-f", "web.yaml", cwd=folder)
    assert done.code == 0, done.err
    assert done.out == inside("routes", "web.yaml", cwd=folder).out


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        (("compile", "--nginx_version", "1.26"), "--nginx_version; did you mean --nginx-version?"),
        (("compile", "--outptu", "x"), "--outptu; did you mean --output?"),
        (("compile", "--dry-run"), "--dry-run; ingc check writes nothing"),
        (("routes", "-o", "json"), "-o; did you mean --format?"),
        (("check", "--output=json"), "--output; did you mean --format?"),
        (("check", "--zzz"), "--zzz"),
    ],
)
def test_the_option_that_was_meant(folder: Path, typed: tuple[str, ...], meant: str) -> None:
    done = inside(*typed, "web.yaml", cwd=folder)
    assert done.code == 2
    assert f"Error: no option {meant}\n" in done.err


def test_standard_input_as_kubectl_takes_it(folder: Path) -> None:
    text = (folder / "web.yaml").read_text("utf-8")
    assert ingc("routes", "-f", "-", cwd=folder, stdin=text).code == 0
    assert inside("routes", "-f", cwd=folder).code == 2
    assert inside("routes", cwd=folder).code == 2


@contextlib.contextmanager
def _taken() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.mark.usefixtures("real_nginx")
@pytest.mark.parametrize(
    ("command", "option", "named"),
    [
        (("serve", "web.yaml"), "--http-port", "--http-port"),
        (("serve", "web.yaml"), "--port", "--http-port"),
        (("serve", "web.yaml"), "--https-port", "--https-port"),
        (("try", "http://a.test/", "web.yaml"), "--http-port", "--http-port"),
        (("try", "http://a.test/", "web.yaml"), "--port", "--http-port"),
    ],
)
def test_a_taken_port_is_named_with_its_option(
    folder: Path, command: tuple[str, ...], option: str, named: str
) -> None:
    with _taken() as port:
        done = ingc(*command, option, str(port), cwd=folder)
    assert done.code == 2
    assert f"port {port} of 127.0.0.1 is taken; pass {named} NUMBER" in done.err


@pytest.mark.usefixtures("real_nginx")
def test_try_on_a_port_of_ones_own(folder: Path) -> None:
    with _taken() as port:
        pass
    done = ingc("try", "web.yaml", "a.test", "--http-port", str(port), cwd=folder)
    assert done.code == 0, done.err
    assert f"X-Forwarded-Port: {port}" in done.out
    assert ingc("try", "web.yaml", cwd=folder).code == 2
    assert ingc("try", "http://a.test", cwd=folder).code == 2


def test_a_missing_drawsvg_is_said_before_anything_is_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "drawsvg", None)
    done = inside("routes", "none-of-these.yaml", "--format", "svg", cwd=folder)
    assert done.code == 2
    assert done.err == "Error: --format svg needs drawsvg: pip install 'ingc[svg]'\n"
