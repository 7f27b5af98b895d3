"""The controller's line reads a real API server, and follows it through its faults."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import ingc
from ingc.controller.api import JSON, METADATA, METADATA_LIST, ApiError
from ingc.controller.client import KubeApi
from ingc.controller.loop import ControlLoop
from ingc.controller.options import ControllerOptions, GatheringTimes
from ingc.controller.rollout import Outcome
from tests import objects
from tests.cluster.kit import Cluster
from tests.controller.compiling import Compiling
from tests.controller.test_watching import until

LIMIT = 20.0
"""Seconds; a machine that does other things too is slow."""


class Recorded:
    """A real API, whose requests are noted, and which can be cut off."""

    def __init__(self, api: KubeApi) -> None:
        self._api = api
        self.requests: list[tuple[str, Mapping[str, str], str]] = []
        self.watches: list[tuple[str, str]] = []
        self.errors: list[ApiError] = []
        self.cut = asyncio.Event()

    async def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Any:
        self.requests.append((path, params or {}, accept))
        given = {"params": params, "body": body, "content_type": content_type, "accept": accept}
        return await self._noted(self._api.request(method, path, **given))

    async def watch(
        self, path: str, params: Mapping[str, str], *, accept: str = JSON
    ) -> AsyncGenerator[Mapping[str, Any], None]:
        self.watches.append((path, accept))
        stream = self._api.watch(path, params, accept=accept)
        try:
            while True:
                yield await self._noted(anext(stream))
        except StopAsyncIteration:
            return
        finally:
            await stream.aclose()  # type: ignore[attr-defined]

    async def _noted(self, answer: Any) -> Any:
        """Return an answer, or what is raised where the line is cut before it comes."""
        asked, cut = asyncio.ensure_future(answer), asyncio.ensure_future(self.cut.wait())
        try:
            await asyncio.wait({asked, cut}, return_when=asyncio.FIRST_COMPLETED)
            if not asked.done() or self.cut.is_set():
                raise ApiError(0, "Cut")
            return asked.result()
        except ApiError as error:
            self.errors.append(error)
            raise
        finally:
            asked.cancel()
            cut.cancel()
            await asyncio.wait({asked, cut})


@asynccontextmanager
async def controlled(kubeconfig: Path, namespace: str, **given: Any) -> Any:
    """Run the line with a rollout that compiles."""
    api = KubeApi.from_config(kubeconfig)
    recorded = Recorded(api)
    times = GatheringTimes(endpoints_quiet=0.2)
    compiled = ingc.Options(**given.pop("compile", {}))
    given.setdefault("namespaces", (namespace,))
    options = ControllerOptions(compile=compiled, folder=Path("/nowhere"), times=times, **given)
    rollout = Compiling(compiled)

    async def report(_outcome: Outcome) -> None:
        pass

    stop = asyncio.Event()
    controller = ControlLoop(options, recorded, rollout, report=report)
    task = asyncio.create_task(controller.run(stop))
    try:
        yield controller, rollout, recorded
    finally:
        stop.set()
        await asyncio.wait_for(task, 10)
        await api.aclose()


def shop(namespace: str, name: str, *secrets: str) -> dict[str, Any]:
    rules = objects.rule(f"{name}.{namespace}.test", objects.path("/", "web"))
    given = objects.ingress(name, rules, namespace=namespace)
    given["spec"]["tls"] = [{"hosts": [], "secretName": secret} for secret in secrets]
    return given


def secret(namespace: str, name: str, value: str = "x") -> dict[str, Any]:
    meta = {"namespace": namespace, "name": name}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": {"a": value}}


def hosts(rollout: Compiling) -> set[str]:
    return {host.split(".")[0] for host in rollout.routes}


def test_what_kubectl_applies_is_compiled_and_what_it_deletes_goes(
    cluster: Cluster, namespace: str
) -> None:
    async def run() -> None:
        many = [shop(namespace, f"web{number}") for number in range(25)]
        await asyncio.to_thread(cluster.apply, *many)
        async with controlled(cluster.kubeconfig(), namespace, chunk=10) as found:
            controller, rollout, recorded = found
            await until(lambda: len(rollout.routes) == 25, LIMIT)
            assert controller.synced
            assert rollout.did.count("apply") == 1
            pages = [params for path, params, _ in recorded.requests if path.endswith("ingresses")]
            assert len(pages) == 3
            assert all(params["limit"] == "10" for params in pages)
            await asyncio.to_thread(cluster.apply, shop(namespace, "new"))
            await until(lambda: "new" in hosts(rollout), LIMIT)
            await asyncio.to_thread(
                cluster.kubectl, "delete", "ingress", "-n", namespace, "web3", "new"
            )
            await until(lambda: len(rollout.routes) == 24, LIMIT)
            assert recorded.errors == []
            (key, given) = next(iter(rollout.compiler.objects.items()))
            assert key.kind == given["kind"] == "Ingress"
            assert "managedFields" not in given["metadata"]

    asyncio.run(run())


def test_secrets_are_read_when_they_are_named_and_else_never(
    cluster: Cluster, namespace: str
) -> None:
    async def run() -> None:
        await asyncio.to_thread(
            cluster.apply,
            *(secret(namespace, name) for name in ("named", "other", "later")),
            shop(namespace, "web", "named"),
        )
        async with controlled(cluster.kubeconfig(), namespace) as (_, rollout, recorded):

            def held() -> dict[str, str]:
                found = rollout.compiler.objects.items()
                return {key.name: item["data"]["a"] for key, item in found if key.kind == "Secret"}

            await until(lambda: held() == {"named": "eA=="}, LIMIT)
            await asyncio.to_thread(
                cluster.apply, secret(namespace, "other", "y"), shop(namespace, "second", "later")
            )
            await until(lambda: held() == {"named": "eA==", "later": "eA=="}, LIMIT)
            await asyncio.to_thread(cluster.apply, secret(namespace, "named", "y"))
            await until(lambda: held()["named"] == "eQ==", LIMIT)
            await asyncio.to_thread(
                cluster.kubectl, "delete", "secret", "-n", namespace, "later", "other"
            )
            await until(lambda: held() == {"named": "eQ=="}, LIMIT)
            of_secrets = [item for item in recorded.requests if "/secrets" in item[0]]
            whole = [path.rpartition("/")[2] for path, _, accept in of_secrets if accept == JSON]
            assert sorted(whole) == ["later", "named", "named"]
            assert {accept for _, _, accept in of_secrets} == {JSON, METADATA_LIST}
            assert {a for path, a in recorded.watches if path.endswith("secrets")} == {METADATA}

    asyncio.run(run())


def test_an_api_server_that_is_started_again_is_followed_again(
    cluster: Cluster, namespace: str
) -> None:
    async def run() -> None:
        await asyncio.to_thread(cluster.apply, shop(namespace, "web"))
        async with controlled(cluster.kubeconfig(), namespace) as (controller, rollout, recorded):
            await until(lambda: hosts(rollout) == {"web"}, LIMIT)
            await asyncio.to_thread(cluster.stop_api, kill=True)
            await until(lambda: len(controller.notes) >= 3, LIMIT)
            assert hosts(rollout) == {"web"}, "what is gone from sight is not gone"
            await asyncio.to_thread(cluster.start_api)
            await asyncio.to_thread(cluster.apply, shop(namespace, "after"))
            await until(lambda: hosts(rollout) == {"web", "after"}, 2 * LIMIT)
            await until(lambda: not controller.notes, 2 * LIMIT)
            assert any(error.status == 0 for error in recorded.errors)

    asyncio.run(run())


def test_what_etcd_has_forgotten_is_listed_again(cluster: Cluster, namespace: str) -> None:
    """The API server keeps a window of changes itself, so it is started again, too."""

    async def run() -> None:
        await asyncio.to_thread(cluster.apply, shop(namespace, "web"), shop(namespace, "gone"))
        async with controlled(cluster.kubeconfig(), namespace) as (_, rollout, recorded):
            await until(lambda: hosts(rollout) == {"web", "gone"}, LIMIT)
            recorded.cut.set()
            await asyncio.to_thread(cluster.kubectl, "delete", "ingress", "-n", namespace, "gone")
            await asyncio.to_thread(cluster.apply, shop(namespace, "new"))
            await asyncio.to_thread(cluster.stop_api, kill=True)
            await asyncio.to_thread(cluster.compact)
            await asyncio.to_thread(cluster.start_api)
            recorded.errors.clear()
            recorded.cut.clear()
            await until(lambda: hosts(rollout) == {"web", "new"}, 2 * LIMIT)
            assert any(error.status == 410 for error in recorded.errors)

    asyncio.run(run())


def test_a_list_whose_rest_etcd_has_forgotten_is_read_whole(
    cluster: Cluster, namespace: str
) -> None:
    async def run() -> None:
        many = [shop(namespace, f"web{number}") for number in range(25)]
        await asyncio.to_thread(cluster.apply, *many)
        asking = KubeApi.request

        async def forgetful(api: KubeApi, method: str, path: str, **given: Any) -> Any:
            if "continue" in (given.get("params") or {}):
                # The API server has copies of its own, until it is started again.
                await asyncio.to_thread(cluster.apply, secret(namespace, "new"))
                await asyncio.to_thread(cluster.stop_api, kill=True)
                await asyncio.to_thread(cluster.compact)
                await asyncio.to_thread(cluster.start_api)
            return await asking(api, method, path, **given)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(KubeApi, "request", forgetful)
            async with controlled(cluster.kubeconfig(), namespace, chunk=10) as found:
                _, rollout, recorded = found
                await until(lambda: len(rollout.routes) == 25, 2 * LIMIT)
                assert 410 in {error.status for error in recorded.errors}
                asked = recorded.requests
                lists = [given for path, given, _ in asked if path.endswith("/ingresses")]
                assert [given.get("limit") for given in lists] == ["10", "10", None]

    asyncio.run(run())


def test_rights_in_one_namespace_are_enough_for_that_one(cluster: Cluster, namespace: str) -> None:
    groups = ["", "networking.k8s.io", "discovery.k8s.io"]
    rule = {"apiGroups": groups, "resources": ["*"], "verbs": ["get", "list", "watch"]}
    meta = {"namespace": namespace, "name": "reader"}
    rbac = "rbac.authorization.k8s.io"
    role = {"apiVersion": f"{rbac}/v1", "kind": "Role", "metadata": meta, "rules": [rule]}
    binding = {
        "apiVersion": f"{rbac}/v1",
        "kind": "RoleBinding",
        "metadata": meta,
        "roleRef": {"apiGroup": rbac, "kind": "Role", "name": "reader"},
        "subjects": [{"apiGroup": rbac, "kind": "User", "name": "limited"}],
    }

    async def run() -> None:
        await asyncio.to_thread(cluster.apply, role, binding, shop(namespace, "web"))
        limited = cluster.kubeconfig("limited")
        async with controlled(limited, namespace) as (controller, rollout, _):
            await until(lambda: hosts(rollout) == {"web"}, LIMIT)
            assert controller.synced
        async with controlled(limited, namespace, namespaces=()) as (controller, rollout, _):
            await until(lambda: len(controller.notes) == 6, LIMIT)
            assert not controller.synced
            assert rollout.did == ["start"]
            note = next(
                item for item in controller.notes if item.startswith("secrets can't be read: ")
            )
            assert 'User "limited" cannot list resource' in note

    asyncio.run(run())
