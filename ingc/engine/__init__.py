"""A compiler that keeps what it read and proved, and says what a change of objects changes."""

from ingc.engine.admission import AdmissionCheck, TakenRoute, check_admission
from ingc.engine.change import Change
from ingc.engine.compiler import Compiler
from ingc.engine.objects import ObjectKey

__all__ = [
    "AdmissionCheck",
    "Change",
    "Compiler",
    "ObjectKey",
    "TakenRoute",
    "check_admission",
]
