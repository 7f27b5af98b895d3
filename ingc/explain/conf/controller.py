"""The nginx.conf that ingress-nginx writes for itself, in nginx's own words.

Its locations pass all requests to one upstream, in which Lua looks up the endpoints of the Service
that variables name; Lua redirects to https, and joins the redirect from one name to another. What
is known of that Lua is put in place of it. (kubernetes/ingress-nginx, 0.26 to 1.15:
rootfs/etc/nginx/template/nginx.tmpl, rootfs/etc/nginx/lua/lua_ingress.lua)
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ingc.explain.conf.certificates import CertifiedHosts
from ingc.model.tree import ASIDE, LATE

Item = Mapping[str, Any]
Block = list[dict[str, Any]]

BALANCER = "upstream_balancer"
DEFAULT_BACKEND = "upstream-default-backend"
"""What the flag ``--default-backend-service`` names; without it a server of the file, with 404."""

_PASSES = frozenset({"proxy_pass", "grpc_pass", "fastcgi_pass"})
_SWITCH = r"\b{}\s*=\s*(true|false)"
_REWRITES = re.compile(r"\blua_ingress\.rewrite\s*\(")
_THROTTLED = re.compile(r"\bglobal_throttle\s*=\s*\{[^{}]*\blimit\s*=\s*[1-9]")
_STRIPS = re.compile(r"\b(?:path_type|global_throttle)\s*=")
_CODE = re.compile(r"\bhttp_redirect_code\s*=\s*(\d{3})\b")
_HTTPS_PORT = re.compile(r"\bhttps\s*=\s*'(\d{1,5})'")
_FORMAT = re.compile(r"\bstring\.format\(\s*'([^']*)'\s*,([^()]*)\)")
_FILE = "ngx_rewrite.lua"
_REDIRECT_FILE = "ngx_srv_redirect.lua"
_KEEPALIVE_FILE = "ngx_conf_external_auth.lua"
_STREAM_NAME = re.compile(r"\bproxy_upstream_name\s*=\s*'([\w.-]+)'")
_PLAIN = re.compile(r"[\w.-]+").fullmatch
_WORDS = {
    "redirectscheme": "$scheme",
    "ngx.var.scheme": "$scheme",
    "redirectport": "$server_port",
    "ngx.var.server_port": "$server_port",
    "request_uri": "$ingc_redirect_uri",
    "ngx.var.request_uri": "$request_uri",
}
_MAPS = (
    ("$http_host", "$ingc_redirect_host", (("~^(?<ingc_before_port>[^:]+)", "$ingc_before_port"),)),
    (
        "$request_uri",
        "$ingc_redirect_uri",
        (("~^(?<ingc_before_slash>.*)/$", "$ingc_before_slash"),),
    ),
)
_OTHERWISE = {"$ingc_redirect_host": "$host", "$ingc_redirect_uri": "$request_uri"}


@dataclass(slots=True)
class ControllerFacts:
    """What is known of the controller that wrote a file."""

    certificates: CertifiedHosts
    services: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Namespace/name and port of the Services, by the names of upstreams."""
    code: str = "308"
    """The status of redirects to https: ``http-redirect-code`` of the ConfigMap."""
    port: str = "443"
    trusts_scheme: bool = False
    """It believes ``X-Forwarded-Proto``."""
    strips: bool = False
    """It redirects without a slash at the end, also where no switch says so: from 0.41 on."""


def is_controllers(parsed: Iterable[Item]) -> bool:
    """Return whether ingress-nginx has written a file."""
    return any(
        item["directive"] == "upstream" and item["args"] == [BALANCER]
        for http in parsed
        if http["directive"] == "http"
        for item in http.get("block", ())
    )


def in_nginx_words(
    parsed: Iterable[Item], certificates: CertifiedHosts
) -> tuple[Block, ControllerFacts]:
    """Return crossplane's statements of such a file with what its Lua does, and what is known."""
    found = list(parsed)
    known = ControllerFacts(certificates)
    for http in found:
        for item in http.get("block", ()) if http["directive"] == "http" else ():
            if item["directive"] in ("init_by_lua_block", "init_by_lua"):
                _read_settings("".join(item["args"]), known)
            if item["directive"] == "server":
                known.strips = known.strips or any(map(_is_newer, item.get("block", ())))
    return [_outermost(item, known) for item in found], known


