"""The access log: its form, where it goes, and what its variables are made of."""

from __future__ import annotations

from ingc.ir import Settings
from ingc.plan.frame.client_identity import SCHEME, scheme_of
from ingc.plan.layout import Directive, Literal, Map, Value, compose, directive
from ingc.plan.rooms import map_key
from ingc.syntax.text import Text, Variable

ROUTE = Variable("ingc_route")
"""The name of the route that took a request, for logs and for the local responder."""
_LOGGED = Variable("ingc_logged")

_JSON_FIELDS = (
    ("time", "$time_iso8601"),
    ("remote_addr", "$remote_addr"),
    ("scheme", "$scheme"),
    ("host", "$host"),
    ("method", "$request_method"),
    ("uri", "$request_uri"),
    ("protocol", "$server_protocol"),
    ("status", "$status"),
    ("bytes_sent", "$body_bytes_sent"),
    ("request_length", "$request_length"),
    ("request_time", "$request_time"),
    ("route", "$ingc_route"),
    ("upstream", "$upstream_addr"),
    ("upstream_status", "$upstream_status"),
    ("upstream_time", "$upstream_response_time"),
    ("request_id", "$ingc_request_id"),
    ("referer", "$http_referer"),
    ("user_agent", "$http_user_agent"),
)
_COMBINED = (
    '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ',
    '"$http_referer" "$http_user_agent" $host $scheme "$ingc_route"',
)

_PARTS = {
    "ingc_namespace": (ROUTE, "~^(?<ingc_part>[^/ ]+)/"),
    "ingc_ingress": (ROUTE, "~^[^/ ]+/(?<ingc_part>[^/ ]+) "),
    "ingc_service": (Variable("proxy_host"), "~^[^_]+_(?<ingc_part>[^_]+)_"),
    "ingc_service_port": (Variable("proxy_host"), "~^[^_]+_[^_]+_(?<ingc_part>[^_]+)$"),
}
"""Variables that a log format may name: parts of a route's name, and of an upstream's."""


def logs_route(settings: Settings) -> bool:
    """Return whether the access log names the route, or a part of its name."""
    form = settings.policies.log.format
    if settings.access_log == "off" or form is None:
        return settings.access_log != "off"
    of_route = {name for name, (source, _) in _PARTS.items() if source == ROUTE}
    return not {ROUTE.name, *of_route}.isdisjoint(form.variables)


def log_format(settings: Settings) -> tuple[Directive, ...]:
    """Define the form of the access log."""
    log = settings.policies.log
    if settings.access_log == "off":
        return ()
    if log.format is not None:
        form = _with_scheme(log.format, settings)
        return (directive("log_format", "ingc_own", f"escape={log.escape}", form),)
    if settings.access_log == "json":
        fields = [f'"{name}":"{variable}"' for name, variable in _JSON_FIELDS]
        lines = [f"{field}," for field in fields[:-1]] + [fields[-1] + "}"]
        lines[0] = "{" + lines[0]
        texts = tuple(compose(line) for line in lines)
        return (Directive("log_format", ("ingc_json", "escape=json", *texts), unfolded=2),)
    args: tuple[Value, ...] = ("ingc_combined", *map(compose, _COMBINED))
    return (Directive("log_format", args, unfolded=1),)


def _with_scheme(form: Text, settings: Settings) -> Text:
    """The variable of the client's scheme exists only where a proxy may report it."""
    scheme = scheme_of(settings)
    return Text(tuple(scheme if part == SCHEME else part for part in form.parts))


def access_log(settings: Settings) -> tuple[Directive, ...]:
    """Which access log every server writes."""
    if settings.access_log == "off":
        return (directive("access_log", "off"),)
    log = settings.policies.log
    form = "ingc_own" if log.format is not None else f"ingc_{settings.access_log}"
    condition = (Text(("if=", _LOGGED)),) if log.skipped else ()
    return (directive("access_log", log.path, form, *log.params, *condition),)


def log_maps(settings: Settings) -> tuple[Map, ...]:
    """Return the maps that the access log needs."""
    log = settings.policies.log
    if settings.access_log == "off":
        return ()
    named = log.format.variables if log.format is not None else ()
    made = [
        Map(source, Variable(name), ((Literal(part), Variable("ingc_part")), ("default", "-")))
        for name, (source, part) in _PARTS.items()
        if name in named
    ]
    if log.skipped:
        keys = ((map_key(target), "0") for target in log.skipped)
        made.append(Map(Variable("request_uri"), _LOGGED, (*keys, ("default", "1"))))
    return tuple(made)
