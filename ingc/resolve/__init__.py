"""Hosts with references → the IR: upstreams and endpoints, certificates, files."""

from ingc.resolve.config import resolve

__all__ = ["resolve"]
