"""What is applied to a request on its way: a line for each feature of the route that takes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ingc.explain.answer import Answer, text_of
from ingc.explain.compiled import words
from ingc.explain.compiled.unheeded import unheeded
from ingc.explain.compiled.words import Applied, On
from ingc.explain.question import Question
from ingc.ir import Config, RouteFeature, Upstream
from ingc.ir.features.card import function_of, name_of
from ingc.ir.features.table import FEATURES
from ingc.match import Match
from ingc.syntax.request import Request


def applied(question: Question, seen: Request, match: Match, config: Config) -> tuple[Applied, ...]:
    """Return what the features of the route and of its host do to a request.

    ``seen`` is the request as nginx judges it.
    """
    found = [*_certificate(question, match, config), *unheeded(question, match, config)]
    host = match.host
    for item in host.features if host else ():
        if item.card.explained is None and host is not None:
            on = On(question, seen.address, match, match.route or host.default)
            found.extend(_WORDS[type(item)](item, on))
    if match.route is not None:
        on = On(question, seen.address, match, match.route)
        for feature in match.route.features:
            found.extend(_of_route(feature, on))
        found.extend(_of_upstream(match.upstream, on, config))
    return tuple(found)


def _of_upstream(name: str | None, on: On, config: Config) -> Iterator[Applied]:
    upstream = next((item for item in config.upstreams if item.name == name), None)
    if upstream is None:
        return
    for item in upstream.features:
        if item.card.explained is None:
            yield from _WORDS[type(item)](item, on)
    yield from weights(upstream)


def weights(upstream: Upstream) -> Iterator[Applied]:
    """Yield how the requests are shared by several Services."""
    total = sum(share.weight for share in upstream.shares)
    parts = (f"{share.service} {100 * share.weight / total:.3g}%" for share in upstream.shares)
    if upstream.shares:
        yield Applied("weights", ", ".join(parts))


def resolved(config: Config, answer: Answer) -> tuple[Applied, ...]:
    """Return a word on the backend's name, where nginx has to resolve it: it may be nobody's."""
    upstream = next((item for item in config.upstreams if item.name == answer.upstream), None)
    named = next((item for item in upstream.endpoints if item.dns), None) if upstream else None
    if named is None or upstream is None:
        return ()
    when = "at run time" if config.settings.resolver else "when it starts"
    text = f"nginx resolves {named.address} {when}"
    if upstream.outside_name is None:
        text += f"; the input has no address of Service {upstream.service.name}"
    return (Applied("dns", text),)


def _certificate(question: Question, match: Match, config: Config) -> Iterator[Applied]:
    host = match.host
    if question.scheme != "https" or host is None or match.unopened is not None:
        return
    own = host.https.certificate if host.https else None
    certificate = own or config.settings.default_certificate
    if certificate is not None and match.status != 421:
        name = question.sni or text_of(question.host.encode()).partition(":")[0]
        whose = "" if own else " (--default-ssl-certificate)"
        yield Applied("certificate", f"for {name}: {certificate.certificate}{whose}")


def _of_route(feature: RouteFeature, on: On) -> Iterator[Applied]:
    if feature.card.explained is not None:
        return
    if on.match.upstream is None and not feature.card.answers:
        return  # nginx answers before it comes to that
    yield from _WORDS[type(feature)](feature, on)


_WORDS: dict[type, Callable[[Any, On], Iterator[Applied]]] = {
    kind: function_of(words.__name__, f"say_{name_of(kind)}")
    for kind in FEATURES
    if kind.card.explained is None
}
