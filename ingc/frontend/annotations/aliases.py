"""More names for a host."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.frontend.annotations.declare import Annotation, Family, Risk, Scope, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL
from ingc.frontend.wishes import Ask, HostSetting
from ingc.ir.features.aliases import Alias, WwwRedirect
from ingc.syntax.host import is_subdomain, is_wildcard
from ingc.syntax.regex.reading import BadRegex, captures, slow_part


def _alias(token: str) -> str:
    if token.startswith("~"):
        try:
            found = captures(token[1:])
        except BadRegex as error:
            raise BadValue(f'"{token}" is no regex: {error.why}') from error
        if found.names:
            raise BadValue("a regex may have no named groups: they would set nginx's variables")
        slow = slow_part(token[1:])
        if slow is not None:
            raise BadValue(f'"{slow}" could keep nginx busy: it can match a text in many ways')
        return token
    name = token.lower()
    if not (is_subdomain(name) or is_wildcard(name)):
        raise BadValue(f'"{token}" is neither a host name nor "~" and a regex')
    return name


ALIASES = Grammar(
    name="host names",
    rule="aliases",
    words='host names with commas between; a regex after "~"',
    examples=("www.example.com", "a.example.com, *.example.org", "~^b[0-9]+[.]example[.]com$"),
    wrong=("", "a b", "a;b", "-a", "~(", "~^(?<host>.*)$", "~^(a+)+$", "a,,b"),
    make=lambda tokens: tuple(dict.fromkeys(_alias(token) for token in tokens if "," not in token)),
    write=", ".join,
)

SERVER_ALIAS = Annotation(
    "server-alias",
    "More names under which the host's paths are served.",
    ALIASES,
    scope=Scope.HOST,
    risk=Risk.HIGH,
    rejects=True,
    see="server_name",
)
FROM_TO_WWW_REDIRECT = Annotation(
    "from-to-www-redirect",
    "Redirect the host's twin with or without www. to it.",
    BOOL,
    scope=Scope.HOST,
    default="false",
    see="return",
)


def build(values: Values) -> Iterator[Ask]:
    """Request names."""
    names = values.own(SERVER_ALIAS)
    if names:
        yield HostSetting(SERVER_ALIAS.name, Alias(names), values.place(SERVER_ALIAS))
    if values.own(FROM_TO_WWW_REDIRECT):
        place = values.place(FROM_TO_WWW_REDIRECT)
        yield HostSetting(FROM_TO_WWW_REDIRECT.name, WwwRedirect(), place)


FAMILY = Family("Host names", (SERVER_ALIAS, FROM_TO_WWW_REDIRECT), build)
