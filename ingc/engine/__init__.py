"""A compiler that keeps what it read and proved, and says what a change of objects changes."""

from ingc.engine.change import Change
from ingc.engine.compiler import Compiler, ObjectKey

__all__ = ["Change", "Compiler", "ObjectKey"]
