"""Layout → text, by the templates, through the one quoting path."""

from ingc.emit.render import render

__all__ = ["render"]
