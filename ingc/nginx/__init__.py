"""The real nginx binary: find it, identify it, test a configuration, run and reload it.

From a folder and a configuration file on disk to a running nginx, or to nginx's own words on
why not. It never looks into the configuration and knows no other stage.
"""

from __future__ import annotations

from ingc.nginx.find import Nginx, NginxError, NginxNotFound, NginxUnusable, find
from ingc.nginx.process import NginxFailed, Running, TestResult, free_port, free_ports, test

__all__ = [
    "Nginx",
    "NginxError",
    "NginxFailed",
    "NginxNotFound",
    "NginxUnusable",
    "Running",
    "TestResult",
    "find",
    "free_port",
    "free_ports",
    "test",
]
