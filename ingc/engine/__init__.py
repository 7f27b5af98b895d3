"""A compiler that keeps what it read and proved, and says what a change of objects changes."""

from ingc.engine.change import Change
from ingc.engine.compiler import Compiler
from ingc.engine.objects import ObjectKey

__all__ = ["Change", "Compiler", "ObjectKey"]