def _is_newer(item: Item) -> bool:
    """Return whether a directive of a server is of 0.41 or later."""
    if item["directive"] == "server_name":
        return any(name.startswith("~^(?<subdomain>") for name in item["args"])
    return bool(item["directive"].startswith("set_by_lua"))


def _read_settings(code: str, known: ControllerFacts) -> None:
    status, port = _CODE.search(code), _HTTPS_PORT.search(code)
    known.code = status[1] if status else known.code
    known.port = port[1] if port else known.port
    known.trusts_scheme = _switch(code, "use_forwarded_headers") is True


def _outermost(item: Item, known: ControllerFacts) -> dict[str, Any]:
    if item["directive"] == "http" and "block" in item:
        made = _statement(item)
        block = [_in_http(inner, known) for inner in item["block"] if not _is_own(inner)]
        maps = [_map(made, *each) for each in _MAPS]
        maps += [known.certificates.as_map(item["line"]), _scheme(made, known)]
        return {**item, "block": [*maps, *block]}
    if item["directive"] == "stream" and "block" in item:
        return {**item, "block": [_in_stream(inner) for inner in item["block"]]}
    return dict(item)


def _statement(near: Item) -> dict[str, Any]:
    """Return the place of a statement, for those that are made."""
    return {name: near[name] for name in ("line", "file") if name in near}


def _made(near: Item, name: str, *args: str, block: Block | None = None) -> dict[str, Any]:
    made = {**_statement(near), "directive": name, "args": list(args)}
    return made if block is None else {**made, "block": block}


def _map(near: Item, source: str, name: str, keys: Iterable[tuple[str, str]]) -> dict[str, Any]:
    entries = [*keys, ("default", _OTHERWISE[name])]
    return _made(near, "map", source, name, block=[_made(near, *entry) for entry in entries])


def _scheme(near: Item, known: ControllerFacts) -> dict[str, Any]:
    default = "$http_x_forwarded_proto" if known.trusts_scheme else "$scheme"
    entries = (("", "$scheme"), ("default", default))
    block = [_made(near, *entry) for entry in entries]
    return _made(near, "map", "$http_x_forwarded_proto", "$ingc_scheme", block=block)


def _is_own(item: Item) -> bool:
    """Return whether a server is for the controller alone: its checks, and a 404 for itself."""
    if item["directive"] != "server":
        return False
    names = [inner["args"] for inner in item.get("block", ()) if inner["directive"] == "set"]
    return ["$proxy_upstream_name", "internal"] in names


def _in_http(item: Item, known: ControllerFacts) -> dict[str, Any]:
    if item["directive"] != "server" or "block" not in item:
        return dict(item)
    return {**item, "block": [made for inner in item["block"] for made in _in_server(inner, known)]}


def _in_server(item: Item, known: ControllerFacts) -> Iterator[dict[str, Any]]:
    name, args = item["directive"], item["args"]
    if name == "location" and "block" in item:
        yield {**item, "block": list(_in_location(item["block"], known))}
    elif name == "set_by_lua_block" and len(args) == 2:
        joined = _joined(args[1])
        yield _made(item, "set", args[0], joined) if joined else dict(item)
    elif name == "set_by_lua_file" and len(args) == 3 and args[1].endswith(_REDIRECT_FILE):
        target = f"$scheme://{args[2]}:$server_port$ingc_redirect_uri"
        yield _made(item, "set", args[0], target)
    else:
        yield dict(item)


def _joined(code: str) -> str | None:
    """Return the text that ``string.format`` of Lua makes, with nginx's variables.

    ``None`` where it has other words than those of the redirect between two names.
    """
    found = _FORMAT.search(code)
    words = [word.strip() for word in found[2].split(",")] if found else []
    texts = [_word(word) for word in words]
    if found is None or None in texts or found[1].count("%s") != len(texts):
        return None
    return found[1].replace("%s", "{}").format(*texts) if "{" not in found[1] else None


