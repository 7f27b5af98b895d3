"""How much aliases may repeat: the guard against documents that grow without end."""

from __future__ import annotations

from typing import Any

LIMIT = 1_000_000
_LONG = 128
"""A string counts one more for each such stretch of characters."""


class AliasBudget:
    """How many values the aliases of all input together may still stand for."""

    __slots__ = ("left",)

    def __init__(self, left: int = LIMIT) -> None:
        self.left = left

    def take(self, value: Any) -> bool:
        """Count what an alias stands for; return ``False``, counting nothing, if it is too much.

        Takes no longer than the budget is large.
        """
        count, todo = 0, [value]
        while todo:
            item = todo.pop()
            count += 1
            if isinstance(item, dict):
                todo.extend(item.values())
            elif isinstance(item, list):
                todo.extend(item)
            elif isinstance(item, str):
                count += len(item) // _LONG
            if count > self.left:
                return False
        self.left -= count
        return True
