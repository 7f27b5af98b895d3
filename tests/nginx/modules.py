"""nginx's modules beyond stock, wherever their files are."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import Any

import pytest

from ingc.ir import Config
from ingc.ir.features.tuning import FILTER, Tuning
from ingc.ir.module_use import loaded_files
from ingc.ir.modules import LoadableModule
from ingc.nginx import Nginx
from tests.nginx.harness import version_of

FILES = {
    "brotli": ("ngx_http_brotli_filter_module.so", "libnginx-mod-http-brotli-filter"),
    "geoip2": ("ngx_http_geoip2_module.so", "libnginx-mod-http-geoip2"),
    "headers-more": (
        "ngx_http_headers_more_filter_module.so",
        "libnginx-mod-http-headers-more-filter",
    ),
    "modsecurity": ("ngx_http_modsecurity_module.so", "libnginx-mod-http-modsecurity"),
    "njs": ("ngx_http_js_module.so", "libnginx-mod-http-js"),
    "opentelemetry": ("ngx_otel_module.so", ""),
}
"""By name: the file, and Debian's package of it; empty: there is none."""
_DEBIANS = Path("/usr/sbin/nginx")


def module_file(nginx: Nginx, name: str) -> str:
    """Return the file of a module for an nginx. Skips without one.

    ``INGC_NGINX_MODULES`` may name a folder with a folder of modules for each version.
    ``INGC_REQUIRE_MODULES=1`` makes a failure of a package of Debian that is not installed.
    """
    file, package = FILES[name]
    named = os.environ.get("INGC_NGINX_MODULES")
    folders = [Path(named) / version_of(nginx)] if named else []
    if nginx.path == _DEBIANS:
        folders.append(Path("/usr/lib/nginx/modules"))
    for folder in folders:
        if (folder / file).is_file():
            return str(folder / file)
    missing = f"nginx {version_of(nginx)}: its module {name} ({file}) is not here"
    if package and nginx.path == _DEBIANS:
        missing += f"; apt-get install {package}"
        if os.environ.get("INGC_REQUIRE_MODULES"):
            pytest.fail(missing)
    pytest.skip(missing)


def with_module(nginx: Nginx, *names: str) -> tuple[str, ...]:
    """Return the values of ``--with-module`` for an nginx. Skips where one is missing."""
    return tuple(f"{name}={module_file(nginx, name)}" for name in names)


def with_own_modules(config: Config, nginx: Nginx) -> Config:
    """Return a configuration that loads what it needs from where this machine has it.

    Skips where it has it not.
    """
    routes = (route for host in config.hosts for route in (*host.routes, host.default))
    features = (item for route in routes for item in route.features)
    if any(isinstance(item, Tuning) and item.directive == FILTER for item in features):
        sub_module(nginx)
    needed = set(loaded_files(config))
    modules = tuple(
        LoadableModule(item.name, module_file(nginx, item.name))
        for item in config.settings.modules
        if item.file in needed
    )
    settings = dataclasses.replace(config.settings, modules=modules)
    return dataclasses.replace(config, settings=settings)


def sub_module(nginx: Nginx) -> tuple[str, ...]:
    """Return the value of ``--with-module`` for the module that no file holds. Skips without it."""
    if "http_sub" not in nginx.modules:
        pytest.skip(f"nginx {version_of(nginx)} is built without its sub module")
    return ("sub",)


def modules_at_hand(nginx: Nginx) -> tuple[str, ...]:
    """Return the values of ``--with-module`` for the modules that are here."""
    found: list[str] = []
    for name in FILES:
        with contextlib.suppress(pytest.skip.Exception):
            found += with_module(nginx, name)
    return tuple(found)


def modules_given(nginx: Nginx) -> dict[str, Any]:
    """Return the options about modules for those that are here; a trial does without the files."""
    modules = modules_at_hand(nginx)
    given: dict[str, Any] = {"with_module": modules}
    names = {item.partition("=")[0] for item in modules}
    if "modsecurity" in names:
        given |= {"modsecurity_rules": "/nowhere/rules.conf", "owasp_rules": "/nowhere/owasp.conf"}
    if "geoip2" in names:
        given["geoip2_database"] = ("/nowhere/GeoLite2-City.mmdb",)
    return given
