"""The allow-list: every directive that a snippet may have, where, and what reads it.

docs/snippets.md is generated of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ingc.frontend.snippets import access, filtering, headers, maps, pages, rewriting, tuning
from ingc.frontend.snippets.contents import SnippetContents, SnippetPlace
from ingc.frontend.snippets.parsed import ReadDirective
from ingc.ir.features.tuning import FILTER

ReadInto = Callable[[ReadDirective, SnippetContents], None]

LOCATIONS_AND_SERVERS = frozenset({SnippetPlace.LOCATION, SnippetPlace.SERVER})
EVERYWHERE = frozenset({SnippetPlace.LOCATION, SnippetPlace.SERVER, SnippetPlace.IN_SERVER})
WITH_HTTP = EVERYWHERE | {SnippetPlace.HTTP}
WITH_AUTH = frozenset({SnippetPlace.LOCATION, SnippetPlace.SERVER, SnippetPlace.AUTH})


@dataclass(frozen=True, slots=True)
class AllowedDirective:
    """A directive that a snippet may have."""

    group: str
    """A heading of the page."""
    form: str
    """What its arguments are, in nginx's way."""
    places: frozenset[SnippetPlace]
    read: ReadInto
    becomes: str
    """What it does, for the page."""
    arguments: tuple[int, int] = (1, 64)
    """The fewest and the most."""
    block: bool = False
    module: str = ""
    """The module beyond stock that has it, as ``--with-module`` names it."""


def _headers() -> Iterator[tuple[str, AllowedDirective]]:
    group = "Headers"
    yield (
        "add_header",
        AllowedDirective(
            group,
            "name value [always]",
            WITH_HTTP | {SnippetPlace.AUTH},
            headers.read_add_header,
            "added to the answer, beside what is there",
            (2, 3),
        ),
    )
    more = (
        ("more_set_headers", '"name: value" …', headers.read_more_set_headers, "set in the answer"),
        ("more_clear_headers", "name …", headers.read_more_clear_headers, "not in the answer"),
    )
    for name, form, read, becomes in more:
        what = f"{becomes}, whatever its status and whoever else sets it"
        yield name, AllowedDirective(group, form, WITH_HTTP, read, what)
    yield (
        "proxy_hide_header",
        AllowedDirective(
            group,
            "name",
            LOCATIONS_AND_SERVERS,
            headers.read_proxy_hide_header,
            "the backend's is not in the answer",
            (1, 1),
        ),
    )
    sent = (
        ("proxy_set_header", "name value", headers.read_proxy_set_header, (2, 2)),
        ("more_set_input_headers", '"name: value" …', headers.read_more_set_input_headers, (1, 64)),
        ("more_clear_input_headers", "name …", headers.read_more_clear_input_headers, (1, 64)),
    )
    for name, form, read, count in sent:
        what = "what the backend gets, in place of the usual value"
        yield name, AllowedDirective(group, form, WITH_AUTH, read, what, count)
    yield (
        "expires",
        AllowedDirective(
            group,
            "[modified] time | epoch | max | off",
            EVERYWHERE,
            tuning.read_expires,
            "Expires and Cache-Control of the answer",
            (1, 2),
        ),
    )


def _program() -> Iterator[tuple[str, AllowedDirective]]:
    forms = {
        "return": ("Answers", "status [text] | URL", "answers"),
        "rewrite": ("Answers", "regex target [flag]", "another path, or a redirect"),
        "break": ("Answers", "", "passes over the directives behind it"),
        "set": ("Conditions", "$name value", "a variable of this namespace"),
        "if": (
            "Conditions",
            "($name), ($name = text), ($name ~ regex), with !=, ~*, !~, !~*",
            "holds return, rewrite, set and break",
        ),
    }
    for name, (group, form, becomes) in forms.items():
        count = rewriting.ARITY[name]
        yield (
            name,
            AllowedDirective(
                group, form, EVERYWHERE, rewriting.read_step, becomes, count, block=name == "if"
            ),
        )


def _pages() -> Iterator[tuple[str, AllowedDirective]]:
    form = "status … [=status] /path | URL"
    what = "what stands in for nginx's own errors; with proxy_intercept_errors for the backend's"
    yield (
        "error_page",
        AllowedDirective(
            "Answers", form, LOCATIONS_AND_SERVERS, pages.read_error_page, what, (2, 64)
        ),
    )


