"""A compiler that keeps what it read and proved, and says what a change of objects changes."""

from ingc.engine.admission import Admission, LostRoute, check_admission
from ingc.engine.change import Change
from ingc.engine.compiler import Compiler
from ingc.engine.objects import ObjectKey

__all__ = [
    "Admission",
    "Change",
    "Compiler",
    "LostRoute",
    "ObjectKey",
    "check_admission",
]
