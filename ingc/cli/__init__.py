"""The command line: one module per command. Reads and writes; decides nothing about routing."""

from ingc.cli.main import main

__all__ = ["main"]
