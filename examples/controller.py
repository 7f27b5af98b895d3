"""An ingress controller: objects of a cluster in, a running nginx out.

    pip install 'ingc[controller,nginx]'
    python examples/controller.py --folder run --http-port 8080 --address 192.0.2.1

For authors of controllers of their own, explained in docs/library.md. The one to use is
`ingc controller`: it has replicas, health and metrics, and reads no Secret that nobody names.
"""

import argparse
import asyncio
import signal
from datetime import UTC, datetime
from typing import Any

import httpx2
from lightkube import AsyncClient
from lightkube.models.core_v1 import ObjectReference
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import ConfigMap, Secret, Service
from lightkube.resources.discovery_v1 import EndpointSlice
from lightkube.resources.events_v1 import Event
from lightkube.resources.networking_v1 import Ingress, IngressClass
from lightkube.types import PatchType

import ingc

KINDS = (Ingress, IngressClass, Service, EndpointSlice, Secret, ConfigMap)
Batch = dict[ingc.ObjectKey, Any]
"""Changed objects; ``None``: it is gone."""


async def follow(
    client: AsyncClient, kind: Any, changes: asyncio.Queue[Batch], listed: asyncio.Event
) -> None:
    """List a kind and watch it from there; after any failure list it again."""
    known: set[ingc.ObjectKey] = set()
    everywhere: dict[str, Any] = {} if kind is IngressClass else {"namespace": "*"}

    def key_of(item: Any) -> ingc.ObjectKey:
        return ingc.ObjectKey(kind.__name__, item.metadata.namespace or "", item.metadata.name)

    while True:
        try:
            listing = client.list(kind, **everywhere)
            there = {key_of(item): item async for item in listing}
            await changes.put(dict.fromkeys(known - there.keys()) | there)
            known = set(there)
            listed.set()
            version = listing.resourceVersion
            async for what, item in client.watch(kind, resource_version=version, **everywhere):
                known.add(key := key_of(item))
                await changes.put({key: None if what == "DELETED" else item})
        except httpx2.HTTPError as error:
            print(f"{kind.__name__}: {error}")
            await asyncio.sleep(1)


async def gather(changes: asyncio.Queue[Batch]) -> Batch:
    """Return what has changed; what comes within a moment is compiled together."""
    batch = await changes.get()
    await asyncio.sleep(0.2)
    while not changes.empty():
        batch |= changes.get_nowait()
    return batch


def roll_out(compiler: ingc.Compiler, nginx: ingc.Nginx, batch: Batch) -> ingc.Result | None:
    """Compile, prove, test and serve; return what is served now. Runs in a thread."""
    change = compiler.apply(
        upserts=[item for item in batch.values() if item is not None],
        deletes=[key for key, item in batch.items() if item is None],
    )
    try:
        if change.reload or not nginx.alive:
            change.result.write(nginx.folder, tested_by=nginx)
            nginx.reload() if nginx.alive else nginx.start()
    except (ingc.NotWritten, ingc.NginxError) as error:
        print(f"what was served before is served on: {error}")
        return None
    return change.result


async def report(
    client: AsyncClient, address: str, result: ingc.Result, reported: set[object]
) -> None:
    """Write what became of the objects into statuses and Events, each once."""
    status = {"status": {"loadBalancer": {"ingress": [{"ip": address}]}}}
    for item in result.ingresses:
        if item.state == "taken" and item.uid not in reported:
            await client.patch(
                Ingress.Status,
                item.name,
                status,
                namespace=item.namespace,
                patch_type=PatchType.MERGE,
            )
            reported.add(item.uid)
    for of in result.events:
        for event in of.events:
            if (cause := (*of.reference.values(), event)) not in reported:
                await client.create(event_of(of.reference, event))
                reported.add(cause)


def event_of(reference: Any, event: ingc.IngressEvent) -> Event:
    """Return a finding as the API wants it."""
    return Event(
        metadata=ObjectMeta(
            generateName=f"{reference['name'][:200]}-",
            namespace=reference.get("namespace", "default"),
        ),
        regarding=ObjectReference(**reference),
        type=event.type,
        reason=event.reason,
        note=event.message,
        action="Compile",
        eventTime=datetime.now(UTC),
        reportingController="example",
        reportingInstance="example-1",
    )


async def serve(client: AsyncClient, nginx: ingc.Nginx, http_port: int, address: str) -> None:
    """Follow the cluster until cancelled."""
    options = ingc.Options(http_port=http_port, nginx_version=nginx.version)
    compiler = ingc.Compiler(options, on_error="isolate")
    changes: asyncio.Queue[Batch] = asyncio.Queue()
    reported: set[object] = set()
    async with asyncio.TaskGroup() as following:
        listed = [asyncio.Event() for _ in KINDS]
        for kind, event in zip(KINDS, listed, strict=True):
            following.create_task(follow(client, kind, changes, event))
        for event in listed:
            await event.wait()
        while True:
            batch = await gather(changes)
            result = await asyncio.to_thread(roll_out, compiler, nginx, batch)
            try:
                if result is not None:
                    await report(client, address, result, reported)
            except httpx2.HTTPError as error:
                print(f"not reported: {error}")


async def main() -> None:
    """Serve until SIGTERM, then let requests under way end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", required=True)
    parser.add_argument("--http-port", type=int, default=80)
    parser.add_argument("--address", required=True)
    given = parser.parse_args()
    nginx = ingc.Nginx(given.folder)
    async with AsyncClient() as client:
        serving = asyncio.create_task(serve(client, nginx, given.http_port, given.address))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
        await asyncio.wait([serving])
    await asyncio.to_thread(nginx.drain, 10)
    if not serving.cancelled():
        serving.result()  # It ends by an error alone.


if __name__ == "__main__":
    asyncio.run(main())
