"""Flags of the controller, from where they stand to the command line that does the same."""

from __future__ import annotations

import shlex
import tomllib

import pytest

from ingc.cli.flags import FOREIGN_SWITCHES, FOREIGN_VALUES
from ingc.migrate import Fate, Migration, NoSuchController
from ingc.migrate.controllers import read_flags
from ingc.migrate.flag_table import FLAGS, Becomes
from ingc.options import Options
from tests.migrate.reports import config_map, controller, report, shop, web
from tests.objects import prefix, service

OWN = {
    "default-backend-service",
    "default-ssl-certificate",
    "enable-ssl-passthrough",
    "configmap",
    "http-port",
    "ssl-passthrough-proxy-port",
    "tcp-services-configmap",
    "udp-services-configmap",
    "ingress-class",
    "controller-class",
    "ingress-class-by-name",
    "watch-ingress-without-class",
    "watch-namespace",
    "watch-namespace-selector",
    "annotations-prefix",
    "disable-catch-all",
    "disable-svc-external-name",
    "https-port",
    "health-check-path",
    "enable-topology-aware-routing",
}
"""Flags of ingress-nginx that are options here."""


def test_every_flag_that_the_command_line_knows_has_a_fate() -> None:
    assert {*FOREIGN_SWITCHES, *FOREIGN_VALUES, *OWN} <= FLAGS.keys()
    assert {name for name, flag in FLAGS.items() if flag.option} == OWN - {
        "enable-topology-aware-routing"
    }
    for name, flag in FLAGS.items():
        assert flag.why, name
        assert not flag.why.endswith("."), name
        assert flag.option == "" or flag.option in Options.__dataclass_fields__
        assert not (flag.switch and name in FOREIGN_VALUES), name
        assert flag.switch or name not in FOREIGN_SWITCHES, name


def _flags(*words: str) -> list[tuple[str, str]]:
    from ingc.diagnostics import Origin

    return [(flag.name, flag.value) for flag in read_flags((word, Origin()) for word in words)]


@pytest.mark.parametrize(
    ("words", "flags"),
    [
        (["/nginx-ingress-controller", "--configmap=a/b"], [("configmap", "a/b")]),
        (["--configmap", "a/b", "--v=2"], [("configmap", "a/b"), ("v", "2")]),
        (["-v=3"], [("v", "3")]),
        (["--update-status", "--election-id=x"], [("update-status", "true"), ("election-id", "x")]),
        (["--update-status=false"], [("update-status", "false")]),
        (["--no-such", "--x=a=b"], [("no-such", "true"), ("x", "a=b")]),
        (["--configmap"], [("configmap", "")]),
        (["dumb-init", "--", "/nginx-ingress-controller"], []),
    ],
)
def test_flags_are_read_as_go_reads_them(words: list[str], flags: list[tuple[str, str]]) -> None:
    assert _flags(*words) == flags


def _rows(found: Migration) -> dict[str, tuple[Becomes, str]]:
    return {item.name: (item.becomes, item.instead) for item in found.controllers[0].settings}


