"""Real backends as the endpoints of Services, and what a client remembers of an answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from tests.nginx.backend import Backend
from tests.nginx.wire import Response
from tests.objects import Object, endpoint_slice, service

PREFIX = "nginx.ingress.kubernetes.io/"


def noted(**values: str) -> dict[str, str]:
    """Return annotations; ``_`` stands for ``-`` in their names."""
    return {PREFIX + name.replace("_", "-"): value for name, value in values.items()}


@contextlib.contextmanager
def pods(**counts: int) -> Iterator[list[Object]]:
    """Start so many backends for each Service, and yield the Services and their slices.

    A backend's name is that of its Service and a number: ``web0``.
    """
    objects: list[Object] = []
    with contextlib.ExitStack() as stack:
        for name, count in counts.items():
            objects.append(service(name, 80))
            for number in range(count):
                made = stack.enter_context(Backend(f"{name}{number}", f"127.0.0.{number + 1}"))
                made_slice = endpoint_slice(
                    name, made.address, port=made.port, name=f"{name}-{number}"
                )
                objects.append(made_slice)
        yield objects


def body(response: Response) -> str:
    """Return the name of the backend that answered."""
    assert response.status == 200, response
    return response.body.decode()


def cookies(response: Response) -> dict[str, str]:
    """Return the cookies of an answer, as a client sends them back."""
    pairs = (line.partition(";")[0].partition("=") for line in response.all("Set-Cookie"))
    return {name: value for name, _, value in pairs}


def sent(jar: dict[str, str]) -> tuple[bytes, ...]:
    """Return the header lines of a client with these cookies."""
    line = "; ".join(f"{name}={value}" for name, value in jar.items())
    return (b"Cookie: " + line.encode(),) if jar else ()


def attributes(response: Response) -> set[str]:
    """Return the attributes of the one cookie, in lower case, without what tells a date."""
    (line,) = response.all("Set-Cookie")
    found = {part.strip().lower() for part in line.split(";")[1:]}
    return {part for part in found if not part.startswith("expires=")}
