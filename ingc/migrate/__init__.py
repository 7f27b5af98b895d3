"""What leaving ingress-nginx means for an input: a report for those who decide about it.

A stage after the compile and the departures: it reads the objects, what a compile in isolate mode
found of them, and the flags of the controller that is left; then it counts. It decides nothing of
a configuration. ``prepare`` comes before the compile, ``assemble`` after it; ``render`` prints.
"""

from ingc.migrate.assembling import assemble
from ingc.migrate.migration import Fate, Migration
from ingc.migrate.preparing import NoSuchController, Prepared, prepare

__all__ = ["Fate", "Migration", "NoSuchController", "Prepared", "assemble", "prepare"]
