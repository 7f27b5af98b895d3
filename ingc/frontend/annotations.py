"""ingress-nginx annotations: none is acted on yet, and none goes unmentioned."""

from __future__ import annotations

import re

from ingc.diagnostics import Sink
from ingc.diagnostics.catalogue.annotations import AnnotationIgnored, ProtectionIgnored
from ingc.k8s.ingress import Ingress
from ingc.options import Options

_PROTECTS = re.compile(
    r"auth-.*|satisfy|enable-global-auth|(white|allow|deny)list-source-range|limit-.*|.*-snippet"
    r"|enable-modsecurity|modsecurity-.*|enable-owasp-core-rules|force-ssl-redirect"
).fullmatch
"""Annotations that keep somebody out: to ignore one could open what was closed."""


def check_annotations(ingress: Ingress, sink: Sink, options: Options) -> None:
    """Report each annotation under our prefix, as an error where ignoring it could open a door."""
    prefix = options.annotations_prefix + "/"
    for key in ingress.meta.annotations:
        if not key.startswith(prefix):
            continue
        name = key.removeprefix(prefix)
        accepted = name in options.accept_ignored
        ignored = AnnotationIgnored if accepted or not _PROTECTS(name) else ProtectionIgnored
        origin = ingress.origin.at("metadata", "annotations", key, key=True)
        sink.report(ignored(annotation=name), origin)
