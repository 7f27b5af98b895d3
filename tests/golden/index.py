"""golden/README.md: every case in one line, area by area."""

from __future__ import annotations

from collections.abc import Iterable

from tests.golden.case import Case

AREAS = {
    "paths": "Which path takes a request.",
    "hosts": "Which host takes a request, before any path is looked at.",
    "defaults": "What becomes of requests that no rule takes.",
    "backends": "From a Service port to the addresses that nginx passes requests to.",
    "tls": "Certificates, redirects to https, and what is refused.",
    "classes": "Which Ingresses are compiled.",
    "annotations": "What becomes of ingress-nginx's annotations in general; then by feature.",
    "access": "Which clients may reach a path, by their address.",
    "basic_auth": "Names and passwords.",
    "client_certs": "Certificates of clients.",
    "external_auth": "A service that decides about each request, and its sign-in page.",
    "limits": "How much one client may ask for.",
    "cors": "Which other origins may use a site from a browser.",
    "redirects": "Redirects to https, to another URL, from a root.",
    "rewrite": "Rewritten paths, and hosts whose paths are regexes.",
    "snippets": "Snippets, where the operator allows them: read by a list, never pasted.",
    "aliases": "More names for a host.",
    "headers": "Headers of requests and answers.",
    "errors": "Error pages from a backend of their own.",
    "mirror": "Copies of requests.",
    "modsecurity": "A web application firewall, with ModSecurity's module.",
    "tracing": "Spans of requests, with nginx's OpenTelemetry module.",
    "canary": "Canaries: a part of the requests goes elsewhere.",
    "affinity": "Sessions that stay on their endpoint.",
    "load_balance": "How requests are spread over endpoints.",
    "protocols": "The protocol that a backend is spoken to in.",
    "backend_tls": "TLS to the backend.",
    "passthrough": "TLS that is passed on unopened.",
    "tuning": "Sizes, time-outs, buffers, logs of a path.",
    "layout": "How servers and locations are laid out where nginx has very many of them.",
    "configmap": "What a ConfigMap that the operator names changes for everybody.",
    "modules": "What nginx's other modules make possible.",
    "stream": "TCP and UDP ports.",
    "openshift": "Routes of OpenShift, beside Ingresses, as its router would serve them.",
    "versions": "Other forms of the same objects.",
    "mistakes": "What the user reads about a mistake; nothing is written then.",
    "isolate": "With `--on-error isolate` a bad object loses its own routes, and no others.",
    "frame": "The whole file: what stands around the servers.",
}
"""The areas in the order in which they are best read, and what each is about."""

_INTRODUCTION = """\
# What ingc does, case by case

Each folder is one claim, and its name says it. Read its files in the order of their names:
`case.toml` (why, options, requests to try), `input.yaml`, `nginx.conf` (without the frame, which
has cases of its own below), `routes.txt` (the table of routes, then what becomes of each request),
`stderr.txt` (what the user reads; absent where there is nothing to read). The comment at each
location names the Ingress and the rule, as `routes.txt` does.

`pytest tests/golden` compiles every case, gives each configuration to every real nginx at hand,
and sends it the requests. After a change, `pytest tests/golden --snapshot-update` rewrites the
files and this page; read the difference: one in `routes.txt` is a change of behaviour.
"""


def index(cases: Iterable[Case]) -> str:
    """Return the page."""
    found = list(cases)
    parts = [_INTRODUCTION]
    for area, about in AREAS.items():
        lines = [
            f"- [{case.folder.name}]({case.name}): {case.about['why']}"
            for case in found
            if case.area == area
        ]
        if lines:
            parts.append("\n".join([f"## {area}", "", about, "", *lines]) + "\n")
    return "\n".join(parts)
