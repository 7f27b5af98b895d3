"""Sequences of changes of few names that all kinds of objects share: what one thing decides for
another is met again and again.
"""

from __future__ import annotations

import dataclasses
import random
from typing import Any

from ingc.k8s.service import BACKENDS
from ingc.options import Options
from tests import objects
from tests.objects import Object, annotated, config_map, exact, opaque, prefix, rule, specific
from tests.resolve.pairs import NOW, certificate, key_pem
from tests.routes_of import edge, route, to

HOSTS = ("a.test", "www.a.test", "b.test", "x.wild.test", "y.wild.test", "*.wild.test", None)
NAMES = ("c.test", "d.test", "www.b.test", "z.wild.test", r"~^e\d+\.test$")
SPACES = ("one", "two", "six")
SERVICES = ("web", "webs", "next")
_AUTH = b"ann:$apr1$5kO8kYWz$8pSkHqBAkPyPyXyPzWCb90\n"
_ANNOTATIONS = (
    {"canary": "true", "canary_weight": "20"},
    {"canary": "true", "canary_by_header": "X-Next"},
    {"from_to_www_redirect": "true"},
    {"use_regex": "true"},
    {"rewrite_target": "/new/$1"},
    {"affinity": "cookie"},
    {"load_balance": "ewma"},
    {"upstream_hash_by": "$remote_addr"},
    {"upstream_hash_by": "$host"},
    {"service_upstream": "true"},
    {"ssl_passthrough": "true"},
    {"backend_protocol": "HTTPS"},
    {"backend_protocol": "GRPC"},
    {"auth_type": "basic", "auth_secret": "users"},
    {"auth_tls_secret": "one/pair"},
    {"auth_tls_secret": "two/pair", "auth_tls_verify_client": "optional"},
    {"auth_url": "http://web.one.svc/check"},
    {"auth_url": "http://outside.example/check"},
    {"mirror_target": "http://webs.two.svc/copy"},
    {"default_backend": "next", "custom_http_errors": "404,503"},
    {"custom_http_errors": "500"},
    {"custom_headers": "headers"},
    {"proxy_ssl_secret": "one/pair", "backend_protocol": "HTTPS"},
    {"permanent_redirect": "https://elsewhere.example/"},
    {"server_snippet": "location /status { return 204; }"},
    {"configuration_snippet": "rewrite ^/old /other last;"},
    {"app_root": "/start"},
    {"limit_rps": "5"},
    {"ssl_redirect": "false"},
)
_SETTINGS = (
    {},
    {"hsts": "false"},
    {"proxy-read-timeout": "7"},
    {"custom-http-errors": "502"},
    {"global-auth-url": "http://outside.example/all"},
    {"load-balance": "ewma"},
    {"ssl-redirect": "false"},
    {"strict-validate-path-type": "true"},
    {"global-allowed-response-headers": "X-One"},
    {"allow-snippet-annotations": "true", "annotations-risk-level": "Critical"},
    {"server-snippet": "location /all { return 204; }", "allow-snippet-annotations": "true"},
    {"bogus-key": "1", "proxy-body-size": "what"},
)
_OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"trust_namespaces": True},
    {"resolver": ("10.0.0.53",)},
    {"partial": True},
    {"host_owner": {"a.test": "two", "*": "one", "no.test": "one"}},
    {"default_backend_service": "one/web:80"},
    {"default_backend_service": "outside/web", "enable_ssl_passthrough": True},
    {"default_ssl_certificate": "one/pair"},
    {"default_ssl_certificate": "/c,/k", "tcp_services_configmap": "one/ports"},
    {"secret_files": False},
    {"secret_files": False, "tls_files": "/etc/{namespace}/{secret}"},
    {"backends": "endpoints"},
    {"backends": "pods"},
    {"watch_namespace_selector": "team in (a, b)"},
    {"watch_namespace": "one"},
    {"ingress_class": ("nginx",), "disable_catch_all": True},
    {"nginx_version": "1.22"},
)


