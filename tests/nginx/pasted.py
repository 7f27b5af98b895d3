"""A configuration by hand into which snippets are pasted where ingress-nginx pastes them.

Around them stands what ingress-nginx writes by default and what has a part in answers: the headers
to the backend, buffers and time-outs, and variables that snippets may name. Where a snippet has a
directive that may stand only once, the configuration does without its own: nginx would not start.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ingc.nginx import Nginx
from tests.nginx.backend import Backend
from tests.nginx.wire import Address, Response, Unanswered, fetch, get
from tests.objects import Object, endpoint_slice, ingress, prefix, rule, service

PREFIX = "nginx.ingress.kubernetes.io/"
NAMESPACE = "shop"
AUTH_HOST = f"auth.{NAMESPACE}.svc.cluster.local"
"""Of the auth service, which is a Service of the cluster."""
MODULE = Path("/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so")
"""Of Debian's nginx, which has headers-more as a module of its own."""


@dataclass(frozen=True)
class Trial:
    """Snippets, and requests that show what they do."""

    name: str
    """Of the Ingress, and of its host: ``NAME.test``."""
    configuration: str = ""
    server: str = ""
    auth: str = ""
    http: str = ""
    every_server: str = ""
    """The ConfigMap's ``server-snippet``."""
    every_location: str = ""
    """The ConfigMap's ``location-snippet``."""
    main: str = ""
    asks: tuple[str, ...] = ("/",)
    """``[METHOD ]target``, headers behind ``|``, the body behind ``| <``; see `request`."""
    hosts: tuple[str, ...] = ()
    paths: tuple[str, ...] = ("/",)
    rewrite: str = ""
    """A ``rewrite-target``; its path is ``/app(/|$)(.*)``."""
    annotations: dict[str, str] = field(default_factory=dict)
    behind: str = ""
    """What ingress-nginx does behind the snippet because of the annotations, as nginx has it."""
    status: str = "200 OK"
    """The backend's."""
    answer: tuple[str, ...] = ()
    """More header lines of the backend's answer."""
    size: int = 4
    """Bytes of its body."""
    filler: int = 0
    """Bytes of a header line of its answer."""
    backend: str = ""
    """``silent``: it never answers; ``dead``: nothing listens."""

    @property
    def names(self) -> tuple[str, ...]:
        """Its hosts."""
        return self.hosts or (f"{self.name}.test",)

    @property
    def of_operator(self) -> bool:
        """Whether it holds for every host."""
        return bool(self.config_map or self.main)

    @property
    def config_map(self) -> dict[str, str]:
        """The keys of the ConfigMap."""
        given = {
            "http-snippet": self.http,
            "server-snippet": self.every_server,
            "location-snippet": self.every_location,
            "main-snippet": self.main,
        }
        return {key: text for key, text in given.items() if text}

    @property
    def texts(self) -> str:
        """All of its snippets."""
        own = (self.configuration, self.server, self.auth)
        return "\n".join((*own, *self.config_map.values()))


