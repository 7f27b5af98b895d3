"""Clusters in which hosts are stamped out under hostile names, all that chance chooses."""

from __future__ import annotations

import random
from typing import Any

import ingc
from tests.engine.sequences import annotations
from tests.objects import (
    Object,
    annotated,
    backend,
    config_map,
    endpoint_slice,
    ingress,
    path,
    prefix,
    rule,
    secret,
    service,
    tls,
)
from tests.resolve.pairs import NOW, certificate, key_pem

WORDS = (
    *("default", "off", "on", "unix", "backend", "http", "https", "upstream", "server", "set"),
    *("localhost", "listen", "return", "any", "none", "0", "1", "80", "a", "b", "shop", "shop-web"),
    *("web-shop", "q0z", "qz", "w-y", "invalid", "proxy", "host", "www", "cafecafecafecafe"),
    *("e3b0c44298fc1c14", "long" * 12),
)
"""Names that nginx has words for, numbers, digests, and names that are parts of others."""
ENDS = ("test", "localhost", "a.example.com", "invalid", "q0z.invalid", "b.example", "0.1.test")
PATHS = ("/", "/", "/a", "/a/b", "/api/", "/Foo", "/a b", "/%2F")
TYPES = ("Prefix", "Prefix", "Exact", "ImplementationSpecific")
USUAL = (
    *(annotated(enable_cors="true"), annotated(custom_http_errors="404,503")),
    *(annotated(rewrite_target="/x"), annotated(use_regex="true"), annotated(limit_rps="5")),
    *(annotated(affinity="cookie"), annotated(from_to_www_redirect="true")),
    *(annotated(server_alias="also.@"), annotated(server_alias="~^al[0-9]+[.]@$")),
    *(annotated(ssl_redirect="false"), annotated(permanent_redirect="https://new.test/")),
    *(annotated(auth_url="https://auth.test/"), annotated(app_root="/app")),
    *(annotated(whitelist_source_range="10.0.0.0/8"), annotated(backend_protocol="GRPC")),
    annotated(server_snippet="if ($host = a.test) { return 403; }"),
    annotated(configuration_snippet="add_header X-A $server_name;"),
)
MAPS: tuple[dict[str, str], ...] = (
    *({}, {}, {"hsts": "false"}, {"use-forwarded-headers": "true"}, {"custom-http-errors": "404"}),
    {"http-snippet": "map $host $mine { a.test 1; default 0; }"},
    {"log-format-upstream": "$host $namespace $ingress_name $service_name"},
)
ODD: tuple[Object, ...] = (
    ingress("odd", rule("*.test", prefix("/", "odd"))),
    ingress("odd", rule("*.q0z.invalid", prefix("/", "odd"))),
    ingress("odd", rule("odd.test", prefix("/", "odd")), annotations=annotated(server_alias="~a")),
    ingress("odd", rule(None, prefix("/odd", "odd"))),
)


class HostStamp:
    """What hosts of a shape have in common."""

    def __init__(self, chosen: random.Random) -> None:
        """Choose all but the names."""
        self.services = [
            (chosen.choice((0, 1, 2, 3)), chosen.random() < 0.2)
            for _ in range(chosen.choice((1, 1, 2)))
        ]
        """How many endpoints each has, 0 for an address of the cluster; and whether of IPv6."""
        self.ingresses = [self._ingress(chosen) for _ in range(chosen.choice((1, 1, 1, 2)))]
        self.shares = chosen.random() < 0.2
        """Whether all of them use the same Services."""

    def _ingress(self, chosen: random.Random) -> tuple[list[tuple[str, str, int]], Any, bool]:
        paths = [
            (chosen.choice(PATHS), chosen.choice(TYPES), chosen.randrange(len(self.services)))
            for _ in range(chosen.choice((1, 1, 2, 4)))
        ]
        given: dict[str, str] = {}
        for _ in range(chosen.choice((0, 0, 1, 2))):
            given |= chosen.choice(USUAL)
        if chosen.random() < 0.2:
            given |= dict([chosen.choice(annotations())])
        return paths, given, chosen.random() < 0.4


class StampedCluster:
    """A cluster, and what may become of it."""

    def __init__(self, seed: int) -> None:
        """Choose the options, and the first objects."""
        self.chosen = chosen = random.Random(seed)  # noqa: S311
        self.options = ingc.Options(
            now=NOW,
            nginx_version=chosen.choice(("1.22", "1.25.1", "1.31")),
            default_ssl_certificate=chosen.choice((None, "/c,/k")),
            allow_snippets=("*",),
            configmap=chosen.choice((None, "default/conf")),
            echo=chosen.random() < 0.1,
            debug_header=chosen.choice(((), ("10.0.0.0/8",))),
        )
        self.stamps = [HostStamp(chosen) for _ in range(chosen.randint(1, 3))]
        self.objects = {
            "conf": config_map("conf", chosen.choice(MAPS)),
            "odd service": service("odd", {"port": 80}, clusterIP="10.9.0.1"),
        }
        self._addresses = 0
        for _ in range(chosen.randint(8, 16)):
            self.add(chosen.choice(self.stamps))
        if chosen.random() < 0.3:
            self.objects["odd"] = chosen.choice(ODD)

    def change(self) -> None:
        """Let a host come, change or go."""
        how, known = self.chosen.random(), [key for key in self.objects if "/" in key]
        if how < 0.4:
            self.add(self.chosen.choice(self.stamps))
        elif how < 0.6:
            self.add(HostStamp(self.chosen))
        elif known:
            del self.objects[self.chosen.choice(known)]

    def add(self, stamp: HostStamp) -> None:
        """Stamp a host out."""
        host, space = f"{self._name()}.{self.chosen.choice(ENDS)}", self._name()
        names = [f"shared{n}" for n in range(2)] if stamp.shares else [self._name(), self._name()]
        for name, (number, wide) in zip(names, stamp.services, strict=False):
            self._put(
                service(name, {"port": 80}, namespace=space, clusterIP=self._address(wide=wide))
            )
            ends = [self._address(wide=wide) for _ in range(number)]
            if ends:
                self._put(endpoint_slice(name, *ends, port=8080, namespace=space))
        for number, (paths, given, secured) in enumerate(stamp.ingresses):
            name = f"{self._name()}-{number}"
            if secured:
                self._put(secret(name, certificate("*.test"), key_pem(), namespace=space))
            listed = [path(text, backend(names[at]), kind) for text, kind, at in paths]
            filled = {key: text.replace("@", host) for key, text in given.items()}
            entry = [tls(host, by=name)] if secured else []
            made = rule(host, *listed)
            self._put(ingress(name, made, namespace=space, annotations=filled, tls=entry))

    def _put(self, made: Object) -> None:
        about = made["metadata"]
        self.objects[f"{made['kind']} {about.get('namespace')}/{about['name']}"] = made

    def _name(self) -> str:
        word = self.chosen.choice(WORDS)
        return f"{word}-{self.chosen.randrange(40)}" if self.chosen.random() < 0.6 else word

    def _address(self, *, wide: bool) -> str:
        self._addresses += 1
        high, low = divmod(self._addresses, 200)
        return f"fd00::{high:x}:{low + 1:x}" if wide else f"10.1.{high}.{low + 1}"
