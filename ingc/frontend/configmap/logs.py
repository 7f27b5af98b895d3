"""Logs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ingc.frontend.configmap.declare import Key, KeyGroup, KeyValues, Setting, meaningless
from ingc.frontend.configmap.grammars import FILE, LOG_PARAMS, MAP_KEYS
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import BOOL, HOST, integer, one_of
from ingc.frontend.declarations.words import KEY_WORDS, cut
from ingc.ir.modules import GEO_VARIABLES, Database, lookups_in
from ingc.ir.policies import LogFile
from ingc.syntax.text import ALLOWED, DECODED, Text, Variable

OURS = {
    "best_http_host": "ingc_host",
    "ingress_name": "ingc_ingress",
    "namespace": "ingc_namespace",
    "pass_access_scheme": "ingc_scheme",
    "pass_port": "ingc_forwarded_port",
    "pass_server_port": "server_port",
    "proxy_upstream_name": "proxy_host",
    "req_id": "ingc_request_id",
    "service_name": "ingc_service",
    "service_port": "ingc_service_port",
    "the_real_ip": "remote_addr",
}
"""ingress-nginx's variables, each with what holds the same here."""
CONSTANT = {
    "balancer_ewma_score": "-1",
    "global_rate_limit_exceeding": "n",
    "proxy_alternative_upstream_name": "",
}
"""ingress-nginx's variables whose value is always the same here: where a canary takes a request,
its upstream is the request's own."""
OF_LOGS = frozenset(
    {
        *("ancient_browser", "bytes_sent", "connection", "connection_requests", "connection_time"),
        *("date_gmt", "date_local", "document_root", "fastcgi_script_name", "gzip_ratio"),
        *("invalid_referer", "limit_conn_status", "limit_rate", "limit_req_status"),
        *("modern_browser", "msie", "nginx_version", "pid", "pipe"),
        *("proxy_add_x_forwarded_for", "proxy_host", "proxy_port", "proxy_protocol_addr"),
        *("proxy_protocol_port", "proxy_protocol_server_addr", "proxy_protocol_server_port"),
        *("realip_remote_addr", "realip_remote_port", "realpath_root", "request_body"),
        *("request_body_file", "request_completion", "request_filename", "request_time"),
        *("ssl_alpn_protocol", "ssl_cipher", "ssl_ciphers", "ssl_client_escaped_cert"),
        *("ssl_client_i_dn_legacy", "ssl_client_s_dn_legacy", "ssl_client_v_end"),
        *("ssl_client_v_remain", "ssl_client_v_start", "ssl_curve", "ssl_curves"),
        *("ssl_early_data", "ssl_session_id", "ssl_session_reused", "status"),
        *("tcpinfo_rcv_space", "tcpinfo_rtt", "tcpinfo_rttvar", "tcpinfo_snd_cwnd"),
        *("uid_got", "uid_reset", "uid_set", "upstream_addr", "upstream_bytes_received"),
        *("upstream_bytes_sent", "upstream_cache_status", "upstream_connect_time"),
        *("upstream_header_time", "upstream_response_length", "upstream_response_time"),
        "upstream_status",
    }
)
"""nginx's variables that only a log can name: most are known when the answer is sent. Those of
modules that every nginx of a distribution has."""
_FAMILIES = re.compile(
    r"(?:arg|cookie|http|sent_http|sent_trailer|upstream_cookie|upstream_http|upstream_trailer)"
    r"_[a-z0-9_]+"
).fullmatch
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))?", re.ASCII)


def _format(tokens: tuple[str, ...]) -> Text:
    parts: list[str | Variable] = []
    end = 0
    for found in _REFERENCE.finditer(tokens[0]):
        parts.append(tokens[0][end : found.start()])
        parts.append(_variable(found[1] or found[2] or ""))
        end = found.end()
    parts.append(tokens[0][end:])
    return Text(tuple(part for part in parts if part != ""))


def _variable(name: str) -> Variable | str:
    if not name:
        raise BadValue('a "$" is not followed by the name of a variable')
    if name in ALLOWED or name in DECODED or name in OF_LOGS or _FAMILIES(name):
        return Variable(name)
    if name in GEO_VARIABLES:
        return Variable(name)
    if name in OURS:
        return Variable(OURS[name])
    if name in CONSTANT:
        return CONSTANT[name]
    if name.startswith("ingc_") and name in OURS.values():
        return Variable(name)
    raise BadValue(f'no variable "${name}" is known here')


FORMAT = Grammar(
    name="log format",
    rule="line",
    words="one line of text in which $name is a variable of nginx or of ingress-nginx",
    examples=('$remote_addr "$request" $status', '{"id": "$req_id", "ns": "$namespace"}'),
    wrong=("", "$geoip_country_code", "100$", "$nonsense"),
    make=_format,
    write=str,
)

