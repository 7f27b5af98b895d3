"""Whether nginx starts: the rules by which it refuses a configuration, over its statements.

Each rule is held against nginx on random texts (tests/nginx/test_starting_texts.py). What else
nginx calls an emergency while it reads a text of ours, and why none of ours can meet it:

====================================  ==========================================================
nginx reports                         it can't be, because
====================================  ==========================================================
directive is duplicate                the structure proof: `DirectiveSpec.repeats` of ingc.target
not allowed here, number of arguments the structure proof: contexts and arity of ingc.target
duplicate location, server names      the structure proof refuses twins
duplicate upstream, zone, log_format  names are made of validated names, or of 96 bits of a digest
unknown variable                      authors name variables of `syntax.text.ALLOWED`, which all
                                      versions have; what names one of ours brings its map
duplicate or conflicting variable     all of ours begin with ``ingc_``; named groups are refused
too long parameter                    `syntax.token.quote` measures each; `prove.unprintable`
                                      finds whose it is
invalid value, number, size, time     grammars of annotations and keys, each tried on nginx
pcre2_compile() failed                PCRE2 has read each regex; what only some versions know is
                                      refused (`syntax.regex`)
bind() failed                         a port of two listeners is an error (ING341), or a twin
no certificate for listen ... ssl     a server has one, or refuses the handshake
certificates and keys that fail       `resolve.strength` and what reads PEM
====================================  ==========================================================
"""

from __future__ import annotations

from collections.abc import Container, Iterator

from ingc.model.starting.buffers import buffers
from ingc.model.starting.headers import header_lists
from ingc.model.starting.levels import levels_of, read_words
from ingc.model.starting.names import names
from ingc.model.starting.refusal import Part, Place, Refusal
from ingc.model.starting.sockets import sockets
from ingc.model.starting.tables import map_keys, names_fit, server_names, variables, variables_fit
from ingc.model.tree import Statement

__all__ = ["Part", "Place", "Refusal", "names_fit", "refusals", "variables_fit"]


def refusals(
    main: tuple[Statement, ...], http: Statement, allowed: Container[str] = ()
) -> Iterator[Refusal]:
    """Yield why nginx would not start with a configuration; nothing: no rule is broken.

    ``main`` are the statements outside of all blocks, ``http`` that block with all of its own.
    ``allowed`` are names that nginx may resolve, ``*`` stands for all: no text shows whether
    somebody knows a name. Raises `NotModelled`.
    """
    words = read_words(http)
    levels = tuple(levels_of(words))
    yield from server_names(http)
    yield from map_keys(http)
    yield from variables(http, words)
    yield from header_lists(levels)
    yield from buffers(levels)
    yield from sockets(main, http)
    yield from names(main, http, allowed)
    for stream in main:
        if stream.name == "stream":
            yield from map_keys(stream)
            yield from variables(stream, read_words(stream))
