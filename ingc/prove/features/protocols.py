"""Reads what a FastCGI backend is given, and whether connections serve one request."""

from __future__ import annotations

from collections.abc import Mapping

from ingc.prove.effective import Effect, as_text
from ingc.syntax.text import Text

_USUAL = {
    "QUERY_STRING": "$query_string",
    "REQUEST_METHOD": "$request_method",
    "CONTENT_TYPE": "$content_type",
    "CONTENT_LENGTH": "$content_length",
    "SCRIPT_NAME": "$fastcgi_script_name",
    "REQUEST_URI": "$request_uri",
    "DOCUMENT_URI": "$document_uri",
    "DOCUMENT_ROOT": "$document_root",
    "SERVER_PROTOCOL": "$server_protocol",
    "REQUEST_SCHEME": "$scheme",
    "HTTPS": "$https",
    "GATEWAY_INTERFACE": "CGI/1.1",
    "SERVER_SOFTWARE": "nginx",
    "REMOTE_ADDR": "$remote_addr",
    "REMOTE_PORT": "$remote_port",
    "SERVER_ADDR": "$server_addr",
    "SERVER_PORT": "$server_port",
    "SERVER_NAME": "$host",
    "REDIRECT_STATUS": "200",
}
"""nginx's own file ``fastcgi_params``, with the name of the host for that of the server."""


def read_fast_cgi(effect: Effect) -> dict[str, object] | None:
    """Return the index, and the params that every backend is not given."""
    if effect.language != "fastcgi":
        return None
    index = effect.args("fastcgi_index")
    given = {args[0]: as_text(args[1]) for args in effect.every("fastcgi_param")}
    own = unusual(given)
    if not index and not own:
        return None
    return {"index": index[0] if index else "", "params": own}


def unusual(params: Mapping[str, Text]) -> dict[str, Text]:
    """Leave out of params what every backend is given: headers, the user, nginx's own list."""
    return {
        name: value
        for name, value in params.items()
        if not name.startswith("HTTP_")
        and name != "REMOTE_USER"
        and value != as_text(_USUAL.get(name, ""))
    }


def read_one_request_connections(effect: Effect) -> dict[str, object] | None:
    """Return that no connection of an upstream is kept."""
    kept = effect.place.first("keepalive")
    return {} if kept is None or kept.args == ("0",) else None
