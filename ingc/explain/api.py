"""Who answers: the oracle for a compiled input, the model for an nginx.conf."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ingc.compiler import Result
from ingc.explain.answer import Answer, Asker
from ingc.explain.compiled.api import CompiledAsker
from ingc.explain.conf.api import Conf
from ingc.explain.question import read_question

if TYPE_CHECKING:
    from ingc.explain.story import Story, Teller

_ASKERS: dict[int, CompiledAsker] = {}
_TELLERS: dict[int, Teller] = {}
"""By the identity of the result or configuration, for as long as it lives."""


def asker_of(source: Result | Conf) -> Asker:
    """Return what answers questions about a result or an nginx.conf; the same for the same one.

    Raises `LookupError` where nothing was compiled.
    """
    if isinstance(source, Conf):
        return source
    known = _ASKERS.get(id(source))
    if known is not None:
        return known
    if source.ir is None:
        raise LookupError("nothing was compiled, so no request can be matched")
    made = CompiledAsker(source.ir, source.oracle)
    weakref.finalize(source, _ASKERS.pop, id(source), None)
    return _ASKERS.setdefault(id(source), made)


def explain(
    source: Result | Conf,
    url: str,
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    sni: str | None = None,
    client_ip: str | None = None,
) -> Answer:
    """Return what becomes of a request, in short: microseconds, whatever the number of routes.

    ``source`` is what `ingc.compile` gave, or an nginx.conf that `ingc.read_conf` read. ``sni`` is
    the name that TLS requests, in place of the URL's host; without ``client_ip`` lists of
    addresses are not applied. `ingc.story` gives the reason.

    Raises `ingc.BadQuestion` for what is no URL, and `LookupError` where nothing was compiled.
    """
    question = read_question(url, method=method, headers=headers, sni=sni, client_ip=client_ip)
    return asker_of(source).ask(question)


def story(
    source: Result | Conf,
    url: str,
    *,
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (),
    sni: str | None = None,
    client_ip: str | None = None,
) -> Story:
    """Return the whole story of a request: both decisions with the losers, what is applied, what
    is near, and the lines of nginx.conf, which are looked up in the text and take a while.

    The arguments, and what is raised, are those of `explain`.
    """
    question = read_question(url, method=method, headers=headers, sni=sni, client_ip=client_ip)
    return teller_of(source).tell(question)


def teller_of(source: Result | Conf) -> Teller:
    """Return the teller of a result or an nginx.conf; the same for the same one.

    Raises `LookupError` where nothing was compiled.
    """
    known = _TELLERS.get(id(source))
    if known is None:
        known = _TELLERS[id(source)] = _teller(source)
        weakref.finalize(source, _TELLERS.pop, id(source), None)
    return known


def _teller(source: Result | Conf) -> Teller:
    if isinstance(source, Conf):
        from ingc.explain.conf.teller import ConfTeller

        return ConfTeller(source)
    from ingc.explain.compiled.teller import CompiledTeller

    return CompiledTeller(source)
