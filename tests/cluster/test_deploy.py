"""`deploy/` on a real API server: taken as it is, it grants what is used and nothing else."""

from __future__ import annotations

import asyncio
import copy
import json
import tomllib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from importlib.metadata import requires
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import ingc
from ingc.controller.addresses import Publishing
from ingc.controller.client import KubeApi
from ingc.controller.lease import Lease
from ingc.controller.loop import ControlLoop
from ingc.controller.options import ControllerOptions
from ingc.controller.reporting import Reporter
from ingc.controller.rollout import Outcome
from tests import objects
from tests.cluster.kit import Cluster
from tests.controller.compiling import Compiling

FOLDER = Path(__file__).parents[2] / "deploy"
MANIFESTS = sorted(FOLDER.glob("*.yaml"))
EVERYWHERE = FOLDER / "2-rbac.yaml"
IN_ONE = FOLDER / "one-namespace" / "rbac.yaml"
ACCOUNT = "system:serviceaccount:ingc:ingc"
LIMIT = 30.0
"""Seconds; a machine that does other things too is slow."""


class Right(NamedTuple):
    """What may be done, or was."""

    verb: str
    group: str
    resource: str
    """With its subresource: ``ingresses/status``."""
    where: str
    """A namespace; empty: anywhere."""
    name: str
    """Of the one object; empty: any."""


def deployed(*paths: Path) -> list[Mapping[str, Any]]:
    """Return the objects of manifests; of all that are applied together, where none is given."""
    return [item for path in paths or MANIFESTS for item in yaml.safe_load_all(path.read_text())]


def of_kind(kind: str) -> Mapping[str, Any]:
    """Return the only object of a kind."""
    (found,) = (item for item in deployed() if item["kind"] == kind)
    return found


def granted(path: Path) -> set[Right]:
    """Return what the Roles of a manifest grant."""
    roles = [item for item in deployed(path) if item["kind"] in {"ClusterRole", "Role"}]
    return {
        Right(verb, group, resource, role["metadata"].get("namespace", ""), name)
        for role in roles
        for rule in role["rules"]
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
        for name in rule.get("resourceNames", [""])
    }


class Recording(KubeApi):
    """An API server, with what was requested of it."""

    def __init__(self, *given: Any) -> None:
        """Record nothing yet."""
        super().__init__(*given)
        self.used: set[tuple[str, str, str, str, str]] = set()

    async def request(self, method: str, path: str, **given: Any) -> Any:
        """Record, and ask."""
        group, namespace, resource, name = parts_of(path)
        verb = {"GET": "get" if name else "list", "POST": "create", "PUT": "update"}
        self.used.add((verb.get(method, method.lower()), group, resource, namespace, name))
        return await super().request(method, path, **given)

    async def watch(
        self, path: str, params: Mapping[str, str], **given: Any
    ) -> AsyncIterator[Mapping[str, Any]]:
        """Record, and watch."""
        group, namespace, resource, name = parts_of(path)
        self.used.add(("watch", group, resource, namespace, name))
        async with aclosing(super().watch(path, params, **given)) as events:  # type: ignore[type-var]
            async for event in events:
                yield event


def parts_of(path: str) -> tuple[str, str, str, str]:
    """Return group, namespace, resource with subresource, and name of a path of the API."""
    root, *parts = path.strip("/").split("/")
    group = parts.pop(0) if root == "apis" else ""
    del parts[0]
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 2:
        namespace, parts = parts[1], parts[2:]
    resource, name, *sub = [*parts, ""][:2] + parts[2:]
    return group, namespace, "/".join([resource, *sub]), name


def is_use(right: Right, used: tuple[str, str, str, str, str]) -> bool:
    """Return whether a request needs a right, and is what it is there for."""
    verb, group, resource, namespace, name = used
    if (verb, group, resource) != right[:3] or right.name not in {"", name}:
        return False
    return right.where in {"", namespace}


@pytest.fixture(scope="module")
def applied(cluster: Cluster) -> Iterator[Cluster]:
    """The cluster with the manifests, and a user ``ingc`` who is their ServiceAccount."""
    for path in MANIFESTS:
        text = cluster.kubectl("apply", "--validate=strict", "-f", str(path))
        assert "Warning" not in text
    yield cluster
    cluster.kubectl("delete", "-f", str(FOLDER), "--wait=false", "--ignore-not-found")


def test_applied_in_one_command_and_again_it_starts_no_pod_anew(applied: Cluster) -> None:
    def generation() -> str:
        path = "-o=jsonpath={.metadata.generation}"
        return applied.kubectl("get", "deployment", "ingc", "-n", "ingc", path)

    before = generation()
    text = applied.kubectl("apply", "-f", str(FOLDER))
    assert len(text.splitlines()) == len(deployed())
    assert generation() == before


