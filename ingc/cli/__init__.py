"""The command line: one module per command. Reads and writes; decides nothing about routing."""

from __future__ import annotations

import os

__all__ = ["main"]


def main() -> None:
    """Run the command line, or answer the shell that completes one."""
    if "_INGC_COMPLETE" in os.environ:
        from ingc.cli.completing import complete

        complete(os.environ)
        return
    from ingc.cli.commands import main as run

    run()
