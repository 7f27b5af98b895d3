"""Compile Kubernetes Ingress objects into a proved nginx.conf.

import ingc

result = ingc.compile(objects, ingc.Options(http_port=8080))
if result.ok:
    result.write("/etc/nginx/ingc")
for diagnostic in result.diagnostics:
    print(diagnostic.code, diagnostic.message)
result.match("shop.example.com", "/cart").route
ingc.explain(result, "https://shop.example.com/cart").upstream
ingc.check_routes("http://shop.example.com/cart -> shop/cart:8080", result).ok
ingc.compare(before, result).differences

compiler = ingc.Compiler(ingc.Options(http_port=8080))
if compiler.apply(objects, deletes=()).reload:
    write(compiler.config, compiler.files)
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingc.collector import collector_paused
    from ingc.compiler import Result, compile
    from ingc.diagnostics import Diagnostic, Severity
    from ingc.diff import Comparison, Difference
    from ingc.diff.compare import compare
    from ingc.engine import (
        AdmissionCheck,
        Change,
        Compiler,
        ObjectKey,
        TakenRoute,
        check_admission,
    )
    from ingc.explain import Answer, BadConf, BadQuestion, Conf, read_conf
    from ingc.explain.api import explain, story
    from ingc.ingresses.events import IngressEvent, ObjectEvents, event_object
    from ingc.ingresses.report import IngressReport
    from ingc.ir import OutputFile, Route, SecretBytes
    from ingc.match import Candidate, Match
    from ingc.named import named_objects
    from ingc.nginx.find import FolderInUse, NginxError, NginxNotFound
    from ingc.nginx.folder import ConfRefused, Nginx, PortTaken
    from ingc.nginx.process import NginxFailed
    from ingc.options import OptionError, Options
    from ingc.output.file import NotWritten
    from ingc.prove import Proofs
    from ingc.routes import RouteRow
    from ingc.routetest import BadTests, Report, check_routes
else:
    from importlib import import_module

    from ingc.lazy import lazy_names

    # `explain` is a function and a package. Python binds a package in its parent when it is first
    # loaded: that is now, so that no later import puts it in the place of the function.
    import_module("ingc.explain")
    del globals()["explain"]
    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "AdmissionCheck": "ingc.engine",
            "Answer": "ingc.explain",
            "BadConf": "ingc.explain",
            "BadQuestion": "ingc.explain",
            "BadTests": "ingc.routetest",
            "Candidate": "ingc.match",
            "Change": "ingc.engine",
            "Comparison": "ingc.diff",
            "Compiler": "ingc.engine",
            "Conf": "ingc.explain",
            "ConfRefused": "ingc.nginx.folder",
            "Diagnostic": "ingc.diagnostics",
            "Difference": "ingc.diff",
            "FolderInUse": "ingc.nginx.find",
            "IngressEvent": "ingc.ingresses.events",
            "IngressReport": "ingc.ingresses.report",
            "Match": "ingc.match",
            "Nginx": "ingc.nginx.folder",
            "NginxError": "ingc.nginx.find",
            "NginxFailed": "ingc.nginx.process",
            "NginxNotFound": "ingc.nginx.find",
            "NotWritten": "ingc.output.file",
            "OptionError": "ingc.options",
            "ObjectEvents": "ingc.ingresses.events",
            "ObjectKey": "ingc.engine",
            "Options": "ingc.options",
            "OutputFile": "ingc.ir",
            "PortTaken": "ingc.nginx.folder",
            "Proofs": "ingc.prove",
            "Report": "ingc.routetest",
            "Result": "ingc.compiler",
            "Route": "ingc.ir",
            "RouteRow": "ingc.routes",
            "SecretBytes": "ingc.ir",
            "Severity": "ingc.diagnostics",
            "TakenRoute": "ingc.engine",
            "check_admission": "ingc.engine",
            "check_routes": "ingc.routetest",
            "collector_paused": "ingc.collector",
            "compare": "ingc.diff.compare",
            "compile": "ingc.compiler",
            "event_object": "ingc.ingresses.events",
            "explain": "ingc.explain.api",
            "named_objects": "ingc.named",
            "read_conf": "ingc.explain",
            "story": "ingc.explain.api",
        },
    )

__version__ = "0.1.0"

__all__ = [
    "AdmissionCheck",
    "Answer",
    "BadConf",
    "BadQuestion",
    "BadTests",
    "Candidate",
    "Change",
    "Comparison",
    "Compiler",
    "Conf",
    "ConfRefused",
    "Diagnostic",
    "Difference",
    "FolderInUse",
    "IngressEvent",
    "IngressReport",
    "Match",
    "Nginx",
    "NginxError",
    "NginxFailed",
    "NginxNotFound",
    "NotWritten",
    "ObjectEvents",
    "ObjectKey",
    "OptionError",
    "Options",
    "OutputFile",
    "PortTaken",
    "Proofs",
    "Report",
    "Result",
    "Route",
    "RouteRow",
    "SecretBytes",
    "Severity",
    "TakenRoute",
    "check_admission",
    "check_routes",
    "collector_paused",
    "compare",
    "compile",
    "event_object",
    "explain",
    "named_objects",
    "read_conf",
    "story",
]