def test_flags_become_options_or_a_reason() -> None:
    found = report(
        [
            controller(
                "--configmap=$(POD_NAMESPACE)/settings",
                "--controller-class=example.com/own",
                "--http-port=8080",
                "--https-port=70000",
                "--watch-namespace=$(WATCHED)",
                "--default-backend-service=$(UNKNOWN)/x",
                "--enable-ssl-passthrough",
                "--disable-catch-all=false",
                "--election-id=leader",
                "--enable-metrics",
                "--enable-topology-aware-routing",
                "--tcp-services-configmap=",
                "--no-such-flag",
                WATCHED="shop",
            ),
            config_map("ingress-nginx/settings", use_gzip="true"),
            web(),
        ]
    )
    assert _rows(found) == {
        "--configmap": (Becomes.KEPT, "--configmap ingress-nginx/settings"),
        "--controller-class": (Becomes.KEPT, "--controller-class example.com/own"),
        "--http-port": (Becomes.KEPT, "--http-port 8080"),
        "--https-port": (Becomes.DECISION, ""),
        "--watch-namespace": (Becomes.KEPT, "--watch-namespace shop"),
        "--default-backend-service": (Becomes.DECISION, ""),
        "--enable-ssl-passthrough": (Becomes.KEPT, "--enable-ssl-passthrough"),
        "--disable-catch-all": (Becomes.NO_EFFECT, ""),
        "--election-id": (Becomes.NOT_NEEDED, ""),
        "--enable-metrics": (Becomes.NO_EQUIVALENT, ""),
        "--enable-topology-aware-routing": (Becomes.DECISION, ""),
        "--tcp-services-configmap": (Becomes.NO_EFFECT, ""),
        "--no-such-flag": (Becomes.UNKNOWN, ""),
    }
    assert shlex.split(found.command.replace("\\\n", "")) == [
        *("ingc", "compile", "all.yaml", "-d", "out"),
        *("--ingress-class", "nginx", "--controller-class", "example.com/own"),
        *("--watch-namespace", "shop", "--configmap", "ingress-nginx/settings"),
        *("--enable-ssl-passthrough", "--http-port", "8080"),
    ]
    assert tomllib.loads(found.config_file) == {
        "ingress-class": "nginx",
        "controller-class": "example.com/own",
        "watch-namespace": "shop",
        "configmap": "ingress-nginx/settings",
        "enable-ssl-passthrough": True,
        "http-port": 8080,
    }


def test_a_controller_takes_no_ingress_without_a_class_unless_it_says_so() -> None:
    classless = shop()
    del classless["spec"]["ingressClassName"]
    assert not report([controller(), classless, web()]).ingresses
    assert report([controller("--watch-ingress-without-class"), classless, web()]).ingresses
    assert report([classless, web()]).ingresses


def test_what_this_command_is_given_comes_before_flags() -> None:
    found = report([controller("--http-port=8080"), shop(), web()], http_port=9090)
    assert _rows(found) == {"--http-port": (Becomes.CHANGED, "--http-port 9090")}
    assert "--http-port 9090" in found.command


def test_of_several_controllers_one_is_left() -> None:
    both = [controller("--http-port=81", name="a/one"), controller("--http-port=82", name="b/two")]
    found = report([*both, shop(), web()])
    assert [table.name for table in found.controllers] == ["Deployment a/one", "Deployment b/two"]
    assert "--http-port 81" in found.command
    assert "--http-port 82" in report([*both, shop(), web()], "b/two").command
    with pytest.raises(NoSuchController, match=r'"c/three"; found: Deployment a/one'):
        report([*both, shop(), web()], "c/three")


def test_pods_of_a_deployment_are_no_second_controller() -> None:
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "ownerReferences": [{"kind": "ReplicaSet", "name": "r"}]},
        "spec": {"containers": [{"image": "ingress-nginx/controller"}]},
    }
    assert len(report([controller(), pod, shop(), web()]).controllers) == 1


@pytest.mark.parametrize(
    "image", ["nginx/nginx-ingress:3.6.0", "kong/kubernetes-ingress-controller:3", "nginx:1.26"]
)
def test_other_controllers_are_none(image: str) -> None:
    made = controller()
    container = {"image": image, "args": ["--http-port=81"]}
    made["spec"]["template"]["spec"]["containers"] = [container]
    assert not report([made, shop(), web()]).controllers


