"""Where the answers to a set of manifests depart from ingress-nginx's, and with which request.

A pure function for each kind of ``docs/coming-from-ingress-nginx.md``, "Departures". It reads the
objects, the IR and the findings, and decides nothing of a configuration: ``check`` prints what it
finds.
"""

from ingc.departures.departure import Departure, DepartureKind, SampleRequest
from ingc.departures.kinds import departures
from ingc.departures.manifests import place_of
from ingc.departures.notes import notes

__all__ = ["Departure", "DepartureKind", "SampleRequest", "departures", "notes", "place_of"]