PATH = Key(
    "access-log-path",
    "The file of the access log.",
    FILE,
    see="access_log",
)
HTTP_PATH = Key(
    "http-access-log-path",
    "The file of the access log, before access-log-path.",
    FILE,
    see="access_log",
)
PARAMS = Key("access-log-params", "How the access log is buffered.", LOG_PARAMS, see="access_log")
DISABLED = Key(
    "disable-access-log", "Write no access log.", BOOL, default="false", see="access_log"
)
HTTP_DISABLED = Key(
    "disable-http-access-log", "Write no access log.", BOOL, default="false", see="access_log"
)
AUTH_LOGGED = Key(
    "enable-auth-access-log",
    "Log the requests to external auth services too.",
    BOOL,
    default="false",
    see="log_subrequest",
)
DEFAULT_LOGGED = Key(
    "enable-access-log-for-default-backend",
    "Log the requests of hosts that no rule names; in ingress-nginx only this key does.",
    BOOL,
    default="true",
    see="access_log",
)
ERROR_PATH = Key("error-log-path", "The file of the error log.", FILE, see="error_log")
ERROR_LEVEL = Key(
    "error-log-level",
    "What the error log holds.",
    one_of("debug", "info", "notice", "warn", "error", "crit", "alert", "emerg"),
    default="notice",
    see="error_log",
)
UPSTREAM_FORMAT = Key(
    "log-format-upstream", "The lines of the access log.", FORMAT, see="log_format"
)
ESCAPE_JSON = Key(
    "log-format-escape-json",
    "Escape variables in the access log for JSON.",
    BOOL,
    default="false",
    needs="log-format-upstream",
    see="log_format",
)
ESCAPE_NONE = Key(
    "log-format-escape-none",
    "Escape nothing in the access log.",
    BOOL,
    default="false",
    needs="log-format-upstream",
    see="log_format",
)
SKIPPED = Key(
    "skip-access-log-urls",
    "Request targets that are not logged.",
    MAP_KEYS,
    see="access_log",
)
SYSLOG = Key(
    "enable-syslog", "Send the logs to a syslog server.", BOOL, default="false", see="access_log"
)
SYSLOG_HOST = Key(
    "syslog-host", "The syslog server.", HOST, needs="enable-syslog", see="access_log"
)
SYSLOG_PORT = Key(
    "syslog-port",
    "Its port.",
    integer(1, 65535),
    default="514",
    needs="enable-syslog",
    see="access_log",
)


def _syslog(values: KeyValues) -> str:
    host = values.get(SYSLOG_HOST)
    if not host or not values.value(SYSLOG):
        return ""
    return f"syslog:server={host}:{values.value(SYSLOG_PORT)}"


def settings(values: KeyValues) -> Iterator[Setting]:
    """Yield the error log."""
    path, level = values.get(ERROR_PATH), values.get(ERROR_LEVEL)
    target = _syslog(values) or path
    if target or level:
        yield "error_log", (target or "error.log", level or ERROR_LEVEL.default)


def is_off(values: KeyValues) -> bool:
    """Return whether no access log is written."""
    return values.value(DISABLED) or values.value(HTTP_DISABLED)


def _known_format(values: KeyValues, databases: Iterable[Database]) -> Text | None:
    """Return the form of the log, but for one that names what no database sets."""
    form = values.get(UPSTREAM_FORMAT)
    if form is None:
        return None
    known = {name for _, variables in lookups_in(databases) for name in variables}
    unknown = next((v for v in form.variables if v in GEO_VARIABLES and v not in known), None)
    if unknown is None:
        return form
    why = f'no variable "${unknown}" is known here'
    words, examples = FORMAT.words, FORMAT.examples
    held = KEY_WORDS.default("")
    entry = KEY_WORDS.not_used(UPSTREAM_FORMAT.name, cut(str(form)), why, words, examples, held)
    values.report(entry, UPSTREAM_FORMAT)
    return None


def log_file(values: KeyValues, databases: Iterable[Database]) -> LogFile:
    """Return where the access log goes, and what is in it."""
    escape = "json" if values.value(ESCAPE_JSON) else LogFile().escape
    path = _syslog(values) or values.get(HTTP_PATH) or values.get(PATH)
    return LogFile(
        path=path or LogFile().path,
        params=values.get(PARAMS) or (),
        format=_known_format(values, databases),
        escape="none" if values.value(ESCAPE_NONE) else escape,
        skipped=values.get(SKIPPED) or (),
        auth=values.value(AUTH_LOGGED),
        unknown_hosts=values.value(DEFAULT_LOGGED),
    )


_STREAM = "there are no stream servers here"

GROUP = KeyGroup(
    "Logs",
    (
        PATH,
        PARAMS,
        HTTP_PATH,
        meaningless("stream-access-log-path", _STREAM),
        DEFAULT_LOGGED,
        AUTH_LOGGED,
        DISABLED,
        HTTP_DISABLED,
        meaningless("disable-stream-access-log", _STREAM, "true", "false"),
        ERROR_PATH,
        ERROR_LEVEL,
        UPSTREAM_FORMAT,
        meaningless("log-format-stream", _STREAM),
        ESCAPE_JSON,
        ESCAPE_NONE,
        SKIPPED,
        SYSLOG,
        SYSLOG_HOST,
        SYSLOG_PORT,
        meaningless("debug-connections", "it needs an nginx that is built for debugging"),
    ),
    settings,
)