def test_keys_of_the_config_map_are_kept_changed_or_lost() -> None:
    data = {
        "use_gzip": "true",
        "hsts_max_age": "a year",
        "enable_brotli": "true",
        "brotli_level": "4",
        "enable_modsecurity": "true",
        "geoip2_autoreload_in_minutes": "5",
        "lua_shared_dicts": "a: 1",
        "server_snippet": "return 200;",
        "no_such_key": "x",
    }
    name = "ingress-nginx/controller"
    found = report([config_map(name, **data), shop(), web()], configmap=name)
    (table,) = found.config_maps
    assert {item.name: item.becomes for item in table.settings} == {
        "use-gzip": Becomes.KEPT,
        "hsts-max-age": Becomes.CHANGED,
        "enable-brotli": Becomes.NO_EQUIVALENT,
        "brotli-level": Becomes.NO_EQUIVALENT,
        "enable-modsecurity": Becomes.DECISION,
        "geoip2-autoreload-in-minutes": Becomes.NO_EFFECT,
        "lua-shared-dicts": Becomes.NO_EFFECT,
        "server-snippet": Becomes.DECISION,
        "no-such-key": Becomes.UNKNOWN,
    }
    # What is lost for everybody is said beside the numbers, and silences no route.
    assert found.lost_keys == 5
    assert found.refused
    assert not found.unchanged
    assert [item.fate.value for item in found.ingresses] == ["same"]


def test_a_key_that_is_refused_leaves_the_rest_to_be_looked_at() -> None:
    name = "ingress-nginx/controller"
    ingresses = [shop(prefix("/a", "web"), whitelist_source_range="10.0.0.0/8"), web()]
    bad = config_map(name, server_snippet="return 200;")
    found = report([bad, *ingresses], configmap=name)
    assert found.departures == report(ingresses).departures
    assert [item.fate for item in found.ingresses] == [Fate.DIFFERS]


def test_a_config_map_that_is_not_there_is_a_gap_and_silences_no_route() -> None:
    found = report([controller("--configmap=a/b"), shop(), web()])
    assert [gap.message for gap in found.gaps] == [
        "ConfigMap a/b, named by --configmap, is not in the input"
    ]
    assert "--configmap a/b" in found.command
    assert [item.fate.value for item in found.ingresses] == ["same"]


def test_a_config_map_of_a_usual_name_is_taken_where_no_controller_says_which() -> None:
    usual = config_map("ingress-nginx/ingress-nginx-controller", use_gzip="true")
    assert "--configmap" in report([usual, shop(), web()]).command
    assert "--configmap" not in report([usual, controller(), shop(), web()]).command


def test_the_clusters_dns_resolves_names() -> None:
    dns = service("kube-dns", {"port": 53}, namespace="kube-system", clusterIP="10.96.0.10")
    outside = service("web", {"port": 80}, namespace="shop", externalName="db.example.com")
    outside["spec"]["type"] = "ExternalName"
    assert [item.fate.value for item in report([shop(), outside]).ingresses] == ["decision"]
    found = report([shop(), outside, dns])
    # What is left is what the name's own failure answers.
    assert [item.departures for item in found.ingresses] == [("a backend that can not be had",)]
    assert not [item for item in found.concerns if item.code == "ING324"]
    assert "--resolver 10.96.0.10" in found.command


def test_files_of_secrets_are_supposed_where_not_all_are_here() -> None:
    made = shop()
    made["spec"]["tls"] = [{"hosts": ["a.test"], "secretName": "a"}]
    found = report([made, web()])
    assert "--tls-files" in found.command
    assert [item.fate.value for item in found.ingresses] == ["same"]
    made["metadata"]["uid"] = "1"
    secret = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "b", "namespace": "shop"}}
    dumped = report([made, web(), secret])
    assert "--tls-files" not in dumped.command
    assert [item.fate.value for item in dumped.ingresses] == ["decision"]


def test_secrets_in_settings_are_not_shown() -> None:
    name = "ingress-nginx/controller"
    data = {"ssl_session_ticket_key": "c2VjcmV0" * 8}
    found = report(
        [controller("--maxmind-license-key=abcdef", f"--configmap={name}"), config_map(**data)]
    )
    assert "abcdef" not in repr(found)
    assert "c2VjcmV0" not in repr(found.config_maps)
