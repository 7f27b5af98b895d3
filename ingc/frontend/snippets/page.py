"""The allow-list of snippets as a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.snippets.allowed import ALLOWED, AllowedDirective
from ingc.frontend.snippets.contents import SnippetPlace
from ingc.frontend.snippets.refused import REFUSALS
from ingc.frontend.snippets.values import KNOWN, OF_ROUTE, RENAMED

_PAGE = """\
# Snippets

`configuration-snippet`, `server-snippet`, `auth-snippet` and `stream-snippet`, and the ConfigMap's
`…-snippet` keys, are raw nginx. They are refused unless the operator allows them:

```
ingc compile --allow-snippets shop.yaml           # of every namespace
ingc compile --allow-snippets=shop,blog shop.yaml # of these two
```

Nothing of a snippet is pasted. It is parsed in its own context; each directive is held against the
list below, with typed arguments; what it requests becomes what an annotation could request, or a
program of nginx's rewrite module, and is laid out, proved and explained like all else. Whatever is
not on the list is refused at its line and column, with the way to do it otherwise. The ConfigMap's
snippets are the operator's own, and are read where the option is given at all.

What holds:

- A snippet wins over the annotation that sets the same: a time-out, a header to the backend,
  `satisfy`. Rules about addresses are read behind the annotation's: the first that fits decides.
- `add_header` adds a header beside those that are there, `more_set_headers` replaces.
- nginx inherits headers only into a location that has none of its own. Here nothing of ours is lost
  by that: the location repeats it.
- Directives of the rewrite module run in their order, before the redirect to https and before
  `rewrite-target`, as in ingress-nginx, where that redirect is Lua. Where a snippet has `break`, or
  rewrites to another path, the redirect comes first, since it would be passed over.
- A redirect to a path (`return 301 /new`) goes to `$scheme://$host` and the path, without a port.
- A variable belongs to its namespace: `set $x` of another namespace is another variable.
- `expires` decides about Expires and Cache-Control, also where `more_set_headers` sets them.
- A text that `return` answers with has the type of the path's ending, as by the `mime.types` that
  ingress-nginx includes, else `text/html`, as by its `default_type`, or that of a `default_type` of
  the snippet. Around a fragment your nginx.conf says whether endings have types.
- What a `server-snippet` answers outside of its locations has the headers of that snippet and of
  the ConfigMap's. What it sets for the whole host holds for what no rule takes, too.
- One header to the backend is sent once: where ingress-nginx would send it twice, the last counts.
- Where several namespaces have paths on a host, a snippet that goes on with another path of the
  host (`rewrite … last`, `error_page` with a path) is refused, unless `--trust-namespaces`.
- A value that could grow beyond 64 KiB for a request is refused, as `set $a "$a$a"` often is.
- A `server-snippet` is refused on a host on which several namespaces have paths, unless
  `--trust-namespaces` says that they trust one another.
- What ingress-nginx writes into each location has no effect in a `server-snippet`, there as here: a
  warning names it.
- The ConfigMap's `stream-snippet` holds for each port of `--tcp-services-configmap` and
  `--udp-services-configmap`, not for TLS that is passed on, and opens none. A client that it denies
  is disconnected. An Ingress's own is refused: it would hold for the ports of everybody.
- `sub_filter` and its kin are taken with [`--with-module sub`](modules.md#sub). nginx finds text
  only in answers that are not compressed: `proxy_set_header Accept-Encoding "";` gets such. It acts
  on any answer of the location, also on one that FastCGI, gRPC or `return` gives, of the types that
  `sub_filter_types` names. A location with a `sub_filter` of its own gets none of the server's;
  those of the ConfigMap's `location-snippet` come behind its own.
"""


def snippets_as_markdown() -> str:
    """Return the page."""
    return "\n".join([_PAGE, *_allowed(), *_variables(), *_refused()]).rstrip() + "\n"


_COLUMNS = (
    ("configuration-, location-", SnippetPlace.LOCATION),
    ("server-", SnippetPlace.SERVER),
    ("`location` of a server-", SnippetPlace.IN_SERVER),
    ("auth-", SnippetPlace.AUTH),
    ("the ConfigMap's stream-", SnippetPlace.PORTS),
)


def _allowed() -> Iterator[str]:
    yield "## What is taken"
    yield ""
    groups: dict[str, list[tuple[str, AllowedDirective]]] = {}
    for name, item in ALLOWED.items():
        groups.setdefault(item.group, []).append((name, item))
    for group, rows in groups.items():
        yield f"### {group}"
        yield ""
        yield _row("directive", "arguments", "what it does", *(title for title, _ in _COLUMNS))
        yield _row(*["---"] * (3 + len(_COLUMNS)))
        for name, item in rows:
            marks = ("yes" if place in item.places else "" for _, place in _COLUMNS)
            yield _row(f"`{name}`", item.form and f"`{item.form}`", item.becomes, *marks)
        yield ""


def _variables() -> Iterator[str]:
    yield "## Variables"
    yield ""
    yield "Anywhere: " + ", ".join(f"`${name}`" for name in sorted(KNOWN)) + ","
    yield "`$http_NAME`, `$arg_NAME`, `$cookie_NAME`, what the snippet itself sets, and what a map"
    yield "of the ConfigMap's `http-snippet` defines. Where a request goes may depend on these"
    yield "alone."
    yield ""
    known = ", ".join(f"`${name}`" for name in sorted(OF_ROUTE))
    renamed = ", ".join(f"`${name}` is `${other}`" for name, other in RENAMED.items())
    yield f"Of ingress-nginx, known when compiling: {known}; and by another name: {renamed}."
    yield ""
    yield "In headers also what nginx knows when it passes the request on or has the answer, such"
    yield "as `$request_id`, `$upstream_status` and `$upstream_http_NAME`. A variable that a client"
    yield "can put a line break into (`$uri`) is refused in headers and redirects. Captures `$1` to"
    yield "`$9` stand in the target of their `rewrite` and in the block of their `if`."
    yield ""


def _refused() -> Iterator[str]:
    yield "## What is refused, and what to do instead"
    yield ""
    yield _row("what", "directives", "why", "instead")
    yield _row(*["---"] * 4)
    for item in REFUSALS:
        names = item.names.replace("(?:", "(").replace("|", ", ")
        yield _row(item.what, f"`{names}`", item.why, item.instead)
    yield ""
    yield "Everything else that is not in the tables above is refused too (ING424); arguments that"
    yield "do not fit are ING425, a snippet that closes what it has not opened ING423."


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
