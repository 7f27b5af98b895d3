"""The golden cases are tried on the same real nginx versions as the tests of `tests/nginx`."""

from tests.nginx.conftest import nginx

__all__ = ["nginx"]
