"""ING325 and on: by which way a Service is reached."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING325", name="backends-unknown", severity=ERROR)
class BackendsUnknown(Entry):
    """The annotation `ingc/backends` of a Service has a value that is no way to reach it.

    The annotation decides for one Service what `--backends` decides for all.

    Fix: write one of the ways, or remove the annotation.
    """

    value: str
    modes: tuple[str, ...]
    summary = 'annotation ingc/backends "{value}" is no way to reach a Service'
    label = "has no meaning"
    help = "write one of {modes}"


@code("ING326", name="object-left-out", severity=WARNING, strict=True)
class ObjectLeftOut(Entry):
    """A Pod or a Node has errors, so no request goes to it or through it.

    Pods and Nodes decide where requests go in the modes `pods`, `host-port` and `node-port` of
    `--backends` and of the annotation `ingc/backends`. In the other modes nothing in them counts.

    Fix: correct the object, or take it from the cluster anew.
    """

    kind: str
    why: str
    summary = "this {kind} is left out: {why}"
    label = "keeps requests from it"
    help = "correct the {kind}, or take it from the cluster anew"