def pods(*names: str) -> list[dict[str, Any]]:
    """Return Pods as the Deployment makes them, which run and are ready."""
    template = of_kind("Deployment")["spec"]["template"]
    made = []
    for name in names:
        pod = {**copy.deepcopy(dict(template)), "apiVersion": "v1", "kind": "Pod"}
        pod["metadata"] |= {"name": name, "namespace": "ingc"}
        made.append(pod)
    return made


def test_its_pods_are_taken_by_the_strictest_profile(applied: Cluster) -> None:
    applied.kubectl("apply", "--dry-run=server", "-f", "-", given=json.dumps(pods("own")[0]))
    loose = pods("own")[0]
    del loose["spec"]["containers"][0]["securityContext"]
    with pytest.raises(AssertionError, match="violates PodSecurity"):
        applied.kubectl("apply", "--dry-run=server", "-f", "-", given=json.dumps(loose))


def test_ports_and_selectors_meet(applied: Cluster) -> None:
    deployment, service = of_kind("Deployment"), of_kind("Service")
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    ports = {port["name"]: port["containerPort"] for port in container["ports"]}
    assert {port["targetPort"] for port in service["spec"]["ports"]} < ports.keys()
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    for selector in (
        service["spec"]["selector"],
        deployment["spec"]["selector"]["matchLabels"],
        of_kind("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    arguments = dict(item[2:].partition("=")[::2] for item in container["args"][1:])
    assert arguments["ingress-class"] == of_kind("IngressClass")["metadata"]["name"]
    assert arguments["controller-class"] == of_kind("IngressClass")["spec"]["controller"]
    assert (arguments["http-port"], arguments["https-port"]) == ("8080", "8443")
    meta = service["metadata"]
    assert arguments["publish-service"] == f"{meta['namespace']}/{meta['name']}"


def fill(cluster: Cluster, namespace: str) -> None:
    """Apply Ingresses that need each right: one taken, with a Secret; one with a finding."""
    meta = {"name": "users", "namespace": namespace}
    users = {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"auth": "a:b"}}
    annotations = {"auth-type": "basic", "auth-secret": "users"}
    taken = objects.ingress(
        "taken",
        objects.rule("taken.test", objects.path("/", "web")),
        namespace=namespace,
        class_name="ingc",
        annotations={f"nginx.ingress.kubernetes.io/{k}": v for k, v in annotations.items()},
    )
    bad = objects.ingress(
        "bad",
        objects.rule("bad.test", objects.path("/", "none")),
        namespace=namespace,
        class_name="ingc",
    )
    settings = {"apiVersion": "v1", "kind": "ConfigMap", "data": {"proxy-body-size": "8m"}}
    settings["metadata"] = {"name": "settings", "namespace": namespace}
    web = objects.service("web", {"port": 80}, namespace=namespace)
    cluster.apply(users, settings, web, taken, bad)
    balanced = {"status": {"loadBalancer": {"ingress": [{"ip": "192.0.2.1"}]}}}
    patch = ("patch", "service", "ingc", "-n", "ingc", "--subresource=status", "-p")
    cluster.kubectl(*patch, json.dumps(balanced))
    for pod in pods("own", "second"):
        cluster.kubectl("apply", "-f", "-", given=json.dumps(pod))


async def run_everything(api: Recording, namespace: str, namespaces: tuple[str, ...]) -> None:
    """Start and end a controller twice, as two replicas one after the other."""
    options = ingc.Options(
        ingress_class=("ingc",),
        controller_class="ingc/controller",
        configmap=f"{namespace}/settings",
    )
    publishing = Publishing(publish_service="ingc/ingc", pod="ingc/own")
    for identity in ("one", "two"):
        rollout, lease, now = Compiling(options), Lease(api, "ingc/ingc", identity), [1000.0]
        reporter = Reporter(
            api,
            publishing,
            lease,
            manager="ingc ingc/ingc",
            instance=identity,
            namespaces=namespaces,
            clock=lambda now=now: now[0],  # type: ignore[misc]
        )
        reported = asyncio.Event()

        async def report(
            outcome: Outcome, reporter: Reporter = reporter, reported: asyncio.Event = reported
        ) -> None:
            await reporter.report(outcome)
            reported.set()

        found = ControlLoop(
            ControllerOptions(compile=options, folder=Path("unused"), namespaces=namespaces),
            api,
            rollout,
            report=report,
        )
        stop = asyncio.Event()
        running = asyncio.create_task(found.run(stop))
        await asyncio.wait_for(reported.wait(), LIMIT)
        assert {"taken.test", "bad.test"} <= rollout.routes
        assert await lease.attempt()
        assert await reporter.round()
        assert await lease.attempt()
        now[0] += 1800
        assert await reporter.round()
        stop.set()
        await running
        await reporter.stop()
        await lease.release()


def check_rights(cluster: Cluster, path: Path, namespace: str, *namespaces: str) -> None:
    """Run a controller with the rights of a manifest; it needs each of them and no other."""
    cluster.users["ingc"] = cluster.kubectl("create", "token", "ingc", "-n", "ingc").strip()
    cluster.kubectl("delete", "lease", "ingc", "-n", "ingc", "--ignore-not-found")
    fill(cluster, namespace)
    api = Recording.from_config(cluster.kubeconfig("ingc"))

    async def go() -> None:
        try:
            await run_everything(api, namespace, namespaces)
        finally:
            await api.aclose()

    asyncio.run(go())
    rights = granted(path)
    unused = {right for right in rights if not any(is_use(right, used) for used in api.used)}
    assert unused == set()
    refused = {used for used in api.used if not any(is_use(right, used) for right in rights)}
    assert refused == set()
    # The last replica took the addresses out again.
    assert "192.0.2.1" not in cluster.kubectl("get", "ingress", "-n", namespace)
    described = cluster.kubectl("describe", "ingress", "bad", "-n", namespace)
    assert "ServiceNotInInput" in described
    assert "nginx serves 1 route" in cluster.kubectl("describe", "ingress", "-n", namespace)


def words_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what was logged that is more than information."""
    return [item.getMessage() for item in caplog.records if item.levelname != "INFO"]


def test_what_is_granted_is_what_is_used(
    applied: Cluster, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    check_rights(applied, EVERYWHERE, namespace)
    assert words_of(caplog) == []


@pytest.mark.parametrize(
    ("verb", "what"),
    [
        ("update", "ingresses"),
        ("delete", "ingresses"),
        ("update", "secrets"),
        ("create", "pods"),
        ("get", "pods"),
        ("get", "nodes"),
        ("list", "namespaces"),
        ("get", "leases.coordination.k8s.io"),
        ("list", "events.events.k8s.io"),
        ("create", "serviceaccounts/token"),
        ("escalate", "clusterroles"),
    ],
)
def test_what_it_may_not_do(applied: Cluster, verb: str, what: str) -> None:
    asked = ["auth", "can-i", verb, what, "-n", "default", "--as", ACCOUNT]
    with pytest.raises(AssertionError):
        applied.kubectl(*asked)


def test_the_image_starts_what_the_deployment_names() -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    user = next(line for line in lines if line.startswith("USER ")).removeprefix("USER ")
    security = of_kind("Deployment")["spec"]["template"]["spec"]["securityContext"]
    assert user == f"{security['runAsUser']}:{security['runAsGroup']}"
    assert f"ingc:{ingc.__version__}" in lines[0]
    (container,) = of_kind("Deployment")["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"ingc:{ingc.__version__}"


def needed() -> dict[str, list[Requirement]]:
    """Return what is installed with ``ingc[controller]``, and what is demanded of each."""
    project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text())["project"]
    own = [*project["dependencies"], *project["optional-dependencies"]["controller"]]
    waiting = list(map(Requirement, own))
    found: dict[str, list[Requirement]] = {}
    while waiting:
        item = waiting.pop()
        name = canonicalize_name(item.name)
        known = found.setdefault(name, [])
        if str(item) in map(str, known):
            continue
        known.append(item)
        # As in the image: Python 3.11 of Debian.
        python = {"python_version": "3.11", "python_full_version": "3.11.2"}
        places = [python | {"extra": extra} for extra in ("", *item.extras)]
        for one in map(Requirement, requires(name) or ()):
            if one.marker is None or any(map(one.marker.evaluate, places)):
                waiting.append(one)
    return found


def test_the_image_has_versions_that_were_tried() -> None:
    lines = (FOLDER / "constraints.txt").read_text().splitlines()
    pinned = dict(line.split("==") for line in lines if not line.startswith("#"))
    demanded = needed()
    assert pinned.keys() == demanded.keys()
    for name, items in demanded.items():
        assert all(item.specifier.contains(pinned[name]) for item in items), name
    assert "--constraint /source/deploy/constraints.txt" in (FOLDER / "Dockerfile").read_text()


def test_its_end_has_the_time_that_it_takes() -> None:
    pod = of_kind("Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    given = dict(item[2:].partition("=")[::2] for item in container["args"][1:])
    wait, drain = float(given["shutdown-wait"]), float(given["drain"])
    assert wait >= 10, "a load balancer has to notice that it is not ready"
    assert pod["terminationGracePeriodSeconds"] >= wait + drain + 30


def test_what_is_granted_in_one_namespace_is_what_is_used(
    applied: Cluster, caplog: pytest.LogCaptureFixture
) -> None:
    applied.kubectl("delete", "-f", str(EVERYWHERE))
    for name in ("shop", "other"):
        applied.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
    applied.kubectl("apply", "--validate=strict", "-f", str(IN_ONE))
    check_rights(applied, IN_ONE, "shop", "shop")
    assert words_of(caplog) == []
    for what in ("ingresses", "secrets", "services"):
        with pytest.raises(AssertionError):
            applied.kubectl("auth", "can-i", "list", what, "-n", "other", "--as", ACCOUNT)
    applied.kubectl("delete", "-f", str(IN_ONE))
