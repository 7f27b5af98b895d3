"""ING801: answers that are not ingress-nginx's."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import NOTE, code
from ingc.diagnostics.model import Entry


@code("ING801", name="answers-otherwise", severity=NOTE)
class AnswersOtherwise(Entry):
    """A manifest meets one of the places where answers differ from ingress-nginx's on purpose.

    The message has a request that is answered in two ways and the kind of departure, a heading of
    docs/coming-from-ingress-nginx.md; the place says what ingress-nginx answers, and what is
    answered here. One request stands for all of the same Ingress and kind. What everything of a
    sort meets, all that has TLS for instance, `ingc check --departures` lists.

    Fix: nothing, unless a client relies on the other answer.
    """

    request: str
    kind: str
    met: str
    theirs: str
    ours: str
    why: str
    summary = "ingress-nginx answers {request} otherwise: {kind}{met}"
    label = "there {theirs}; here {ours}"
    merges = False
    help = "change nothing unless a client relies on it: {why}"
