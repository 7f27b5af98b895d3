"""Text → proof or mismatch: what was printed is what was laid out, and routes as the IR does.

Parses the text again with crossplane, in ignorance of how it was made, and compares; then holds
nginx's rules over what was read against the oracle. It decides nothing and repairs nothing.
"""

from ingc.prove.proof import is_proved, prove, prove_text
from ingc.prove.proofs import Proofs
from ingc.prove.starting import Share, Unstartable, unprintable
from ingc.prove.structure import Mismatch, Reading, read_blocks, read_structure
from ingc.prove.unproved import Unproved

__all__ = [
    "Mismatch",
    "Proofs",
    "Reading",
    "Share",
    "Unproved",
    "Unstartable",
    "is_proved",
    "prove",
    "prove_text",
    "read_blocks",
    "read_structure",
    "unprintable",
]
