"""ING423 to ING427: snippets, where the operator allows them."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import ERROR, WARNING, code
from ingc.diagnostics.model import Entry


@code("ING423", name="snippet-unreadable", severity=ERROR)
class SnippetUnreadable(Entry):
    """A snippet can't be read by nginx, or nginx would read more than the snippet.

    A snippet is read by itself: it closes no block that it has not opened, and leaves no block, no
    quote and no directive open.

    Example: `} location /admin { allow all;` closes the location that it would stand in.

    Fix: write whole directives, each with its `;` or its block.
    """

    snippet: str
    why: str
    summary = "{snippet} can't be read"
    label = "{why}"
    help = "write whole directives, each with its ; or its block"


@code("ING424", name="snippet-directive-refused", severity=ERROR)
class SnippetDirectiveRefused(Entry):
    """A snippet holds a directive that is not taken, though the operator allows snippets.

    Directives are taken one by one by a list, docs/snippets.md: what reads files, runs programs,
    names sockets, or holds for more than the paths of its author is not on it, and neither is what
    the proof does not know.

    Example: `root /etc;`

    Fix: do as the help says, or remove the directive.
    """

    snippet: str
    directive: str
    why: str
    instead: str
    summary = "{snippet} may not hold {directive}"
    label = "{why}"
    help = "{instead}"
    merges = False


@code("ING425", name="snippet-value-refused", severity=ERROR)
class SnippetValueRefused(Entry):
    """A directive of a snippet is taken, but not with these arguments.

    Each argument has a type, and a text names only variables that are known: nginx would not start
    on others, and what a client may put a line break into may not stand in a header.

    Example: `add_header X-Path $uri;`

    Fix: do as the help says.
    """

    snippet: str
    directive: str
    why: str
    instead: str
    summary = "{directive} of {snippet} can't be taken like this"
    label = "{why}"
    help = "{instead}"
    merges = False


@code("ING426", name="snippet-without-effect", severity=WARNING, strict=True)
class SnippetWithoutEffect(Entry):
    """A directive of a snippet has no effect, in ingress-nginx neither.

    Example: `proxy_read_timeout 300s;` in a `server-snippet`: every location has a time-out of its
    own.

    Fix: use what the help names, or remove the directive.
    """

    snippet: str
    directive: str
    why: str
    instead: str
    summary = "{directive} of {snippet} has no effect"
    label = "{why}"
    help = "{instead}"


@code("ING427", name="snippet-on-shared-host", severity=ERROR)
class SnippetOnSharedHost(Entry):
    """A `server-snippet` holds for a host on which other namespaces have paths.

    It would change what they get. With `--trust-namespaces` the authors of all namespaces trust one
    another, and it is taken.

    Fix: write the directives into the `configuration-snippet` of each Ingress that they are for.
    """

    snippet: str
    host: str
    others: tuple[str, ...]
    summary = "{snippet} would change paths of namespace {others} on {host}"
    label = "holds for the whole host"
    help = "write it as configuration-snippet, for the paths of this Ingress alone"


@code("ING428", name="snippet-leaves-its-paths", severity=ERROR)
class SnippetLeavesItsPaths(Entry):
    """A snippet sends requests on to other paths of a host on which other namespaces have some.

    There they would come with the URL of another path, by which an auth service of the other
    namespace may decide, and past what nginx refuses to clients. With `--trust-namespaces` the
    authors of all namespaces trust one another, and it is taken.

    Fix: write `rewrite … break`, which changes the path for this Ingress's own Service, or a
    redirect.
    """

    snippet: str
    host: str
    others: tuple[str, ...]
    summary = "{snippet} may send requests to paths of namespace {others} on {host}"
    label = "goes on with another path of the host"
    help = "write rewrite … break, which stays with this Ingress's Service, or a redirect"
