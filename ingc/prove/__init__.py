"""Text → proof or mismatch: what was printed is what was laid out.

Parses the text again with crossplane, in ignorance of how it was made, and compares. It decides
nothing and repairs nothing.
"""

from ingc.prove.structure import Mismatch, prove_structure

__all__ = ["Mismatch", "prove_structure"]
