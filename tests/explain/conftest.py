"""The model is held against every real nginx at hand."""

from tests.nginx.conftest import nginx

__all__ = ["nginx"]