@dataclass
class Seen:
    """What came of a request."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    sent: list[tuple[str, ...]]
    """What the backend and the auth service got."""


_HTTP = """
default_type text/html; types { text/html html htm; text/plain txt; application/json json;
text/xml xml; image/png png; image/jpeg jpeg jpg; text/css css; application/javascript js; }
port_in_redirect off; server_tokens off; client_body_buffer_size 8k;
keepalive_timeout 75s; keepalive_requests 1000; log_not_found on; uninitialized_variable_warn off;
map $http_upgrade $connection_upgrade { default upgrade; "" ""; }
map $http_host $best_http_host { default $http_host; "" $host; }
map "" $pass_access_scheme { default $scheme; }
map "" $pass_server_port { default $server_port; }
map "" $the_real_ip { default $remote_addr; }
map $http_x_request_id $req_id { default $http_x_request_id; "" $request_id; }
"""
_ONCE = {
    "client_max_body_size": "1m",
    "proxy_connect_timeout": "5s",
    "proxy_send_timeout": "60s",
    "proxy_read_timeout": "60s",
    "proxy_buffering": "off",
    "proxy_buffer_size": "4k",
    "proxy_buffers": "4 4k",
    "proxy_max_temp_file_size": "1024m",
    "proxy_request_buffering": "on",
    "proxy_http_version": "1.1",
    "proxy_next_upstream": "error timeout",
    "proxy_next_upstream_timeout": "0",
    "proxy_next_upstream_tries": "3",
    "port_in_redirect": "off",
}
_SENT = {
    "Host": "$best_http_host",
    "Upgrade": "$http_upgrade",
    "Connection": "$connection_upgrade",
    "X-Request-ID": "$req_id",
    "X-Real-IP": "$remote_addr",
    "X-Forwarded-For": "$remote_addr",
    "X-Forwarded-Host": "$best_http_host",
    "X-Forwarded-Port": "$pass_server_port",
    "X-Forwarded-Proto": "$pass_access_scheme",
    "X-Forwarded-Scheme": "$pass_access_scheme",
    "X-Scheme": "$pass_access_scheme",
    "X-Original-Forwarded-For": "$http_x_forwarded_for",
    "X-Original-Forwarded-Host": "$http_x_forwarded_host",
    "Proxy": '""',
}


def by_hand(trials: Iterable[Trial], ports: dict[str, int], listen: str, auth: int) -> str:
    """Return what stands in ``http``; ``ports`` are those of the backends."""
    text = _HTTP
    for trial in trials:
        text = _without(text, trial.http)
        text += f"{trial.http}\nupstream {trial.name} {{ server 127.0.0.1:{ports[trial.name]}; }}\n"
        text += _server(trial, listen, auth)
    return text


def _without(text: str, snippet: str) -> str:
    """Return directives without those that a snippet has too."""
    for name in re.findall(r"(?:^|[;}])\s*(\w+)", re.sub(r"\{[^}]*\}", ";", snippet)):
        if name != "map":
            text = re.sub(rf"(?<![\w$]){name} [^;{{]*;", "", text)
    return text


def _server(trial: Trial, listen: str, auth: int) -> str:
    names = " ".join(trial.names)
    asked = ""
    if trial.auth:
        passed = f"proxy_pass http://127.0.0.1:{auth}/check;"
        asked = f"location = /_auth {{ {_of_auth(trial.auth)} {passed} }}"
    locations = "\n".join(_locations(trial))
    return (
        f"server {{ listen {listen}; server_name {names};\n{trial.server}\n{asked}\n{locations}\n"
        f"{trial.every_server}\n}}\n"
    )


def _locations(trial: Trial) -> Iterable[str]:
    opened = [f"location {path}" for path in trial.paths]
    rewrite = ""
    if trial.rewrite:
        opened = [r'location ~* "^/app(/|$)(.*)"']
        rewrite = rf'rewrite "(?i)/app(/|$)(.*)" {trial.rewrite} break;'
    known = {
        "namespace": NAMESPACE,
        "ingress_name": trial.name,
        "service_name": trial.name,
        "service_port": "80",
        "proxy_upstream_name": f"{NAMESPACE}-{trial.name}-80",
    }
    names = " ".join(f'set ${name} "{value}";' for name, value in known.items())
    request = "auth_request /_auth;" if trial.auth else ""
    snippet = f"{trial.configuration}\n{trial.every_location}"
    for item in opened:
        yield (
            f"{item} {{ {names}\n{request} {_defaults(snippet)}\n{snippet}\n{trial.behind}\n"
            f"{rewrite} proxy_pass http://{trial.name}; proxy_redirect off; }}"
        )


def _defaults(snippet: str) -> str:
    """Return what ingress-nginx writes into a location, but for what a snippet has too."""
    own = set(re.findall(r"(?:^|[;{}])\s*(\w+)", snippet))
    once = (f"{name} {value};" for name, value in _ONCE.items() if name not in own)
    taken = {name.lower() for name in re.findall(r'proxy_set_header\s+"?([\w-]+)', snippet)}
    sent = (
        f"proxy_set_header {name} {value};"
        for name, value in _SENT.items()
        if name.lower() not in taken
    )
    return "\n".join((*once, *sent))


def _of_auth(snippet: str) -> str:
    """Return what ingress-nginx writes into the location of an auth request."""
    own = {
        "Host": AUTH_HOST,
        "Content-Length": '""',
        "X-Forwarded-Proto": '""',
        "X-Original-URL": "$scheme://$http_host$request_uri",
        "X-Original-Method": "$request_method",
        "X-Sent-From": '"nginx-ingress-controller"',
        "X-Real-IP": "$remote_addr",
        "X-Forwarded-For": "$remote_addr",
        "X-Request-ID": "$req_id",
        "X-Auth-Request-Redirect": "$request_uri",
        "Connection": "close",
    }
    sent = " ".join(f"proxy_set_header {name} {value};" for name, value in own.items())
    return (
        f"internal; proxy_pass_request_body off; {sent} proxy_http_version 1.1;"
        f" proxy_buffering off; proxy_buffer_size 4k; proxy_buffers 4 4k;\n{snippet}\n"
    )


def backed(name: str, port: int) -> list[Object]:
    """Return a Service, and where it is."""
    return [
        service(name, 80, namespace=NAMESPACE),
        endpoint_slice(name, "127.0.0.1", port=port, namespace=NAMESPACE),
    ]


def objects(trial: Trial, port: int) -> list[Object]:
    """Return the Ingress, its Service, and where the backend is."""
    given = {
        "configuration-snippet": trial.configuration,
        "server-snippet": trial.server,
        "auth-snippet": trial.auth,
        "auth-url": f"http://{AUTH_HOST}/check" if trial.auth else "",
        "rewrite-target": trial.rewrite,
        "ssl-redirect": "false",
    } | trial.annotations
    annotations = {PREFIX + name: text for name, text in given.items() if text}
    paths = [prefix(path, trial.name) for path in trial.paths]
    if trial.rewrite:
        paths = [prefix("/app(/|$)(.*)", trial.name) | {"pathType": "ImplementationSpecific"}]
    rules = [rule(name, *paths) for name in trial.names]
    return [
        ingress(trial.name, *rules, annotations=annotations, namespace=NAMESPACE),
        *backed(trial.name, port),
    ]


def request(text: str, host: str) -> bytes:
    """Return the bytes of a request.

    ``| <TEXT`` is a body, ``| <1000`` one of that many bytes, ``| <~TEXT`` what follows the head.
    """
    line, *rest = text.split(" | ")
    method, _, target = line.partition(" ") if not line.startswith("/") else ("GET", "", line)
    lines: list[bytes] = []
    body, behind = b"", b""
    for item in rest:
        if item.startswith("Host:"):
            host = item.removeprefix("Host:").strip()
        elif item.startswith("<~"):
            behind = item[2:].encode()
        elif item.startswith("<"):
            own = item[1:].strip()
            body = b"x" * int(own) if item[1:].isdigit() else own.encode()
        else:
            lines.append(item.encode())
    return get(target.strip(), host, *lines, method=method.encode(), body=body) + behind


def seen(address: Address, trial: Trial, text: str, services: tuple[Backend, ...]) -> Seen:
    """Send a request; return what came of it, without what differs from one time to the next."""
    before = [len(item.requests) for item in services]
    try:
        response = fetch(address, request(text, trial.names[0]))
    except (Unanswered, ConnectionError):
        response = Response(0, "", (), b"", b"")
    headers = sorted(
        (name.lower(), _timeless(value))
        for name, value in response.headers
        if name.lower() not in ("date", "x-filler")
    )
    sent: list[tuple[str, ...]] = []
    for item, count in zip(services, before, strict=True):
        for got in item.requests[count:]:
            sent.append((got.method, got.target, got.version, str(got.body_bytes)))
            sent.extend(
                sorted(
                    (name.lower(), re.sub(r"^\d{4,5}$", "PORT", value))
                    for name, value in got.headers
                    if name.lower() != "x-request-id"
                )
            )
    return Seen(response.status, headers, response.body, sent)


def _timeless(value: str) -> str:
    return re.sub(r"\d\d:\d\d:\d\d", "TIME", value)


def has_headers_more(nginx: Nginx) -> bool:
    """Return whether this nginx can set headers of answers as ingress-nginx's can."""
    return nginx.version >= (1, 31, 0) or MODULE.exists()


def modules(nginx: Nginx) -> str:
    """Return the directive that loads headers-more, where it is not built in."""
    return "" if nginx.version >= (1, 31, 0) or not MODULE.exists() else f"load_module {MODULE};"
