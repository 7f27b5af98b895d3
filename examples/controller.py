"""An ingress controller: objects of a cluster in, a running nginx out.

    pip install 'ingc[controller,nginx]'
    python examples/controller.py FOLDER PORT ADDRESS

nginx runs in FOLDER and listens on PORT; ADDRESS is where clients reach it. For authors of
controllers of their own, explained in docs/library.md. The one to use is `ingc controller`: it has
replicas, health and metrics, and reads no Secret that nobody names.
"""

import asyncio
import signal
import sys
from typing import Any

import httpx2
from lightkube import AsyncClient, codecs
from lightkube.resources.core_v1 import ConfigMap, Secret, Service
from lightkube.resources.discovery_v1 import EndpointSlice
from lightkube.resources.networking_v1 import Ingress, IngressClass

import ingc

KINDS = (Ingress, IngressClass, Service, EndpointSlice, Secret, ConfigMap)
Batch = dict[ingc.ObjectKey, Any]
"""Changed objects; ``None``: it is gone."""


async def follow(
    client: AsyncClient, kind: Any, changes: asyncio.Queue[Batch], listed: set[Any]
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
            listed.add(kind)
            changes.put_nowait(dict.fromkeys(known - there.keys()) | there)
            known = set(there)
            version = listing.resourceVersion
            async for what, item in client.watch(kind, resource_version=version, **everywhere):
                known.add(key := key_of(item))
                changes.put_nowait({key: None if what == "DELETED" else item})
        except httpx2.HTTPError as error:
            print(f"{kind.__name__}: {error}")
            await asyncio.sleep(1)


async def gather(changes: asyncio.Queue[Batch], listed: set[Any]) -> Batch:
    """Return what has changed; what comes within a moment is compiled together."""
    batch = await changes.get()
    await asyncio.sleep(0.2)
    while len(listed) < len(KINDS) or not changes.empty():
        batch |= await changes.get()
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
            await client.patch(Ingress.Status, item.name, status, namespace=item.namespace)
            reported.add(item.uid)
    for of in result.events:
        for event in of.events:
            if (cause := (*of.reference.values(), event)) not in reported:
                made = ingc.event_object(of.reference, event, controller="example", instance="one")
                await client.create(codecs.from_dict(made))
                reported.add(cause)


async def serve(client: AsyncClient, nginx: ingc.Nginx, port: int, address: str) -> None:
    """Follow the cluster until cancelled."""
    options = ingc.Options(http_port=port, nginx_version=nginx.version)
    compiler = ingc.Compiler(options, on_error="isolate")
    changes: asyncio.Queue[Batch] = asyncio.Queue()
    listed: set[Any] = set()
    reported: set[object] = set()
    async with asyncio.TaskGroup() as following:
        for kind in KINDS:
            following.create_task(follow(client, kind, changes, listed))
        while True:
            batch = await gather(changes, listed)
            result = await asyncio.to_thread(roll_out, compiler, nginx, batch)
            try:
                if result is not None:
                    await report(client, address, result, reported)
            except httpx2.HTTPError as error:
                print(f"not reported: {error}")


async def main(folder: str, port: str, address: str) -> None:
    """Serve until SIGTERM, then let requests under way end."""
    nginx = ingc.Nginx(folder)
    async with AsyncClient() as client:
        serving = asyncio.create_task(serve(client, nginx, int(port), address))
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, serving.cancel)
        await asyncio.wait([serving])
    await asyncio.to_thread(nginx.drain, 10)
    if not serving.cancelled():
        serving.result()  # It ends by an error alone.


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    asyncio.run(main(*sys.argv[1:]))
