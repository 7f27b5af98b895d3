"""Layout → text, by the templates, through the one quoting path."""

from ingc.emit.render import render, render_blocks

__all__ = ["render", "render_blocks"]