def _word(word: str) -> str | None:
    if len(word) > 1 and word[0] == word[-1] == "'":
        return word[1:-1]
    return _WORDS.get(word.lower())


def _in_location(block: Iterable[Item], known: ControllerFacts) -> Iterator[dict[str, Any]]:
    own = {
        item["args"][0]: item["args"][1]
        for item in block
        if item["directive"] == "set" and len(item["args"]) == 2
    }
    upstream = own.get("$proxy_upstream_name", "")
    if upstream and own.get("$service_name") and own.get("$namespace"):
        service = f"{own['$namespace']}/{own['$service_name']}"
        known.services.setdefault(upstream, (service, own.get("$service_port", "")))
    for item in block:
        name, args = item["directive"], item["args"]
        if name in _PASSES and args and _passes_on(args[0]) and _PLAIN(upstream):
            yield {**item, "args": [args[0].replace(BALANCER, upstream), *args[1:]]}
        elif name.startswith("rewrite_by_lua"):
            yield from _rewritten(item, own, known)
        elif name == "stub_status":
            yield _made(item, "return", "403")  # as all but its own addresses get it
        elif name.startswith("access_by_lua") and _keeps_alive(args) and "$auth_path" in own:
            yield _made(item, "auth_request", own["$auth_path"])
        else:
            yield dict(item)


def _passes_on(target: str) -> bool:
    return target.rpartition("://")[2] == BALANCER


def _keeps_alive(args: list[str]) -> bool:
    code = " ".join(args)
    return _KEEPALIVE_FILE in code or "auth_path" in code


def _rewritten(
    item: Item, own: Mapping[str, str], known: ControllerFacts
) -> Iterator[dict[str, Any]]:
    """Yield what Lua of the rewrite phase does in a location, as far as it is known."""
    code = "".join(item["args"])
    if _REWRITES.search(code):
        switches = {name: _switch(code, name) for name in _SWITCHES}
    elif code.endswith(_FILE):
        switches = {name: _as_switch(own.get(f"${name}")) for name in _SWITCHES}
    else:
        yield dict(item)
        return
    if _THROTTLED.search(code):
        yield _made(item, ASIDE, item["directive"], "global-rate-limit")
    if switches["force_no_ssl_redirect"]:
        return
    if switches["force_ssl_redirect"]:
        condition = "$ingc_scheme"
    elif switches["ssl_redirect"]:
        condition = "$ingc_scheme$ingc_certificate"
    else:
        return
    keeps = switches["preserve_trailing_slash"]
    if keeps is None:
        keeps = not known.strips and not _STRIPS.search(code)
    uri = "$request_uri" if keeps else "$ingc_redirect_uri"
    port = f":{known.port}" if switches["use_port_in_redirects"] else ""
    answer = _made(item, "return", known.code, f"https://$ingc_redirect_host{port}{uri}")
    text = "http" if switches["force_ssl_redirect"] else "http1"
    inner = [
        _made(item, "set", "$ingc_to_https", condition),
        _made(item, "if", "$ingc_to_https", "=", text, block=[answer]),
    ]
    yield _made(item, LATE, block=inner)


_SWITCHES = (
    "force_ssl_redirect",
    "ssl_redirect",
    "force_no_ssl_redirect",
    "preserve_trailing_slash",
    "use_port_in_redirects",
)


def _switch(code: str, name: str) -> bool | None:
    found = re.search(_SWITCH.format(name), code)
    return found[1] == "true" if found else None


def _as_switch(text: str | None) -> bool | None:
    return None if text is None else text == "true"


def _in_stream(item: Item) -> dict[str, Any]:
    """Return a block of ``stream`` with the name of what its Lua passes connections on to."""
    inner = item.get("block", ())
    code = "".join(
        arg
        for each in inner
        if each["directive"].startswith("preread_by_lua")
        for arg in each["args"]
    )
    named = _STREAM_NAME.search(code)
    if named is None:
        return dict(item)
    block = [
        {**each, "args": [named[1]]}
        if each["directive"] == "proxy_pass" and each["args"] == [BALANCER]
        else dict(each)
        for each in inner
        if not each["directive"].startswith("preread_by_lua")
    ]
    return {**item, "block": block}
