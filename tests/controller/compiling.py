"""A rollout that compiles, and has no nginx."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Any

import ingc
from ingc.controller.rollout import Outcome


class Compiling:
    """Stands for `Rollout`: compiles, and serves nobody."""

    def __init__(self, options: ingc.Options | None = None) -> None:
        self.compiler = ingc.Compiler(options)
        self.did: list[str] = []
        self.outcomes: list[Outcome] = []
        self.fails: list[Exception | str] = []

    async def start(self) -> bool:
        self.did.append("start")
        return False

    async def apply(
        self, upserts: Iterable[Mapping[str, Any]], deletes: Iterable[ingc.ObjectKey]
    ) -> Outcome:
        self.did.append("apply")
        fault = self.fails.pop(0) if self.fails else None
        if isinstance(fault, Exception):
            raise fault
        change = await asyncio.to_thread(self.compiler.apply, list(upserts), list(deletes))
        found = Outcome(change, fault is None, fault, {"compile": 0.0})
        self.outcomes.append(found)
        return found

    async def watch_over(self) -> None:
        await asyncio.Event().wait()

    async def stop(self) -> None:
        self.did.append("stop")

    @property
    def routes(self) -> set[str]:
        return {row.host for row in self.compiler.result.routes}
