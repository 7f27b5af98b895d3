"""Small configurations for tests of the nginx process itself; the compiler has no part in them."""

from __future__ import annotations

from pathlib import Path

_TEMP = "client_body fastcgi proxy scgi uwsgi"


def conf(http: str, main: str = "", connections: int = 64) -> str:
    """Return a configuration that keeps all of its files in the prefix."""
    paths = "".join(f"    {kind}_temp_path temp_{kind};\n" for kind in _TEMP.split())
    return (
        f"pid nginx.pid;\nerror_log error.log warn;\nworker_processes 2;\n{main}"
        f"events {{ worker_connections {connections}; }}\n"
        f"http {{\n    access_log off;\n{paths}{http}}}\n"
    )


def answers(listen: str, text: str) -> str:
    """Return a server that answers everything with ``text``."""
    return f'    server {{ listen {listen}; return 200 "{text}"; }}\n'


def write(prefix: Path, text: str) -> Path:
    """Write the configuration into the prefix and return its path."""
    path = prefix / "nginx.conf"
    path.write_text(text)
    return path
