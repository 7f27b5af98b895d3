"""The oracle: which route takes a request, decided from the IR alone.

Reads the IR, never nginx's configuration; the tests hold its answers against real nginx.
"""

from ingc.match.answer import Candidate, Match
from ingc.match.oracle import Oracle
from ingc.match.trie import HostTable, PathTrie

__all__ = ["Candidate", "HostTable", "Match", "Oracle", "PathTrie"]
