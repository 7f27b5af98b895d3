"""Paths as regexes, and what the backend sees of them."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL, read_variables
from ingc.frontend.wishes import Ask
from ingc.ir.features.rewrite import Rewrite, UseRegex
from ingc.syntax.text import Text


def _target(tokens: tuple[str, ...]) -> Text:
    text = tokens[0]
    if text.startswith(("http://", "https://", "$scheme")):
        # nginx makes a redirect of it, and no line break may reach its Location.
        return read_variables(text, captures=True)
    if not text.startswith(("/", "$")):
        raise BadValue('it does not begin with "/"')
    return read_variables(text, captures=True, decoded=True)


TARGET = Grammar(
    name="rewrite target",
    rule="target",
    words='a path, or a URL to redirect to, of letters, digits and -._~/:; "$1" is what a group of '
    "the path matched",
    examples=("/", "/new/$1", "/$1/$2", "/x/$host", "https://example.com/$1"),
    wrong=(
        "/a b",
        "/a?b=c",
        '/"',
        "/a;",
        "/$",
        "/{x}",
        "a/b",
        "ftp://a.example/$1",
        "https://a.example$uri",
    ),
    make=_target,
    write=str,
)

PREFIX = Grammar(
    name="prefix",
    rule="target",
    words='letters, digits and -._~/: in which "$1" is what a group of the path matched',
    examples=("/api", "/$1"),
    wrong=("/a b", "/a?b", '/"', "/a;", "/$", "$document_root"),
    make=lambda tokens: read_variables(tokens[0], captures=True, decoded=True),
    write=str,
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


def build(values: Values) -> Iterator[Ask]:
    """Request regexes and a rewrite."""
    if values.get(USE_REGEX):
        yield UseRegex()
    target = values.get(REWRITE_TARGET)
    if target is not None and target.parts:
        yield Rewrite(target, values.get(X_FORWARDED_PREFIX))


FAMILY = Family("Rewriting", (USE_REGEX, REWRITE_TARGET, X_FORWARDED_PREFIX), build)
