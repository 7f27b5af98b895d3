"""Values of the Helm chart are read as the chart reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingc.migrate.flag_table import Becomes
from tests.cli.run import inside
from tests.migrate.reports import report_of

VALUES = """\
controller:
  config:
    use-gzip: "true"
    proxy-body-size: 16m
    hsts: false
  extraArgs:
    default-ssl-certificate: ingress-nginx/wildcard
    enable-ssl-passthrough: ""
  ingressClassResource:
    name: internal
    controllerValue: example.com/internal
  watchIngressWithoutClass: true
  scope:
    enabled: true
    namespace: shop
  allowSnippetAnnotations: true
  publishService: {enabled: true}
  metrics: {enabled: false}
  replicaCount: 3
  maxmindLicenseKey: abcdef
tcp:
  "5432": shop/db:5432
defaultBackend:
  enabled: true
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: internal
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""


def test_values_become_flags_and_config_maps() -> None:
    found = report_of(f"{VALUES}---\n{INGRESS}")
    (table,) = found.controllers
    assert table.name == "Helm values all.yaml"
    rows = {item.name: (item.becomes, item.instead) for item in table.settings}
    name = "ingress-nginx/ingress-nginx"
    assert rows == {
        "controller.config": (Becomes.KEPT, f"--configmap {name}-controller"),
        "controller.ingressClassResource.controllerValue": (
            Becomes.KEPT,
            "--controller-class example.com/internal",
        ),
        "controller.ingressClassResource.name": (Becomes.NOT_NEEDED, ""),
        "controller.watchIngressWithoutClass": (Becomes.KEPT, "--watch-ingress-without-class"),
        "controller.scope.enabled": (Becomes.KEPT, "--watch-namespace shop"),
        "controller.allowSnippetAnnotations": (Becomes.NOT_NEEDED, ""),
        "controller.publishService.enabled": (Becomes.NO_EQUIVALENT, ""),
        "controller.metrics.enabled": (Becomes.NO_EFFECT, ""),
        "controller.maxmindLicenseKey": (Becomes.NO_EQUIVALENT, ""),
        "tcp": (Becomes.KEPT, f"--tcp-services-configmap {name}-tcp"),
        "defaultBackend.enabled": (
            Becomes.KEPT,
            f"--default-backend-service {name}-defaultbackend",
        ),
        "controller.extraArgs.default-ssl-certificate": (
            Becomes.KEPT,
            "--default-ssl-certificate ingress-nginx/wildcard",
        ),
        "controller.extraArgs.enable-ssl-passthrough": (Becomes.KEPT, "--enable-ssl-passthrough"),
        "controller.replicaCount": (Becomes.NOT_NEEDED, ""),
    }
    lines = {item.name: item.spot.line for item in table.settings}
    assert (lines["controller.config"], lines["controller.replicaCount"]) == (2, 19)
    assert "abcdef" not in repr(found)
    assert [item.name for item in found.ingresses] == ["shop/web"]


def test_the_keys_of_values_have_their_places() -> None:
    found = report_of(f"{VALUES}---\n{INGRESS}")
    settings, ports = found.config_maps
    assert [(item.name, item.value, item.spot.line) for item in settings.settings] == [
        ("use-gzip", "true", 3),
        ("proxy-body-size", "16m", 4),
        ("hsts", "false", 5),
    ]
    assert [(item.name, item.spot.line) for item in ports.settings] == [("5432", 22)]


def test_values_below_a_chart_that_has_it_and_in_a_release_of_flux() -> None:
    inner = "".join(f"  {line}\n" for line in VALUES.splitlines())
    assert report_of(f"ingress-nginx:\n{inner}---\n{INGRESS}").controllers
    head = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: x}\nspec:\n"
    release = head + "  values:\n" + "".join(f"    {line}\n" for line in VALUES.splitlines())
    found = report_of(f"{release}---\n{INGRESS}")
    assert found.controllers
    assert found.controllers[0].settings[0].spot.line == 7


@pytest.mark.parametrize(
    "head",
    [
        "apiVersion: helm.cattle.io/v1\nkind: HelmChartConfig\nmetadata: {name: x}\nspec:\n"
        "  valuesContent: |\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n"
        "  source:\n   helm:\n    values: |\n",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: x}\nspec:\n"
        "  source:\n   helm:\n    valuesObject:\n",
    ],
)
def test_values_in_objects_of_other_tools(head: str) -> None:
    inner = "".join(f"      {line}\n" for line in VALUES.splitlines())
    found = report_of(f"{head}{inner}---\n{INGRESS}")
    (table,) = found.controllers
    assert "--controller-class example.com/internal" in found.command
    assert all(item.spot.line >= 5 for item in table.settings)


def test_a_deployment_comes_before_values() -> None:
    deployment = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: c, namespace: own}
spec:
  template:
    spec:
      containers:
      - {name: c, image: ingress-nginx/controller, args: [--http-port=8080]}
"""
    found = report_of(f"{VALUES}---{deployment}---\n{INGRESS}")
    assert [table.name for table in found.controllers] == [
        "Deployment own/c",
        "Helm values all.yaml",
    ]
    assert "--http-port 8080" in found.command
    assert "ssl-passthrough" not in found.command


def test_what_stands_in_values_alone_is_said(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(VALUES, encoding="utf-8")
    (tmp_path / "web.yaml").write_text(INGRESS, encoding="utf-8")
    done = inside("migrate", "web.yaml", "values.yaml", cwd=tmp_path)
    assert (
        "ConfigMap ingress-nginx/ingress-nginx-controller stands in Helm values alone" in done.out
    )
    assert "ingc compile web.yaml -d out" in done.out


def test_any_form_of_a_value_is_read() -> None:
    for value in ("[]", "3", "{a: [1]}", "null", "text", "true"):
        text = VALUES.replace("16m", value).replace("3\n", f"{value}\n")
        for key in ("config", "extraArgs", "scope", "ingressClassResource", "metrics"):
            odd = f"controller: {{{key}: {value}, replicaCount: {value}}}\ntcp: {value}\n"
            assert report_of(f"{odd}---\n{INGRESS}").command
        assert report_of(f"{text}---\n{INGRESS}").command


def test_values_in_a_folder_are_found(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text(VALUES, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("some: {thing: 1}\n", encoding="utf-8")
    (tmp_path / "web.yaml").write_text(INGRESS, encoding="utf-8")
    done = inside("migrate", ".", cwd=tmp_path)
    assert "Helm values values.yaml" in done.out
    assert "other.yaml" in done.out  # passed over, and said
