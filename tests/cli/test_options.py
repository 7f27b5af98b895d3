"""Options in ingress-nginx's form, its flags that mean nothing here, and config files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ingc.cli.settings import input_limit
from tests.cli.run import ingc, inside


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--strict", "empty.yaml"], 1),
        (["empty.yaml", "--strict"], 1),
        (["--strict=true", "empty.yaml"], 1),
        (["--strict=false", "empty.yaml"], 0),
        (["--strict", "--strict=false", "empty.yaml"], 0),
        (["--strict=false", "--strict", "empty.yaml"], 1),
        (["empty.yaml"], 0),
        (["--strict=maybe", "empty.yaml"], 2),
        (["--strict", "--", "empty.yaml"], 1),
        (["--strict", "--", "--strict"], 2),  # after -- it is a file
    ],
)
def test_a_boolean_takes_nothing_or_its_value(
    folder: Path, arguments: list[str], code: int
) -> None:
    assert inside("check", *arguments, cwd=folder).code == code


def test_a_boolean_before_the_input_does_not_swallow_it(folder: Path) -> None:
    done = ingc("compile", "--watch-ingress-without-class", "--strict", "web.yaml", cwd=folder)
    assert done.code == 0
    assert "a.test" in done.out


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["--publish-service=x"], ["publish-service"]),
        (["--election-id", "x"], ["election-id"]),
        (["--publish-service=ns/x", "--election-id", "y"], ["publish-service", "election-id"]),
        (["--enable-metrics"], ["enable-metrics"]),
        (["--enable-metrics=false"], ["enable-metrics"]),
        (["--v=2"], ["v"]),
        (
            ["--deep-inspect=false", "--maxmind-edition-ids=x"],
            ["deep-inspect", "maxmind-edition-ids"],
        ),
        (["--enable-annotation-validation"], ["enable-annotation-validation"]),
        (["--validating-webhook=:8443"], ["validating-webhook"]),
        (["--sync-period", "10m", "--update-status=false"], ["sync-period", "update-status"]),
    ],
)
def test_flags_of_ingress_nginx_without_a_meaning_are_noted(
    folder: Path, arguments: list[str], names: list[str]
) -> None:
    for order in ([*arguments, "web.yaml"], ["web.yaml", *arguments]):
        done = inside("compile", *order, cwd=folder)
        assert done.code == 0
        assert done.out.startswith("# Compiled")
        assert len(done.err.splitlines()) == len(names)
        for name in names:
            assert f"note: --{name} " in done.err


SHAPING = """
--default-backend-service=shop/web --default-ssl-certificate=shop/pair
--ssl-passthrough-proxy-port=442 --enable-ssl-passthrough
--tcp-services-configmap=shop/tcp --udp-services-configmap=shop/udp --configmap=shop/settings
--ingress-class=nginx --controller-class=k8s.io/ingress-nginx
--ingress-class-by-name --watch-ingress-without-class --watch-namespace=shop
--watch-namespace-selector=env=prod --annotations-prefix=nginx.ingress.kubernetes.io
--disable-catch-all --disable-svc-external-name --enable-annotation-validation --deep-inspect
--enable-ssl-chain-completion --enable-topology-aware-routing --http-port=80 --https-port=443
--default-server-port=8181 --health-check-path=/healthz --status-port=10246 --stream-port=10247
--publish-service=shop/web --publish-status-address=10.0.0.1 --update-status --enable-metrics
--metrics-per-host --metrics-per-undefined-host --validating-webhook=:8443 --disable-full-test
--dynamic-configuration-retries=15 --internal-logger-address=127.0.0.1:11514
--maxmind-license-key=x --maxmind-edition-ids=x --maxmind-mirror=x
"""
"""The flags of ingress-nginx that shape its configuration, each with a value of its form."""
_BESIDE = {"--enable-topology-aware-routing": ["--topology-zone=eu-west-1a"]}


@pytest.mark.parametrize("flag", SHAPING.split())
def test_flags_of_ingress_nginx_are_options_or_noted(folder: Path, flag: str) -> None:
    beside = _BESIDE.get(flag, [])
    done = inside("compile", flag, *beside, "web.yaml", cwd=folder)
    assert done.code in (0, 1), done.err
    helped = inside("compile", "--help", cwd=folder).out
    name = flag.partition("=")[0]
    assert re.search(rf"^  {name}\b", helped, re.MULTILINE) or f"note: {name} has no" in done.err


def test_a_zone_has_to_be_told(folder: Path) -> None:
    done = inside("compile", "--enable-topology-aware-routing", "web.yaml", cwd=folder)
    assert done.code == 2
    assert "--topology-zone" in done.err


def test_a_selector_that_is_none_is_wrong_usage(folder: Path) -> None:
    done = inside("compile", "--watch-namespace-selector", "env in prod", "web.yaml", cwd=folder)
    assert done.code == 2
    assert '--watch-namespace-selector: "env in prod" does not have the form of' in done.err


def test_an_unknown_option_is_still_refused_beside_them(folder: Path) -> None:
    done = inside("compile", "--election-id", "x", "--elction-id", "x", "web.yaml", cwd=folder)
    assert done.code == 2
    assert "--elction-id" in done.err


def toml(folder: Path, text: str, name: str = "ingc.toml") -> None:
    (folder / name).write_text(text, encoding="utf-8")


def test_the_file_in_the_working_directory_is_used_and_named(folder: Path) -> None:
    toml(folder, "http-port = 8080\n")
    done = ingc("compile", "web.yaml", cwd=folder)
    assert done.code == 0
    assert "ingc.toml" in done.err
    assert "listen 8080" in done.out


def test_a_named_file_is_used_instead(folder: Path) -> None:
    toml(folder, "http-port = 8080\n")
    toml(folder, "http-port = 9090\n", "other.toml")
    done = inside("compile", "--config", "other.toml", "web.yaml", cwd=folder)
    assert "listen 9090" in done.out
    assert "listen 8080" not in done.out
    assert "other.toml" in done.err


def test_the_command_line_counts_before_the_file(folder: Path) -> None:
    toml(folder, "http-port = 8080\nstrict = true\n")
    done = inside("compile", "--http-port", "81", "--strict=false", "empty.yaml", cwd=folder)
    assert done.code == 0
    assert "listen 81" in done.out


def test_a_file_inside_the_input_is_never_used(folder: Path) -> None:
    (folder / "inputs").mkdir()
    (folder / "web.yaml").rename(folder / "inputs" / "web.yaml")
    toml(folder / "inputs", "http-port = 8080\n")
    done = inside("compile", "inputs", cwd=folder)
    assert done.code == 0
    assert "8080" not in done.out
    assert done.err == ""


GOOD = [
    ("http-port = 8080", "listen 8080"),
    ('http-port = "8080"', "listen 8080"),
    ("http_port = 8080", "listen 8080"),
    ('listen-address = ["127.0.0.1", "[::1]"]', "listen [::1]:80"),
    ('listen-address = "127.0.0.1"', "listen 127.0.0.1:80"),
    ("fragment = true", "# For use inside http"),
    ('access-log = "off"', "access_log off;"),
    ('ingress-class = "*"', "a.test"),
    ('ingress-class = ["nginx"]\nwatch-ingress-without-class = true', "a.test"),
    ('emit = "ir"', '"kind": "Config"'),
    ('format = "json"\nport = 9000\necho = true', "a.test"),  # options of other commands
    ("", "a.test"),
]


@pytest.mark.parametrize(("text", "printed"), GOOD)
def test_values(folder: Path, text: str, printed: str) -> None:
    toml(folder, text)
    done = inside("compile", "web.yaml", cwd=folder)
    assert done.code == 0, done.err
    assert printed in done.out


@pytest.mark.parametrize(
    "text", ["assume-port = { http = 80 }", 'assume-port = ["http=80"]', 'assume-port = "http=80"']
)
def test_assumed_ports(folder: Path, text: str) -> None:
    manifest = (folder / "web.yaml").read_text("utf-8").replace('"number": 80', '"name": "http"')
    (folder / "named.yaml").write_text(manifest.partition("---")[0], encoding="utf-8")
    assert inside("compile", "named.yaml", cwd=folder).code == 1
    toml(folder, text)
    done = inside("compile", "named.yaml", cwd=folder)
    assert done.code == 0
    assert "web.shop.svc.cluster.local:80" in done.out


BAD = [
    ("htp-port = 80", "htp-port"),
    ("[compile]\nhttp-port = 80", "compile"),
    ('now = "2024-01-01"', "now"),
    ('echo-socket = "/x"', "echo-socket"),
    ('inputs = ["web.yaml"]', "inputs"),
    ('config = "x"', "config"),
    ("http-port = ", "TOML"),
    ("http-port = 80\nhttp-port = 81", "TOML"),
    ("http-port = 0", "--http-port"),
    ("http-port = [80]", "http-port"),
    ("http-port = true", "http-port"),
    ("strict = 3", "strict"),
    ('strict = "yes"', "strict"),
    ("strict = []", "strict"),
    ('backends = "magic"', "magic"),
    ('namespace = ["a"]', "namespace"),
    ("ingress-class = true", "ingress-class"),
    ("ingress-class = [[1]]", "ingress-class"),
    ("namespace = 2024-01-01", "namespace"),
    ("assume-port = { http = 0 }", "port"),
    ('assume-port = ["http"]', "http=8080"),
    ('nginx-version = "1.10"', "1.22.0"),
]


@pytest.mark.parametrize(("text", "said"), BAD)
def test_values_that_make_no_sense_end_with_2(folder: Path, text: str, said: str) -> None:
    toml(folder, text)
    done = inside("compile", "web.yaml", cwd=folder)
    assert done.code == 2, done.err
    assert said in done.err
    assert done.out == ""


def test_a_config_file_that_cannot_be_read(folder: Path) -> None:
    (folder / "binary.toml").write_bytes(b"\xff\xfe")
    for name in ("absent.toml", "binary.toml", "."):
        done = inside("compile", "--config", name, "web.yaml", cwd=folder)
        assert done.code == 2
        assert name in done.err


def test_without_max_input_the_limit_is_the_one_of_the_help() -> None:
    assert input_limit(None) == input_limit("1GiB") == 1 << 30
