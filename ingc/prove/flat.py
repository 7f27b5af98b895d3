"""What is raised where locations do not do what plain ones, or regexes in a row, would do."""

from __future__ import annotations


class NotFlat(ValueError):
    """Some path is taken by another location; the text says by which, or why."""
