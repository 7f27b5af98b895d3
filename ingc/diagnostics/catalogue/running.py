"""ING75x: what a real nginx reports of a configuration on disk."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING751", name="nginx-test-failed", severity=ERROR)
class NginxTestFailed(Entry):
    """The real nginx refuses a configuration: ``nginx -t`` fails, and so would start and reload.

    Most often something of the machine is missing: a certificate, a name that does not resolve, a
    module, a newer nginx.

    Fix: do what nginx's words ask for; compile for the version of the nginx that runs
    (`--nginx-version`, `Options.nginx_version`).
    """

    words: str
    summary = "nginx refuses the configuration: {words}"
    label = "nginx stopped here"
    help = "give nginx what it lacks, or compile for the version that runs"


@code("ING752", name="nginx-test-warned", severity=WARNING)
class NginxTestWarned(Entry):
    """The real nginx takes a configuration, and warns of something in it.

    Fix: nothing, unless nginx's words name what matters to you.
    """

    words: str
    summary = "nginx warns: {words}"
    label = "nginx warns of this"
    help = "look at what nginx names; it serves all the same"


@code("ING753", name="port-taken", severity=ERROR)
class AddressTaken(Entry):
    """Another process listens where nginx is to listen, or only root may listen there.

    Fix: stop that process, or compile for other ports (`--http-port`, `--https-port`).
    """

    address: str
    words: str
    summary = "nginx can't listen on {address}: {words}"
    help = "stop what listens there, or compile for another port"
