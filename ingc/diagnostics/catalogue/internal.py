"""ING6xx: the target nginx; ING9xx: mistakes of ours."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, NOTE, code
from ingc.diagnostics.model import Entry


@code("ING601", name="path-too-long-for-target", severity=ERROR)
class PathTooLongForTarget(Entry):
    """A path is too long for the nginx that is compiled for.

    Before 1.23.4 nginx keeps the length of a location's name modulo 256, so a longer one takes
    requests that are not its own.

    Fix: shorten the path to 255 bytes, or compile for a newer nginx (`--nginx-version 1.26`).
    """

    size: int
    target: str
    summary = "a path of {size} bytes is routed wrongly by nginx {target}"
    label = "longer than 255 bytes"
    help = "shorten the path, or compile for nginx 1.24 or later"


@code("ING602", name="too-many-names-collide", severity=ERROR)
class TooManyNamesCollide(Entry):
    """So many names have the same hash that nginx would not start.

    nginx keeps names in tables and puts those with the same hash side by side, about 64 KB of them
    at most. Names that anybody would choose never come near to that: it takes hundreds that were
    made for it. They are those of the youngest Ingress that has any of them; whoever had names
    before keeps them.

    Nothing is written. With `--on-error isolate` these names are left out: hosts are not served
    under them, and paths that need them answer 503.

    Fix: choose other names.
    """

    count: int
    """All that collide."""
    own: int
    """Those of this Ingress."""
    example: str
    summary = 'nginx would not start: {count} names such as "{example}" have the same hash'
    label = "has {own} of them"
    help = "choose other names, or fewer of them"


@code("ING603", name="nginx-refuses", severity=ERROR)
class NginxRefuses(Entry):
    """What is made of a path keeps nginx from starting.

    nginx refuses some values of directives only together, or names that its tables can't hold, and
    then it serves nobody.

    Nothing is written. With `--on-error isolate` the paths that it is made of answer 503.

    Fix: change what the message names; nginx's documentation of the directive says what it takes.
    """

    why: str
    summary = "nginx would not start: {why}"
    label = "nginx refuses what is made of this"
    help = "change what the message names"


@code("ING901", name="proof-failed", severity=ERROR)
class ProofFailed(Entry):
    """What was printed is not what the Ingresses request: a mistake in ingc, not in the input.

    Nothing is written, because the configuration could route wrongly or hold a directive that
    nobody requested.

    Fix: report it, with the input that shows it.
    """

    line: int
    """Of the nginx.conf that was not written."""
    why: str
    text: str
    """That line."""
    summary = "the configuration could not be proved, line {line}: {why}"
    label = "nginx.conf, line {line}: {text}"
    help = "this is a bug in ingc; please report it with the input that shows it"


@code("ING902", name="host-not-proved", severity=ERROR)
class HostNotProved(Entry):
    """The servers of one host could not be proved, so the host answers 503.

    This is a mistake in ingc, not in the input. The other hosts are served.

    Fix: report it, with the input that shows it.
    """

    host: str
    line: int
    """Of the nginx.conf that was not written."""
    why: str
    text: str
    """That line."""
    summary = 'host "{host}" could not be proved and answers 503: {why}'
    label = "nginx.conf, line {line}: {text}"
    help = "this is a bug in ingc; please report it with the input that shows it"


@code("ING903", name="not-proved", severity=NOTE)
class NotProved(Entry):
    """The configuration was not proved, as `--no-proof` was given.

    It is not certain that the text holds what the Ingresses request and nothing else, nor that
    nginx routes by it so. The values in it were quoted all the same.

    Fix: compile without `--no-proof` before the result serves anybody.
    """

    summary = "the configuration was not proved"
    help = "leave out --no-proof: it is not proved that this text routes as the Ingresses request"


@code("ING999", name="internal-error", severity=ERROR)
class InternalError(Entry):
    """The program failed in a way that nobody thought of. This is a mistake in ingc.

    Nothing is written.

    Fix: report it, with the input that shows it. `INGC_DEBUG=1` prints where it happened.
    """

    error: str
    summary = "ingc has a bug: {error}"
    help = "nothing was written; please report it with the input, run again with INGC_DEBUG=1"
