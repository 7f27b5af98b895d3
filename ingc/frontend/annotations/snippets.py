"""Snippets of Ingresses, where the operator allows them; else they are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingc.diagnostics import Origin, Severity
from ingc.diagnostics.catalogue.annotations import AnnotationWithoutEffect
from ingc.frontend.annotations.declare import Family, Risk, UnsupportedAnnotation, Values
from ingc.frontend.declarations.declare import Support
from ingc.frontend.declarations.reading import GivenText
from ingc.frontend.snippets.access import access_list
from ingc.frontend.snippets.contents import SnippetContents, SnippetLocation, SnippetPlace
from ingc.frontend.snippets.places import inside
from ingc.frontend.snippets.reading import read_snippet
from ingc.frontend.snippets.rewriting import with_beginnings
from ingc.frontend.snippets.values import SnippetNames, variable_name
from ingc.frontend.wishes import (
    Ask,
    BasicAuthWish,
    ClosedHostWish,
    HostSetting,
    ServerSnippetWish,
    SnippetRoute,
    Withdrawn,
)
from ingc.ir import RouteFeature
from ingc.ir.features.access import SatisfyAny
from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.snippets import (
    AnswerHeaders,
    ErrorPages,
    LocationProgram,
    ServerProgram,
    answers_text,
)
from ingc.ir.features.tuning import Tuning
from ingc.option_values import MODULES
from ingc.options import Options

CONFIGURATION, SERVER = "configuration-snippet", "server-snippet"
AUTH, STREAM = "auth-snippet", "stream-snippet"
AUTH_URL = "auth-url"
MAPS = "http-snippet"
"""The ConfigMap's key whose maps every snippet may name."""
TEXT_TYPE = "default-type"
"""The ConfigMap's key for texts that no ending names a type of."""
OF_LOCATIONS = "location-snippet"
"""The ConfigMap's key for every location."""
_BUFFERS = 4
_RAW = "raw nginx directives are not taken from an Ingress"
USE_ANNOTATIONS = (
    "use annotations: headers by custom-headers or upstream-vhost, redirects by permanent-redirect "
    "or rewrite-target, allow and deny by allowlist-source-range and denylist-source-range, "
    "time-outs by proxy-read-timeout and its kind"
)


def _snippet(name: str, instead: str = USE_ANNOTATIONS) -> UnsupportedAnnotation:
    return UnsupportedAnnotation(
        name,
        _RAW,
        Support.REFUSED,
        instead,
        protects=True,
        snippet=instead is USE_ANNOTATIONS,
        risk=Risk.CRITICAL,
        option="--allow-snippets",
    )


def are_allowed(options: Options, namespace: str) -> bool:
    """Return whether the operator takes the snippets of a namespace."""
    allowed = options.allow_snippets
    return "*" in allowed or namespace in allowed


def build(values: Values) -> Iterator[Ask]:
    """Request what the snippets of an Ingress hold."""
    names = SnippetNames(values.namespace, shared=values.defaults.get(MAPS, frozenset()))
    names.text_type = values.defaults.get(TEXT_TYPE, names.text_type)
    server = values.snippets.get(SERVER)
    if server is not None:
        names.of_route = False
        contents = read_reported(server, SnippetPlace.SERVER, names, values)
        names.of_route = True
        yield from _of_server(server, contents, values)
    known = frozenset(variable_name(values.namespace, name) for name in names.given)
    location = values.snippets.get(CONFIGURATION)
    if location is not None:
        contents = read_reported(location, SnippetPlace.LOCATION, names, values)
        yield from features_of(contents, known)
        if contents.satisfy == "all":
            yield Withdrawn((SatisfyAny,))
        if contents.auth_basic_off:
            yield Withdrawn((BasicAuthWish,))
    everywhere: SnippetContents | None = values.defaults.get(OF_LOCATIONS)
    if everywhere is not None:
        yield from features_of(everywhere, frozenset())
    auth = values.snippets.get(AUTH)
    if auth is not None and AUTH_URL not in values.origins:
        read_reported(auth, SnippetPlace.AUTH, names, values)
        entry = AnnotationWithoutEffect(annotation=AUTH, needs=AUTH_URL)
        values.sink.report(entry, auth.place.at(key=True))
    stream = values.snippets.get(STREAM)
    if stream is not None:
        read_reported(stream, SnippetPlace.STREAM, names, values)


