"""``kubectl ingc``: on a stand-in for kubectl, and on the real one where a cluster is given."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ingc.cli.kubectl_plugin import Call, split
from tests.cli.conftest import EMPTY, TLS, WEB, write
from tests.cli.run import environment
from tests.loading import loaded_by
from tests.objects import path, rule
from tests.routes_of import route
from tests.shop import ingress

PLUGIN = "from ingc.cli.kubectl_plugin import main; main()"
STAND_IN = """\
#!{python}
import json, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1] == "api-resources":
    print({served!r})
    {served_end}
    sys.exit(0)
kinds = sys.argv[2].split(",")
known = dict(ingresses="Ingress", services="Service", secrets="Secret", configmaps="ConfigMap")
known["routes.route.openshift.io"] = "Route"
wanted = [known.get(kind) for kind in kinds]
names = [arg for arg in sys.argv[3:] if arg in {names!r}]
items = [item for item in json.load(open({objects!r})) if item["kind"] in wanted]
if wanted[0] in ("Secret", "ConfigMap"):
    items = [item for item in items if item["metadata"]["name"] in names]
print(json.dumps(dict(kind="List", apiVersion="v1", items=items)))
{end}
"""


class Cluster:
    """Objects, and a program that gives them out as kubectl does."""

    def __init__(
        self,
        folder: Path,
        objects: list[Any],
        end: str = "",
        served: str = "",
        served_end: str = "",
    ) -> None:
        self.folder = folder
        self.log = folder / "asked.txt"
        kept = folder / "objects.json"
        kept.write_text(json.dumps(objects), "utf-8")
        self.program = folder / "stand-in-kubectl"
        names = {item["metadata"]["name"] for item in objects}
        text = STAND_IN.format(
            python=sys.executable,
            log=str(self.log),
            names=names,
            objects=str(kept),
            end=end,
            served=served,
            served_end=served_end,
        )
        self.program.write_text(text, "utf-8")
        self.program.chmod(0o755)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return plugin(self.folder, *arguments, KUBECTL=str(self.program))

    def asked(self, verb: str = "get") -> list[list[str]]:
        calls = [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]
        return [call for call in calls if call[0] == verb]


def plugin(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PLUGIN, *arguments],
        cwd=folder,
        env=environment(variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_explain_asks_the_cluster(folder: Path) -> None:
    cluster = Cluster(folder, WEB)
    done = cluster.run("explain", "a.test/exact", "--context", "here")
    assert done.returncode == 0, done.stderr
    assert "web_80 = shop/web:80" in done.stdout
    (asked,) = cluster.asked()
    kinds = "ingresses,ingressclasses,services,endpointslices,namespaces,pods,nodes"
    kinds += ",events,persistentvolumeclaims,persistentvolumes,networkpolicies,deployments"
    kinds += ",replicasets,statefulsets,daemonsets,serviceaccounts"
    assert asked == ["get", kinds, "--all-namespaces", "-o", "json", "--context", "here"]
    assert cluster.run("check", "--reach").returncode == 0
    assert cluster.asked()[-1][1] == kinds


def test_pods_and_nodes_are_read_where_they_decide(folder: Path) -> None:
    by_annotation = {**WEB[1], "metadata": {**WEB[1]["metadata"]}}
    by_annotation["metadata"]["annotations"] = {"ingc/backends": "pods"}
    for objects, options, reads in (
        (WEB, ("--backends", "node-port"), True),
        (WEB, ("--backends=host-port",), True),
        (WEB, ("--backends", "load-balancer"), False),
        ([WEB[0], by_annotation], (), True),
        (WEB, (), False),
    ):
        cluster = Cluster(folder, objects)
        cluster.log.unlink(missing_ok=True)
        assert cluster.run("routes", *options).returncode == 0
        assert [call[1] for call in cluster.asked()[1:]] == ["pods,nodes"] * reads


def test_routes_to_pods_need_nodes_alone(folder: Path) -> None:
    cluster = Cluster(folder, WEB)
    assert "the input has no Node" in cluster.run("pod-routes").stderr
    assert [call[1] for call in cluster.asked()] == ["nodes"]
    code = f"import sys; sys.argv[1:] = ['pod-routes']; {PLUGIN}"
    loaded = loaded_by(code, KUBECTL=str(cluster.program))
    assert not {"ingc.compiler", "ingc.engine", "ingc.named"} & loaded


def test_the_other_commands(folder: Path) -> None:
    cluster = Cluster(folder, WEB)
    assert "shop/web:80" in cluster.run("routes", "-n", "shop", "-n", "till").stdout
    asked = [call[2:4] for call in cluster.asked()]
    assert asked == [["-n", "shop"], ["-n", "till"]]
    assert cluster.run("check", "-q").returncode == 0
    assert cluster.run("compile", "-o", "out.conf").returncode == 0
    assert "shop/web" in (folder / "out.conf").read_text("utf-8")
    changed = [ingress("shop/web", rule("a.test", path("/new", "web"))), WEB[1]]
    write(folder, "new.yaml", changed)
    differs = cluster.run("diff", "new.yaml")
    assert differs.returncode == 4
    assert "removed Exact /exact" in differs.stdout
    (folder / "t.ingc").write_text("host a.test\n  / -> shop/web:80\n", "utf-8")
    assert cluster.run("test", "t.ingc").returncode == 0


ROUTES = "routes.route.openshift.io"


def _routes() -> list[Any]:
    tls = {"termination": "edge", "externalCertificate": {"name": "pair"}}
    own = route("own", "r.test", namespace="shop", tls=tls, port={"targetPort": 80})
    tls = {"termination": "reencrypt"}
    inner = route("inner", "i.test", namespace="shop", tls=tls, port={"targetPort": 80})
    return [*TLS, own, inner]


def test_routes_are_read_where_the_api_has_them(folder: Path) -> None:
    cluster = Cluster(folder, _routes(), served=f"other.x\n{ROUTES}")
    done = cluster.run("routes", "-n", "shop", "--context", "here")
    assert "Route/shop/own" in done.stdout, done.stderr
    (found,) = cluster.asked("api-resources")
    group = "--api-group=route.openshift.io"
    assert found == ["api-resources", group, "--output=name", "--context", "here"]
    calls = [call[1:4] for call in cluster.asked()]
    assert [ROUTES, "-n", "shop"] in calls
    assert ["secrets", "-n", "shop"] in calls
    assert ["configmaps", "-n", "shop"] in calls
    assert cluster.asked()[-1][4] == "openshift-service-ca.crt"
    assert cluster.run("pod-routes").returncode == 2
    assert len(cluster.asked("api-resources")) == 1


@pytest.mark.parametrize(
    ("served", "end", "note"),
    [
        ("", "", ""),
        ("", 'sys.exit("error: the server could not find it")', "error: the server could"),
    ],
)
def test_a_cluster_without_routes_is_no_failure(
    folder: Path, served: str, end: str, note: str
) -> None:
    cluster = Cluster(folder, _routes(), served=served, served_end=end)
    done = cluster.run("check", "-q")
    assert done.returncode == 0, done.stderr
    assert note in done.stderr
    assert all(call[1] != ROUTES for call in cluster.asked())


def test_routes_that_may_not_be_read_are_noted(folder: Path) -> None:
    end = f"if kinds == [{ROUTES!r}]: sys.exit('Error: {ROUTES} is forbidden')"
    cluster = Cluster(folder, _routes(), end, served=ROUTES)
    text = cluster.program.read_text("utf-8")
    cluster.program.write_text(
        text.replace("print(json.dumps(dict", end + "\nprint(json.dumps(dict")
    )
    done = cluster.run("routes")
    assert done.returncode == 0
    assert f"note: kubectl: Error: {ROUTES} is forbidden" in done.stderr
    assert "shop/web:80" in done.stdout


def test_only_the_secrets_and_config_maps_that_are_named_are_asked_for(folder: Path) -> None:
    other = {**TLS[1], "metadata": {"name": "other", "namespace": "shop"}}
    settings = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "settings", "namespace": "system"},
        "data": {"hsts": "false"},
    }
    cluster = Cluster(folder, [*TLS, other, settings])
    done = cluster.run("compile", "--configmap", "system/settings", "-d", "out")
    assert done.returncode == 0, done.stderr
    asked = [call[1:5] for call in cluster.asked()[1:]]
    assert asked == [["secrets", "-n", "shop", "pair"], ["configmaps", "-n", "system", "settings"]]
    assert not [file for file in (folder / "out").rglob("*") if "other" in file.name]


def test_a_name_that_no_object_has_never_reaches_kubectl(folder: Path) -> None:
    """An Ingress's author would choose options of kubectl, which runs with somebody's rights."""
    bad = ("--server=https:", "-ojsonpath=x", "web/tls", "a b", "tls,more", "$(id)", "UP", "")
    values = [f"{space}/{name}" for space in ("shop", "--server=https:", "x", "") for name in bad]
    keys = ("auth-secret", "custom-headers", "proxy-ssl-secret", "auth-proxy-set-headers")
    annotations = {f"n{number}/{key}": text for number, text in enumerate(values) for key in keys}
    annotations |= {
        "n/auth-secret": "-f",
        "n/proxy-ssl-secret": "--raw",
        "n/auth-tls-secret": "a/b",
    }
    rules = rule("b.test", path("/b", "web"))
    tls = [{"secretName": name} for name in bad]
    cluster = Cluster(folder, [ingress("a", rules, annotations=annotations, tls=tls)])
    cluster.run("check")
    asked = [call for call in cluster.asked() if call[1] in ("secrets", "configmaps")]
    assert asked == [["get", "secrets", "-n", "a", "b", "--ignore-not-found", "-o", "json"]]


def test_what_kubectl_reports_moves_no_terminal(folder: Path) -> None:
    end = "sys.stderr.buffer.write('denied: \\x1b[31m\\x9b1m\\u202e\\n'.encode()); sys.exit(1)"
    for objects in (WEB, []):
        done = Cluster(folder, objects, end).run("check")
        assert "denied: \\x1b[31m\\x9b1m\\u202e" in done.stderr
        assert not set("\x1b\x9b\u202e") & set(done.stderr)


def test_commands_are_named_as_they_are_typed(folder: Path) -> None:
    done = Cluster(folder, EMPTY).run("routes")
    assert done.stderr.endswith("; kubectl ingc check prints each\n")


def test_what_may_not_be_read_is_said_and_the_rest_is_used(folder: Path) -> None:
    forbidden = 'sys.stderr.write("Error: nodes is forbidden\\n"); sys.exit(1)'
    done = Cluster(folder, WEB, forbidden).run("explain", "http://a.test/")
    assert done.returncode == 0
    assert "note: kubectl: Error: nodes is forbidden\n" in done.stderr
    assert "shop/web:80" in done.stdout


def test_a_kubectl_that_fails(folder: Path) -> None:
    broken = Cluster(folder, [])
    broken.program.write_text("#!/bin/sh\necho 'no cluster' >&2; exit 1\n", "utf-8")
    done = broken.run("routes")
    assert (done.returncode, done.stderr) == (2, "Error: no cluster\n")
    log = 'E1130 12:00:41.389129   10231 memcache.go:265] "Unhandled Error" err="refused"'
    broken.program.write_text(f"#!/bin/sh\necho '{log}' >&2; echo refused >&2; exit 1\n", "utf-8")
    assert broken.run("routes").stderr == "Error: refused\n"
    broken.program.write_text(f"#!/bin/sh\necho '{log}' >&2; exit 1\n", "utf-8")
    assert broken.run("routes").stderr == f"Error: {log}\n"
    missing = plugin(folder, "routes", KUBECTL=str(folder / "none"))
    assert missing.returncode == 2
    assert "none does not run: No such file or directory" in missing.stderr


def test_what_needs_no_cluster(folder: Path) -> None:
    none = str(folder / "none")
    assert "kubectl ingc explain" in plugin(folder, KUBECTL=none).stdout
    assert "ING205" in plugin(folder, "explain-code", "ING205", KUBECTL=none).stdout
    assert "kubectl ingc routes" in plugin(folder, "routes", "--help", KUBECTL=none).stdout
    for command in ("serve", "controller"):
        assert plugin(folder, command, KUBECTL=none).returncode == 2
    assert "did you mean explain?" in plugin(folder, "explian", KUBECTL=none).stderr


def test_a_line_is_taken_apart() -> None:
    typed = ["explain", "-n", "shop", "--as=me", "http://a/", "--namespace=till", "-s"]
    typed += ["https://b", "-i", "--context", "c"]
    assert split(typed) == Call(
        "explain",
        ("http://a/", "-i"),
        ("--as=me", "-s", "https://b", "--context", "c"),
        ("shop", "till"),
    )
    assert split(["routes", "-n", "shop", "-A"]).namespaces == ()


def test_the_real_kubectl(folder: Path) -> None:
    """Against the API server of INGC_TEST_KUBECONFIG, in a namespace of its own."""
    config, kubectl = os.environ.get("INGC_TEST_KUBECONFIG"), shutil.which("kubectl")
    if not config or not kubectl:
        pytest.skip("no kubectl, or INGC_TEST_KUBECONFIG names no cluster that may be written to")
    options = [f"--kubeconfig={config}"]
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "ingc-test"}}
    text = json.dumps({"apiVersion": "v1", "kind": "List", "items": [namespace, *TLS]})
    text = text.replace('"namespace": "shop"', '"namespace": "ingc-test"')
    text = text.replace('"clusterIP": "10.96.0.1"', '"type": "ClusterIP"')
    try:
        subprocess.run([kubectl, *options, "apply", "-f", "-"], input=text.encode(), check=True)
        done = plugin(folder, "explain", "https://tls.test/x", *options, KUBECTL=kubectl)
        assert done.returncode == 0, done.stderr
        assert "ingc-test/web:80" in done.stdout
        listed = plugin(folder, "routes", "-n", "ingc-test", *options, KUBECTL=kubectl)
        assert "ingc-test/web:80" in listed.stdout, listed.stderr
    finally:
        subprocess.run(
            [kubectl, *options, "delete", "--wait=false", "-f", "-"],
            input=text.encode(),
            check=False,
        )
