"""The attacks of attacks.yaml as objects to compile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

import ingc
from tests.hostile.corpus import HERE, NGINX
from tests.objects import Object, backend
from tests.resolve.pairs import NOW, fill

_HOST = "a.test"
_PREFIX = "nginx.ingress.kubernetes.io/"
_VERSIONS = {"Secret": "v1", "ConfigMap": "v1", "Service": "v1"}
OPTIONS = ingc.Options(now=NOW, nginx_version=NGINX)


@dataclass(frozen=True)
class Attack:
    """One row of the file."""

    name: str
    about: Mapping[str, Any]

    @property
    def becomes(self) -> str:
        """``compiled`` or ``refused``."""
        return str(self.about["becomes"])

    @property
    def objects(self) -> list[Object]:
        """The attack."""
        return _objects(self.about)

    @property
    def benign(self) -> list[Object]:
        """The same without it."""
        changes = ("path", "host", "uid", "annotations", "pathType")
        kept = {key: value for key, value in self.about.items() if key not in changes}
        if not isinstance(kept.get("tls"), bool):
            kept.pop("tls", None)
        return _objects({**kept, **self.about.get("benign", {})})

    @property
    def bare(self) -> list[Object]:
        """The Ingress with nothing that a row could say."""
        return _objects({key: self.about[key] for key in ("tls", "pathType") if key in self.about})


@cache
def attacks() -> tuple[Attack, ...]:
    """Return every row."""
    listed = yaml.safe_load(fill((HERE / "attacks.yaml").read_text(encoding="utf-8")))
    return tuple(Attack(name, about) for name, about in listed.items())


def _objects(about: Mapping[str, Any]) -> list[Object]:
    host = _text(about.get("host", _HOST))
    path = {
        "path": _text(about.get("path", "/a")),
        "pathType": about.get("pathType", "Prefix"),
        "backend": backend("web"),
    }
    named = {f"{_PREFIX}{name}": _text(v) for name, v in about.get("annotations", {}).items()}
    spec: Object = {"rules": [{"host": host, "http": {"paths": [path]}}]}
    secret = about.get("tls")
    if secret:
        spec["tls"] = [{"hosts": [host], "secretName": "pair" if secret is True else secret}]
    metadata = {
        "name": "web",
        "namespace": "shop",
        "annotations": named,
        "uid": about.get("uid", ""),
    }
    return [
        {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "Ingress",
            "metadata": metadata,
            "spec": spec,
        },
        _object({"kind": "Service", "name": "web", "spec": {"clusterIP": "10.96.0.1"}}),
        _object({"kind": "Secret", "name": "pair", "data": _pair()}),
        *map(_object, about.get("with", ())),
    ]


def _object(about: Mapping[str, Any]) -> Object:
    metadata = {"name": about["name"], "namespace": about.get("namespace", "shop")}
    rest = {key: value for key, value in about.items() if key not in ("name", "namespace")}
    if rest["kind"] == "Service":
        rest["spec"] = {"ports": [{"port": 80}], **rest["spec"]}
    return {"apiVersion": _VERSIONS[rest["kind"]], "metadata": metadata, **rest}


@cache
def _pair() -> dict[str, str]:
    return {"tls.crt": fill("@good.crt"), "tls.key": fill("@good.key")}


def _text(value: str | list[Any]) -> str:
    return str(value[0]) * int(value[1]) if isinstance(value, list) else value