def read_reported(
    given: GivenText, place: SnippetPlace, names: SnippetNames, values: Values
) -> SnippetContents:
    """Read a snippet and report what is wrong with it."""
    contents = read_snippet(given.name, given.text, place, names, values.options.module_names)
    for entry, spot in contents.findings:
        values.sink.report(entry, inside(given.place, given.text, spot))
    return contents


def features_of(contents: SnippetContents, known: frozenset[str]) -> Iterator[RouteFeature]:
    """Yield what contents request of the routes that they are for.

    ``known`` are variables that have a value before.
    """
    if contents.steps:
        yield LocationProgram(with_beginnings(contents.steps, known))
    headers = AnswerHeaders(
        tuple(contents.added),
        tuple(contents.replaced.values()),
        tuple(contents.cleared.values()),
        tuple(contents.hidden.values()),
    )
    if headers != AnswerHeaders():
        yield headers
    if contents.pages:
        yield ErrorPages(tuple(contents.pages))
    for name, value in contents.request_headers.values():
        yield RequestHeader(name, value)
    listed = access_list(contents.rules)
    if listed is not None:
        yield listed
    if contents.satisfy == "any":
        yield SatisfyAny()
    tunings = contents.tunings
    if "proxy_buffer_size" in tunings and "proxy_buffers" not in tunings:
        # As ingress-nginx has it: nginx takes the one only beside buffers of that size.
        yield Tuning("proxy_buffers", (_BUFFERS, *tunings["proxy_buffer_size"]))
    for directive, args in tunings.items():
        yield Tuning(directive, args)


def _of_server(
    given: GivenText, contents: SnippetContents, values: Values
) -> Iterator[HostSetting]:
    errors = (entry for entry, _ in contents.findings if entry.severity is Severity.ERROR)
    if next(errors, None) is not None:
        yield HostSetting(SERVER, ClosedHostWish(), given.place)
        return
    if contents.requests_nothing:
        return
    owner = values.namespace, values.ingress
    yield HostSetting(SERVER, server_wish(contents, owner, given.place), given.place)


def server_wish(
    contents: SnippetContents, owner: tuple[str, str], origin: Origin
) -> ServerSnippetWish:
    """Return what contents request of a host; ``owner`` is the object's namespace and name."""
    steps = with_beginnings(contents.steps, frozenset())
    texts = (Tuning("default_type", (contents.names.text_type,)),) if answers_text(steps) else ()
    program = (ServerProgram(steps, tunings=texts),) if steps else ()
    contents.steps.clear()
    features = tuple(features_of(contents, frozenset()))
    return ServerSnippetWish(program, features, tuple(_routes(contents.locations, owner, origin)))


def _routes(
    locations: Sequence[SnippetLocation], owner: tuple[str, str], origin: Origin
) -> Iterator[SnippetRoute]:
    for item in locations:
        names = item.contents.names
        known = frozenset(variable_name(names.owner, name) for name in names.given)
        features = tuple(features_of(item.contents, known))
        yield SnippetRoute(item.modifier, item.name, features, *owner, origin)


FAMILY = Family(
    "Snippets",
    (
        _snippet(CONFIGURATION),
        _snippet(SERVER),
        _snippet(AUTH, "use auth-proxy-set-headers for headers to the auth service"),
        _snippet(STREAM, "set the ConfigMap key stream-snippet, which holds for every port"),
    ),
    build,
)
NAMES = frozenset(declared.name for declared in FAMILY.declarations)
_PLACES = {
    CONFIGURATION: SnippetPlace.LOCATION,
    SERVER: SnippetPlace.SERVER,
    AUTH: SnippetPlace.AUTH,
    STREAM: SnippetPlace.STREAM,
}


def would_be_read(name: str, text: str) -> bool:
    """Return whether nothing of a snippet would be refused, if snippets were allowed.

    nginx has every module then: without one that is needed the next report names it.
    """
    names = SnippetNames("", name == CONFIGURATION)
    contents = read_snippet(name, text, _PLACES[name], names, frozenset(MODULES))
    return not any(entry.severity is Severity.ERROR for entry, _ in contents.findings)
