"""The semantic difference of two configurations: which requests are answered in another way.

`probes` chooses requests from the hosts and paths of both sides, `compiled` and `conf` query both
sides, and `render` writes what differs, each with a request that shows it. It stands beside the
line of stages, and queries `ingc.explain`.
"""

from ingc.diff.compare import compare
from ingc.diff.difference import Comparison, Difference

__all__ = ["Comparison", "Difference", "compare"]