class Crowd:
    """Objects that share names, and changes of them that chance chooses."""

    def __init__(self, seed: int) -> None:
        """Choose the options."""
        self._chosen = random.Random(seed)  # noqa: S311
        options: dict[str, Any] = {"configmap": "one/settings", "now": NOW}
        for given in self._chosen.sample(_OPTIONS, self._chosen.randint(0, 2)):
            options |= given
        if "host_owner" in options:
            options.pop("trust_namespaces", None)
        if "watch_namespace_selector" in options:
            options.pop("watch_namespace", None)
        self.options = dataclasses.replace(Options(), **options)
        self._there: dict[tuple[str, str, str], Object] = {}
        self._makers = (
            *(self._ingress,) * 8,
            *(self._service, self._slice) * 2,
            self._route,
            self._secret,
            self._config_map,
            self._namespace,
            self._class,
            *(self._pod,) * 2,
        )

    def first(self) -> list[Object]:
        """Return some objects."""
        return [self._take(self._chosen.choice(self._makers)()) for _ in range(30)]

    def change(self) -> tuple[list[Object], list[Object]]:
        """Return what comes or changes, and what goes."""
        upserts, deletes = [], []
        for _ in range(self._chosen.randint(1, 2)):
            if self._there and self._chosen.random() < 0.35:
                key = self._chosen.choice(sorted(self._there))
                deletes.append(self._there.pop(key))
            else:
                upserts.append(self._take(self._chosen.choice(self._makers)()))
        return upserts, deletes

    def _take(self, item: Object) -> Object:
        meta = item["metadata"]
        self._there[item["kind"], meta.get("namespace", ""), meta["name"]] = item
        return item

    def _any(self, *values: Any) -> Any:
        return self._chosen.choice(values)

    def _space(self) -> str:
        return self._any(*SPACES)

    def _age(self) -> str:
        return self._any("", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z", "2025-01-01T00:00:00Z")

    def _path(self) -> Object:
        make = self._any(prefix, prefix, exact, specific)
        text = self._any("/", "/", "/api", "/api/", "/a/b", "/x(/|$)(.*)", "/.*")
        made: Object = make(text, self._any(*SERVICES), self._any(80, 80, "http", 8080))
        return made

    def _rules(self) -> list[Object]:
        hosts = self._chosen.sample(HOSTS, self._any(0, 1, 1, 1, 2, 2))
        return [rule(host, *(self._path() for _ in range(self._any(0, 1, 2, 2)))) for host in hosts]

    def _ingress(self) -> Object:
        given: dict[str, str] = {}
        for chosen in self._chosen.sample(_ANNOTATIONS, self._any(0, 0, 1, 1, 2)):
            given |= chosen
        if self._chosen.random() < 0.15:
            given["server_alias"] = ",".join(self._chosen.sample(NAMES, 2))
        hosts = [host for host in self._chosen.sample(HOSTS, 2) if host]
        tls = [objects.tls(*hosts[: self._any(0, 1, 2)], by=self._any("pair", "pair", "no", None))]
        return objects.ingress(
            f"i{self._chosen.randrange(9)}",
            *self._rules(),
            default=self._any("", "", "", "web"),
            tls=tls if self._chosen.random() < 0.4 else (),
            class_name=self._any("", "nginx", "nginx", "other"),
            created=self._age(),
            namespace=self._space(),
            annotations=annotated(**given),
        )

    def _route(self) -> Object:
        spec: Object = {"namespace": self._space(), "created": self._age()}
        if self._chosen.random() < 0.5:
            spec["tls"] = edge(self._any("", "Redirect", "None"))
        if self._chosen.random() < 0.3:
            spec["alternateBackends"] = [to(self._any(*SERVICES), 30)]
        if self._chosen.random() < 0.5:
            spec["path"] = self._any("/", "/api", "/api/")
        host = self._any(*(host for host in HOSTS if host and host[0] != "*"))
        return route(f"r{self._chosen.randrange(3)}", host, self._any(*SERVICES), **spec)

    def _service(self) -> Object:
        space, name = self._space(), self._any(*SERVICES)
        if self._chosen.random() < 0.1:
            return objects.service(name, namespace=space, external_name="outside.example")
        port: Object = {"name": "http", "port": 80, "targetPort": self._any(80, 8080, "web")}
        if self._chosen.random() < 0.2:
            port["appProtocol"] = self._any("https", "grpc", "kubernetes.io/h2c")
        spec: Object = {"selector": {"app": name}}
        if self._chosen.random() < 0.6:
            spec["clusterIP"] = self._any("10.0.0.1", "10.0.0.2", "None")
        if self._chosen.random() < 0.2:
            spec["sessionAffinity"] = "ClientIP"
        annotations = {BACKENDS: self._any("pods", "pods", "host-port")}
        annotated_too = {"annotations": annotations} if self._chosen.random() < 0.25 else {}
        ports = [port] if self._chosen.random() < 0.8 else [port, {"name": "b", "port": 8080}]
        made = objects.service(name, *ports, namespace=space, **spec)
        made["metadata"] |= annotated_too
        return made

    def _slice(self) -> Object:
        of, space = self._any(*SERVICES), self._space()
        addresses = self._chosen.sample(("10.1.0.1", "10.1.0.2", "10.1.0.3"), self._any(0, 1, 2))
        if self._chosen.random() < 0.2:
            return objects.endpoints(of, *addresses, port=8080, namespace=space)
        name = f"{of}-{self._any('x', 'y')}"
        made = {"port": 8080, "port_name": "http", "name": name, "namespace": space}
        return objects.endpoint_slice(of, *addresses, **made)

    def _secret(self) -> Object:
        space = self._space()
        if self._chosen.random() < 0.15:
            meta = {"name": self._any("pair", "users"), "namespace": space}
            return {"apiVersion": "bitnami.com/v1alpha1", "kind": "SealedSecret", "metadata": meta}
        if self._chosen.random() < 0.3:
            return opaque("users", space, auth=self._any(_AUTH, b"", b"bob:x\n"))
        hosts = self._any(("a.test", "*.wild.test"), ("b.test",), ("a.test",))
        text = b"broken" if self._chosen.random() < 0.2 else certificate(*hosts)
        return opaque("pair", space, tls_crt=text, tls_key=key_pem(), ca_crt=text)

    def _config_map(self) -> Object:
        which = self._any("settings", "settings", "headers", "ports")
        if which == "headers":
            return config_map("headers", {"X-One": self._any("1", "2")}, self._space())
        if which == "ports":
            return config_map("ports", {"9000": self._any("one/web:80", "two/webs:http")}, "one")
        return config_map("settings", self._any(*_SETTINGS), "one")

    def _namespace(self) -> Object:
        labels = {"team": self._any("a", "c")}
        meta = {"name": self._space(), "labels": labels}
        return {"apiVersion": "v1", "kind": "Namespace", "metadata": meta}

    def _class(self) -> Object:
        controller = self._any("k8s.io/ingress-nginx", "example.com/other")
        name = self._any("nginx", "other")
        return objects.ingress_class(name, controller, default=self._chosen.random() < 0.3)

    def _pod(self) -> Object:
        name = self._any(*SERVICES)
        ready = self._any("True", "True", "False")
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": self._space(), "labels": {"app": name}},
            "spec": {"containers": [{"name": "c", "ports": [{"containerPort": 8080}]}]},
            "status": {
                "podIP": self._any("10.3.0.1", "10.3.0.2"),
                "phase": "Running",
                "conditions": [{"type": "Ready", "status": ready}],
            },
        }
