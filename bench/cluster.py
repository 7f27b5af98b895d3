"""The input that is measured: N Ingresses with P paths each, and N Services, as a cluster has them.

Every Ingress has a host and a Service of its own; the paths are Prefix paths.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

Object = dict[str, Any]

_PLAIN = re.compile(r"(?!(?:null|true|false|yes|no|on|off)$)[A-Za-z/][\w./:-]*(?<!:)").fullmatch


def host(number: int, *, wildcard: bool = False) -> str:
    """Return the host of an Ingress."""
    return f"{'*.' if wildcard else ''}app-{number}.example.com"


def objects(ingresses: int, paths: int, *, wildcard_every: int = 0) -> Iterator[Object]:
    """Yield each Ingress and its Service; every so manieth host is a wildcard."""
    for number in range(ingresses):
        wildcard = bool(wildcard_every) and number % wildcard_every == 0
        yield ingress(number, paths, wildcard=wildcard)
        yield service(number)


def _metadata(number: int, name: str) -> Object:
    return {
        "name": name,
        "namespace": f"team-{number % 50}",
        "creationTimestamp": f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}T08:00:00Z",
        "labels": {"app": f"app-{number}", "app.kubernetes.io/managed-by": "Helm"},
    }


def ingress(number: int, paths: int, *, wildcard: bool = False) -> Object:
    """Return an Ingress with Prefix paths to its Service."""
    rules = [
        {
            "path": f"/svc/{path}",
            "pathType": "Prefix",
            "backend": {"service": {"name": f"app-{number}", "port": {"number": 80}}},
        }
        for path in range(paths)
    ]
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": _metadata(number, f"web-{number}"),
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"host": host(number, wildcard=wildcard), "http": {"paths": rules}}],
        },
    }


def service(number: int) -> Object:
    """Return the Service of an Ingress."""
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": _metadata(number, f"app-{number}"),
        "spec": {
            "type": "ClusterIP",
            "clusterIP": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            "selector": {"app": f"app-{number}"},
            "ports": [{"name": "http", "port": 80, "protocol": "TCP", "targetPort": 8080}],
        },
    }


def write_yaml(items: Iterable[Object], out: TextIO) -> None:
    """Write documents in the block style of kubectl; much faster than PyYAML's dumper."""
    for item in items:
        out.write("---\n")
        out.writelines(f"{line}\n" for line in lines(item))


def write_json(items: Iterable[Object], out: TextIO) -> None:
    """Write one List, as ``kubectl get -o json`` does."""
    json.dump({"apiVersion": "v1", "kind": "List", "items": [*items]}, out, indent=4)


def lines(value: Object | list[Any]) -> Iterator[str]:
    """Yield the lines of a value in kubectl's block style."""
    for key, item in value.items() if isinstance(value, dict) else ((None, i) for i in value):
        head = "-" if key is None else f"{key}:"
        if not isinstance(item, dict | list):
            yield f"{head} {_scalar(item)}"
        elif key is None:
            first, *rest = lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
        else:
            yield head
            indent = "" if isinstance(item, list) else "  "
            yield from (f"{indent}{line}" for line in lines(item))


def _scalar(value: str | int) -> str:
    return value if isinstance(value, str) and _PLAIN(value) else json.dumps(value)
