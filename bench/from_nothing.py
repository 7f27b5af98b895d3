"""One compile from nothing, by whichever ingc is found first: ``python bench/from_nothing.py N``.

Prints the processor time and the peak memory as JSON. Uses only what all versions of the library
have, so that an earlier one can be compared with this (``PYTHONPATH``).
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time

import cluster

import ingc


def main() -> int:
    """Compile N Ingresses with five paths each."""
    gc.disable()
    ingc.compile(list(cluster.objects(3, 5)))
    objects = list(cluster.objects(int(sys.argv[1]), 5))
    began = time.process_time()
    result = ingc.compile(objects)
    total = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"total": total, "peak": peak}))
    return 0 if result.ok else 1


if __name__ == "__main__":
    sys.exit(main())
