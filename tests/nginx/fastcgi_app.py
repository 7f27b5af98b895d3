"""What the FastCGI server of the tests runs: it tells all params that it was given."""

import json
from collections.abc import Callable
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
    """Answer with the params, as JSON."""
    told = {name: value for name, value in environ.items() if isinstance(value, str)}
    told["body"] = environ["wsgi.input"].read().decode("latin-1")
    body = json.dumps(told).encode()
    headers = [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(body))),
        ("Strict-Transport-Security", "max-age=1"),
    ]
    start_response("200 OK", headers)
    return [body]
