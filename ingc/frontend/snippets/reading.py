"""A snippet's text → its contents, by the allow-list, with everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from ingc.diagnostics import Severity
from ingc.diagnostics.catalogue.snippets import (
    SnippetDirectiveRefused,
    SnippetUnreadable,
    SnippetValueRefused,
    SnippetWithoutEffect,
)
from ingc.frontend.snippets.allowed import ALLOWED, AllowedDirective
from ingc.frontend.snippets.contents import SnippetContents, SnippetLocation, SnippetPlace
from ingc.frontend.snippets.locations import read_name
from ingc.frontend.snippets.parsed import ReadDirective, UnreadableSnippet, read_directives
from ingc.frontend.snippets.refused import refusal_of
from ingc.frontend.snippets.together import note_beforehand, overgrown, settle
from ingc.frontend.snippets.tuning import KEYS_OF_PORTS, SET_ANYWAY
from ingc.frontend.snippets.values import RefusedDirective, SnippetNames

_WORDS = {
    SnippetPlace.SERVER: "a whole server",
    SnippetPlace.IN_SERVER: "a location of a snippet",
    SnippetPlace.AUTH: "the request to an auth service",
    SnippetPlace.HTTP: "http",
    SnippetPlace.PORTS: "ports of TCP and UDP",
}
_OF_OPERATOR = (SnippetPlace.HTTP, SnippetPlace.MAIN)


def read_snippet(
    name: str, text: str, place: SnippetPlace, names: SnippetNames, modules: frozenset[str]
) -> SnippetContents:
    """Return what a snippet requests; ``name`` is that of the annotation or key.

    ``modules`` are those beyond stock that nginx has.
    """
    contents = SnippetContents(place, names, modules)
    try:
        directives = read_directives(text)
    except UnreadableSnippet as error:
        contents.findings.append((SnippetUnreadable(name, str(error)), error.place))
        return contents
    read_block(name, directives, contents)
    return contents


def read_block(name: str, directives: Iterable[ReadDirective], contents: SnippetContents) -> None:
    """Read directives one by one; one that is refused does not hide the next."""
    directives = tuple(directives)
    note_beforehand(directives, contents)
    for item in directives:
        allowed = ALLOWED.get(item.name.text)
        idle = _without_effect(name, item, contents)
        if item.name.text == "location" and contents.place is SnippetPlace.SERVER:
            _read_location(name, item, contents)
        elif allowed is None or not (idle or _is_taken(allowed, contents)) or item.name.quoted:
            _refuse(name, item, contents)
        else:
            try:
                _check_form(item)
                # What has no effect is read all the same: nginx would have to start on it.
                allowed.read(item, _apart(contents) if idle else contents)
            except RefusedDirective as error:
                entry = SnippetValueRefused(
                    name, item.name.text, error.why, error.instead or "write it in another form"
                )
                contents.findings.append((entry, error.place or item.place))
            else:
                contents.findings.extend([(idle, item.place)] if idle else ())
    if not any(entry.severity is Severity.ERROR for entry, _ in contents.findings):
        found = overgrown(directives, contents)
        if found is not None:
            word, directive = found
            why = "its value could grow beyond what nginx can hold for a request"
            entry = SnippetValueRefused(name, directive, why, "name fewer variables in it")
            contents.findings.append((entry, word.place))
    settle(contents)


def _is_taken(allowed: AllowedDirective, contents: SnippetContents) -> bool:
    return contents.place in allowed.places and _is_there(allowed, contents)


def _is_there(allowed: AllowedDirective, contents: SnippetContents) -> bool:
    return not allowed.module or allowed.module in contents.modules


def _apart(contents: SnippetContents) -> SnippetContents:
    return SnippetContents(contents.place, contents.names, contents.modules)


def _check_form(item: ReadDirective) -> None:
    allowed = ALLOWED[item.name.text]
    least, most = allowed.arguments
    if (item.block is not None) != allowed.block:
        what = "takes a block" if allowed.block else "takes no block"
        raise RefusedDirective(f"{item.name.text} {what}", f"write {item.name.text} {allowed.form}")
    if not least <= len(item.args) <= most:
        raise RefusedDirective(
            f"{item.name.text} does not take {len(item.args)} arguments",
            f"write {item.name.text} {allowed.form}",
        )


def _refuse(name: str, item: ReadDirective, contents: SnippetContents) -> None:
    directive = item.name.text
    allowed = ALLOWED.get(directive)
    elsewhere = allowed is not None and _is_there(allowed, contents)
    if elsewhere or directive == "location":
        where = _WORDS.get(contents.place, contents.place.value)
        why = f"it is not taken for {where}"
        instead = "write it as configuration-snippet"
        if contents.place in _OF_OPERATOR:
            instead = "set the ConfigMap key for it, where there is one"
    else:
        found = refusal_of(directive)
        why, instead = found.why, found.instead
    if contents.place is SnippetPlace.STREAM:
        why = "it would hold for the ports of everybody"
        instead = "set the ConfigMap's stream-snippet, or open ports by --tcp-services-configmap"
    elif contents.place is SnippetPlace.PORTS:
        why = "it is nothing that each port may have"
        instead = "open ports by --tcp-services-configmap and --udp-services-configmap"
    shown = directive if len(directive) <= 60 else f"{directive[:60]}…"
    contents.findings.append((SnippetDirectiveRefused(name, shown, why, instead), item.place))


_OF_SERVERS = SET_ANYWAY | {"proxy_set_header"}
_OF_AUTH = frozenset({"add_header"})


def _without_effect(
    name: str, item: ReadDirective, contents: SnippetContents
) -> SnippetWithoutEffect | None:
    """Return why a directive has no effect, where ingress-nginx overrides it or uses it never."""
    directive = item.name.text
    if contents.place in (SnippetPlace.SERVER, SnippetPlace.HTTP) and directive in _OF_SERVERS:
        why = "every location has its own"
        instead = "write it as configuration-snippet, or use the annotation for it"
    elif contents.place is SnippetPlace.PORTS and directive in KEYS_OF_PORTS:
        key, _ = KEYS_OF_PORTS[directive]
        why, instead = "every port has its own", f"set the ConfigMap key {key}"
    elif contents.place is SnippetPlace.AUTH and directive in _OF_AUTH:
        why = "nobody gets the headers of a subrequest's answer"
        instead = "write it as configuration-snippet"
    elif directive == "proxy_ssl_verify" and item.texts == ("off",):
        why, instead = "it holds anyway, unless an annotation requires more", "remove it"
    else:
        return None
    return SnippetWithoutEffect(name, directive, why, instead)


def _read_location(name: str, item: ReadDirective, contents: SnippetContents) -> None:
    try:
        modifier, path = read_name(item)
        same = {"=": "="}.get(modifier, "below")
        for other in contents.locations if modifier in ("", "=", "^~") else ():
            if other.name == path and {"=": "="}.get(other.modifier, "below") == same:
                why = f"the snippet has another location {path}"
                raise RefusedDirective(why, "write one location of each path", item.place)
    except RefusedDirective as error:
        entry = SnippetValueRefused(name, "location", error.why, error.instead or "remove it")
        contents.findings.append((entry, error.place or item.place))
        return
    inner = SnippetContents(
        SnippetPlace.IN_SERVER,
        SnippetNames(contents.names.owner, of_route=False),
        contents.modules,
    )
    inner.names.given.update(contents.names.given)
    inner.names.weights.update(contents.names.weights)
    inner.names.shared = contents.names.shared
    inner.names.text_type = contents.names.text_type
    before = len(contents.findings)
    read_block(name, item.block or (), inner)
    contents.findings.extend(inner.findings)
    if not inner.steps and len(contents.findings) == before:
        why = "it neither returns nor rewrites, so that nginx would serve files"
        entry = SnippetValueRefused(name, "location", why, "end it with return")
        contents.findings.append((entry, item.place))
        return
    contents.locations.append(SnippetLocation(modifier, path, inner, item.place))
