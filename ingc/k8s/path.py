"""Paths and path types of Ingress rules, held to the API server's validation."""

from __future__ import annotations

from ingc.diagnostics.catalogue.hosts_paths import (
    PathHasForbiddenPart,
    PathNotAbsolute,
    PathTypeMissing,
    PathTypeUnknown,
    PathUnprintable,
)
from ingc.k8s.fields import Fields
from ingc.syntax.token import Unprintable, quote
from ingc.syntax.uri import BadTarget, decode_once, normalise

PATH_TYPES = ("Exact", "Prefix", "ImplementationSpecific")

_FORBIDDEN = (
    ("//", 'an empty segment ("//")'),
    ("/./", 'a "." or ".." segment'),
    ("/../", 'a "." or ".." segment'),
    ("%2f", "an encoded slash"),
    ("%2F", "an encoded slash"),
)
_FORBIDDEN_ENDS = ("/.", "/..")


def check_path_type(fields: Fields, path: str, *, old: bool) -> str:
    """Return the path type; a missing one is ImplementationSpecific in old API versions."""
    path_type = fields.text("pathType")
    if path_type in PATH_TYPES:
        return path_type
    if path_type:
        fields.report(PathTypeUnknown(path_type=path_type), "pathType")
    elif not old and fields.lacks("pathType"):
        fields.report(PathTypeMissing(path=path or "/"), "pathType")
    return "ImplementationSpecific"


def check_path(fields: Fields, path: str, path_type: str) -> str:
    """Return the path, ``/`` for an empty one where that is allowed, or ``""`` after reporting."""
    if not path and not fields.lacks("path"):
        return ""  # of another type, which is reported
    if not path and path_type == "ImplementationSpecific":
        return "/"
    if not path.startswith("/"):
        # A star is no part of a path that anybody would ask for.
        absolute = "/" + path.removesuffix("*")
        fields.report(PathNotAbsolute(path=path, absolute=absolute), "path")
        return ""
    if path_type != "ImplementationSpecific":
        part = _forbidden_part(path)
        if part:
            entry = PathHasForbiddenPart(
                path=path, path_type=path_type, part=part, normal=_normal_form(path)
            )
            fields.report(entry, "path")
            return ""
    why = _unprintable(path)
    if why:
        fields.report(PathUnprintable(path=path[:80], why=why), "path")
        return ""
    return path


def _forbidden_part(path: str) -> str:
    for text, name in _FORBIDDEN:
        if text in path:
            return name
    return 'a "." or ".." segment' if path.endswith(_FORBIDDEN_ENDS) else ""


def _normal_form(path: str) -> str:
    try:
        return normalise(path.encode("utf-8", "replace")).decode("utf-8", "replace")
    except BadTarget:
        return "a path without them"


def _unprintable(path: str) -> str:
    if path.isascii() and path.isprintable() and "%" not in path and len(path) < 2000:
        return ""
    decoded = decode_once(path)
    try:
        quote(decoded.decode() + "/")  # so the location of a Prefix is named
        quote(path)
    except UnicodeDecodeError:
        return "it decodes to bytes that are not UTF-8"
    except Unprintable as error:
        return str(error)
    return ""
