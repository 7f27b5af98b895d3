"""The grammars of URLs that nginx queries or redirects to for an Ingress's author."""

from __future__ import annotations

import re

from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import read_variables
from ingc.syntax.outside import OWN_HOST, BadUrl, OutsideUrl, read_url
from ingc.syntax.text import Text, Variable

ESCAPED = Variable("escaped_request_uri")
"""ingress-nginx's own variable: the request's path and query, percent-encoded."""
_ESCAPED = re.compile(r"\$(?:\{escaped_request_uri\}|escaped_request_uri(?!\w))")
_REDIRECT = re.compile(r"https?://(?:[A-Za-z0-9\[]|\$\{?(?:host|server_name)(?!\w))").match

_ANSWERED = re.compile(
    r"(?P<sep>[?&])(?P<param>[^?&=]*=\$\{?(?P<name>(?:auth|upstream)_\w+)\}?)(?P<more>&?)"
)
"""A parameter that is one variable, which ``auth_request_set`` of a snippet would set."""


def _auth_url(tokens: tuple[str, ...]) -> OutsideUrl:
    try:
        return read_url(tokens[0])
    except BadUrl as error:
        raise BadValue(str(error)) from error


def _mirror_url(tokens: tuple[str, ...]) -> OutsideUrl:
    url = _auth_url(tokens)
    if url.host == OWN_HOST:
        raise BadValue("copies for the host itself would be copied again without end")
    return url


def _redirect_url(tokens: tuple[str, ...]) -> Text:
    if not _REDIRECT(tokens[0]):
        raise BadValue("it does not begin with http:// or https:// and a host")
    _check_parameters(tokens[0])
    parts: list[str | Variable] = []
    for index, piece in enumerate(_ESCAPED.split(tokens[0])):
        parts.extend((ESCAPED,) if index else ())
        parts.extend(read_variables(piece).parts)
    return Text(tuple(parts))


def _check_parameters(url: str) -> None:
    """Raise `BadValue` for a parameter with what only a snippet could take of the answer."""
    for found in _ANSWERED.finditer(url):
        first = found["sep"] == "?" and found["more"]
        drop = found["param"] + "&" if first else found["sep"] + found["param"]
        name = f"${found['name']}"
        raise BadValue(f'"{name}" of the service\'s answer is not available: drop "{drop}"')


def _write(url: OutsideUrl) -> str:
    host = f"[{url.host}]" if ":" in url.host else url.host
    return f"{url.scheme}://{host}:{url.port}{url.uri!s}"


_WRONG = (
    "",
    "auth.example.com",
    "/auth",
    "ftp://auth.example.com",
    "http://127.1/",
    "http://0x7f000001/",
    "http://0/",
    "http://$http_host/",
    "http://auth$http_x/",
    "http://auth.example.com$arg_x",
    "http://auth.example.com/$document_root",
    "http://a@auth.example.com/",
    "http://auth.example.com:0/",
    "http://auth.example.com/;x",
    'http://auth.example.com/"',
    "http://auth.example.com/ x",
)
AUTH_URL = Grammar(
    name="URL of a service",
    rule="outside",
    words="a URL with http:// or https:// and a host that is a DNS name or an address; "
    "after the host it may name variables that tell of the request",
    examples=(
        "http://auth.example.com/check",
        "http://oauth2.auth.svc.cluster.local:4180/?a=$request_uri",
        "https://$host/oauth2/auth",
        "http://[2001:db8::1]:8080",
    ),
    wrong=_WRONG,
    make=_auth_url,
    write=_write,
)
MIRROR_URL = Grammar(
    name="URL of a service for copies",
    rule="outside",
    words="a URL with http:// or https:// and a host that is a DNS name or an address; "
    "after the host it may name variables that tell of the request",
    examples=("https://test.example.com$request_uri", "http://copies.test.svc.cluster.local:80"),
    wrong=(*_WRONG, "http://$host/"),
    make=_mirror_url,
    write=_write,
)
REDIRECT_URL = Grammar(
    name="URL to redirect to",
    rule="outside",
    words="a URL with http:// or https:// and a host, in which $name is one of the variables that "
    "tell of the request, or $escaped_request_uri",
    examples=(
        "https://login.example.com/start",
        "https://$host/oauth2/start?rd=$escaped_request_uri",
    ),
    wrong=(
        "",
        "/login",
        "login.example.com",
        "https://",
        "https://$http_x/",
        "https://a.example/$document_root",
        "https://a.example/;x",
        'https://a.example/"',
    ),
    make=_redirect_url,
    write=str,
)
