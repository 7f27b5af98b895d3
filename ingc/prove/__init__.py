"""Text → proof or mismatch: what was printed is what was laid out, and routes as was asked.

Parses the text again with crossplane, in ignorance of how it was made, and compares; then holds
nginx's rules over what was read against the oracle. It decides nothing and repairs nothing.
"""

from ingc.prove.proof import Unproved, prove
from ingc.prove.proofs import Proofs

__all__ = ["Proofs", "Unproved", "prove"]
