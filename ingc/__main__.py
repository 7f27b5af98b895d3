"""``python -m ingc``."""

from ingc.cli import main

main()
