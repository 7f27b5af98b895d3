"""What a configuration needs that the nginx at hand does not have."""

from __future__ import annotations

from ingc.ir import Config
from ingc.nginx import Nginx

_STREAM = "stream"


def lacks_stream(nginx: Nginx, config: Config) -> str:
    """Report that an nginx lacks the ``stream`` block, and the fix; empty: it has the block."""
    if not config.needs_stream or config.stream.module or _STREAM in nginx.modules:
        return ""
    if _STREAM in nginx.build.dynamic:
        folder = next(
            (
                argument.partition("=")[2]
                for argument in nginx.build.configure
                if argument.startswith("--modules-path=")
            ),
            "modules",
        )
        return (
            f"{nginx} has its stream module in a file of its own; "
            f"pass --stream-module {folder}/ngx_stream_module.so (Debian: libnginx-mod-stream)"
        )
    return (
        f"{nginx} has no stream module, which TCP and UDP services and ssl-passthrough need; "
        "run an nginx that was built --with-stream and --with-stream_ssl_preread_module"
    )
