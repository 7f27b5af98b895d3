"""Paths as regexes, and what the backend sees of them."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.declarations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL, TARGET, TEMPLATE, write_text
from ingc.frontend.wishes import Ask
from ingc.ir.features.headers import RequestHeader
from ingc.ir.features.rewrite import Rewrite, UseRegex
from ingc.syntax.text import BadVariable, Text, read_text


def _prefix(tokens: tuple[str, ...]) -> Text:
    try:
        return read_text(tokens[0], captures=True, decoded=True)
    except BadVariable as error:
        raise BadValue(str(error)) from error


PREFIX = Grammar(
    name="prefix",
    rule="target",
    words='letters, digits and -._~/: in which "$1" is what a group of the path matched',
    examples=("/api", "/$1"),
    wrong=("/a b", "/a?b", '/"', "/a;", "/$", "$document_root"),
    make=_prefix,
    write=write_text,
)

USE_REGEX = Annotation(
    "use-regex",
    "Make caseless regexes of all paths that its namespace has on the host.",
    BOOL,
    default="false",
    see="location",
)
REWRITE_TARGET = Annotation(
    "rewrite-target",
    "Replace the path before the request is passed on, or redirect to a URL; $1 is what a group "
    "of the path matched.",
    TARGET,
    risk=Risk.MEDIUM,
    see="rewrite",
)
X_FORWARDED_PREFIX = Annotation(
    "x-forwarded-prefix",
    "Tell the backend in X-Forwarded-Prefix what a rewrite took away.",
    PREFIX,
    risk=Risk.MEDIUM,
    rejects=True,
    needs="rewrite-target",
    see="proxy_set_header",
)
UPSTREAM_VHOST = Annotation(
    "upstream-vhost",
    "The Host header that the backend gets.",
    TEMPLATE,
    rejects=True,
    see="proxy_set_header",
)


def build(values: Values) -> Iterator[Ask]:
    """Ask for regexes, a rewrite and a Host header."""
    if values.get(USE_REGEX):
        yield UseRegex()
    target = values.get(REWRITE_TARGET)
    if target is not None and target.parts:
        yield Rewrite(target, values.get(X_FORWARDED_PREFIX))
    host = values.get(UPSTREAM_VHOST)
    if host is not None:
        yield RequestHeader("Host", host)


FAMILY = Family("Rewriting", (USE_REGEX, REWRITE_TARGET, X_FORWARDED_PREFIX, UPSTREAM_VHOST), build)
