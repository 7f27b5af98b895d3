"""Annotated beside plain Ingresses: ``python bench/annotated.py [--ingresses 1000,10000]``.

Compiles the same hosts and paths without annotations, with a few of the usual ones on each
Ingress, with many, and with those that the proof reads back; in turns, in one run. Prints processor
time and the ratio to the plain ones.
"""

from __future__ import annotations

import argparse
import copy
import time
from collections.abc import Iterable
from typing import Any

import cluster

import ingc

PREFIX = "nginx.ingress.kubernetes.io"
FEW: tuple[dict[str, str], ...] = (
    {"proxy-body-size": "8m", "proxy-read-timeout": "300"},
    {"ssl-redirect": "false"},
    {"enable-cors": "true", "cors-allow-origin": "https://{host}"},
    {"whitelist-source-range": "10.0.0.0/8,192.168.{number}.0/24"},
    {"permanent-redirect": "https://{host}/new"},
    {"backend-protocol": "HTTPS", "proxy-buffering": "on"},
)
"""One of these on each Ingress, in turns."""
MANY: dict[str, str] = {
    "rewrite-target": "/$1",
    "proxy-body-size": "8m",
    "proxy-read-timeout": "300",
    "proxy-send-timeout": "300",
    "enable-cors": "true",
    "cors-allow-origin": "https://{host}",
    "proxy-buffering": "on",
    "limit-rps": "10",
}
"""All of these on each."""
RICH: tuple[dict[str, str], ...] = (
    {
        "proxy-body-size": "1{number}m",
        "limit-rps": "10",
        "limit-connections": "5",
        "limit-whitelist": "10.0.0.0/8",
    },
    {
        "auth-url": "http://192.0.2.{number}/check",
        "auth-signin": "https://auth.{host}/start",
        "auth-response-headers": "X-User,X-Mail",
    },
    {
        "affinity": "cookie",
        "session-cookie-name": "route",
        "session-cookie-max-age": "{number}",
        "affinity-mode": "persistent",
    },
    {
        "enable-cors": "true",
        "cors-allow-origin": "https://{host}",
        "whitelist-source-range": "10.0.0.0/8,192.168.{number}.0/24",
    },
    {
        "backend-protocol": "HTTPS",
        "proxy-ssl-verify": "off",
        "proxy-ssl-server-name": "on",
        "proxy-ssl-name": "{host}",
        "proxy-buffering": "on",
    },
    {
        "mirror-target": "http://198.51.100.{number}/copy",
        "upstream-hash-by": "$request_uri",
        "proxy-buffer-size": "8k",
    },
    {
        "backend-protocol": "GRPC",
        "proxy-send-timeout": "1{number}",
        "proxy-connect-timeout": "7",
    },
    {
        "rewrite-target": "/$1",
        "x-forwarded-prefix": "/a{number}",
        "proxy-next-upstream": "error timeout http_502",
        "ssl-redirect": "false",
    },
)
"""One of these on each, in turns: what the proof reads back, with values that differ, so that few
hosts are alike."""
KINDS: dict[str, tuple[dict[str, str], ...]] = {
    "plain": (),
    "few": FEW,
    "many": (MANY,),
    "rich": RICH,
}


def annotated(objects: list[Any], kinds: tuple[dict[str, str], ...]) -> list[Any]:
    """Return objects with annotations on the Ingresses."""
    made = []
    number = 0
    for given in objects:
        item = given
        if given["kind"] == "Ingress" and kinds:
            item = copy.deepcopy(given)
            host = item["spec"]["rules"][0]["host"]
            values = kinds[number % len(kinds)]
            item["metadata"]["annotations"] = {
                f"{PREFIX}/{name}": text.format(host=host, number=number % 256)
                if "{" in text
                else text
                for name, text in values.items()
            }
            number += 1
        made.append(item)
    return made


def measure(objects: Iterable[Any]) -> tuple[float, int]:
    """Return the processor time of a compile, and the size of its result."""
    began = time.process_time()
    result = ingc.compile(objects)
    took = time.process_time() - began
    assert result.config is not None, result.errors[:3]
    return took, len(result.config)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ingresses", default="1000")
    parser.add_argument("--paths", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=2)
    args = parser.parse_args()
    measure(cluster.objects(10, 2))
    print(f"{'Ingresses':>9}  {'':7} {'seconds':>8} {'of plain':>9} {'MB':>6}")
    for size in map(int, args.ingresses.split(",")):
        objects = list(cluster.objects(size, args.paths))
        inputs = {name: annotated(objects, kind) for name, kind in KINDS.items()}
        best: dict[str, tuple[float, int]] = {}
        for _ in range(args.repeat):
            for name, given in inputs.items():
                found = measure(given)
                best[name] = min(found, best.get(name, found))
        for name, (took, length) in best.items():
            ratio = took / best["plain"][0]
            print(f"{size:9}  {name:7} {took:8.2f} {ratio:9.2f} {length / 1e6:6.1f}")


if __name__ == "__main__":
    main()