def _access() -> Iterator[tuple[str, AllowedDirective]]:
    with_ports = EVERYWHERE | {SnippetPlace.PORTS}
    rows = (
        ("allow", "address | network | all", access.read_rule, "may pass", with_ports),
        ("deny", "address | network | all", access.read_rule, "gets a 403", with_ports),
        (
            "satisfy",
            "all | any",
            access.read_satisfy,
            "which checks are enough",
            LOCATIONS_AND_SERVERS,
        ),
        ("auth_basic", "off", access.read_auth_basic, "no password", LOCATIONS_AND_SERVERS),
    )
    for name, form, read, becomes, places in rows:
        yield name, AllowedDirective("Access", form, places, read, becomes, (1, 1))


_OF_SUBREQUESTS = ("proxy_connect_timeout", "proxy_read_timeout", "proxy_send_timeout")


def _tuning() -> Iterator[tuple[str, AllowedDirective]]:
    for name, shape in tuning.OF_LOCATIONS.items():
        places = EVERYWHERE if name in tuning.OF_LOCATIONS_ALONE else WITH_HTTP
        if name.startswith("proxy_"):
            places = WITH_AUTH if name in _OF_SUBREQUESTS else LOCATIONS_AND_SERVERS
        if name in tuning.OF_PORTS:
            places |= {SnippetPlace.PORTS}
        what = "as nginx has it"
        if name in tuning.SET_ANYWAY:
            what = "as nginx has it; no effect in a server-snippet, as in ingress-nginx"
        yield name, AllowedDirective("Tuning", shape.words, places, tuning.read_tuning, what)
    yield (
        "proxy_ssl_verify",
        AllowedDirective(
            "Tuning",
            "off",
            LOCATIONS_AND_SERVERS,
            tuning.read_verify,
            "nothing, as it holds anyway: proxy-ssl-verify decides",
            (1, 1),
        ),
    )
    yield (
        "access_log",
        AllowedDirective(
            "Logging",
            "off",
            EVERYWHERE | {SnippetPlace.PORTS},
            tuning.read_access_log,
            "is not logged",
            (1, 3),
        ),
    )


def _of_ports() -> Iterator[tuple[str, AllowedDirective]]:
    group, places = "Ports of TCP and UDP", frozenset({SnippetPlace.PORTS})
    rows = [(name, shape, "as nginx has it") for name, shape in tuning.OF_PORTS.items()]
    rows += [
        (name, shape, f"no effect, as in ingress-nginx: set the key {key}")
        for name, (key, shape) in tuning.KEYS_OF_PORTS.items()
    ]
    for name, shape, what in rows:
        if name not in tuning.OF_LOCATIONS:
            yield (
                name,
                AllowedDirective(group, shape.words, places, tuning.read_tuning, what, (1, 1)),
            )


def _filters() -> Iterator[tuple[str, AllowedDirective]]:
    group, module = "Replacing text, with `--with-module sub`", "sub"
    yield (
        FILTER,
        AllowedDirective(
            group,
            "text replacement",
            EVERYWHERE,
            filtering.read_filter,
            "replaces a text in answers, whatever its case; may stand several times",
            (2, 2),
            module=module,
        ),
    )
    for name, shape in filtering.OF_FILTERS.items():
        read = filtering.read_filter_setting
        yield (
            name,
            AllowedDirective(
                group, shape.words, EVERYWHERE, read, "as nginx has it", module=module
            ),
        )


def _of_operator() -> Iterator[tuple[str, AllowedDirective]]:
    yield (
        "map",
        AllowedDirective(
            "Of the operator alone",
            "source $name { key value; … }",
            frozenset({SnippetPlace.HTTP}),
            maps.read_map,
            "a variable that every snippet may name",
            (2, 2),
            block=True,
        ),
    )
    main = frozenset({SnippetPlace.MAIN})
    for name, shape in tuning.OF_MAIN.items():
        what = "as nginx has it"
        yield (
            name,
            AllowedDirective(
                "Of the operator alone", shape.words, main, tuning.read_main, what, (1, 1)
            ),
        )


ALLOWED: Mapping[str, AllowedDirective] = dict(
    (
        *_headers(),
        *_program(),
        *_pages(),
        *_access(),
        *_tuning(),
        *_of_ports(),
        *_filters(),
        *_of_operator(),
    )
)
"""By the name."""
