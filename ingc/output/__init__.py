"""Writes what a compile gives: a file, or nginx.conf with all that it names; whole or not at all.

It takes text and bytes, and knows nothing of what stands in them.
"""

from __future__ import annotations

from ingc.output.file import UNFINISHED, NotWritten, write_file, write_named
from ingc.output.folder import CONF, FOLDERS, MANIFEST, TrialRefused, write_folder
from ingc.output.result import Tester, write_result

__all__ = [
    "CONF",
    "FOLDERS",
    "MANIFEST",
    "UNFINISHED",
    "NotWritten",
    "Tester",
    "TrialRefused",
    "write_file",
    "write_folder",
    "write_named",
    "write_result",
]
