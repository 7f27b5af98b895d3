"""Compile Kubernetes Ingress objects into a proved nginx.conf.

import ingc

result = ingc.compile(objects, ingc.Options(http_port=8080))
if result.ok:
    write(result.config, result.files)
for diagnostic in result.diagnostics:
    print(diagnostic.code, diagnostic.message)
result.match("shop.example.com", "/cart").route
ingc.explain(result, "https://shop.example.com/cart").upstream
ingc.check_routes("http://shop.example.com/cart -> shop/cart:8080", result).ok
ingc.compare(before, result).differences
"""

from ingc.compiler import Result, compile
from ingc.diagnostics import Diagnostic, Severity
from ingc.diff import Comparison, Difference, compare
from ingc.explain import Answer, BadConf, BadQuestion, Conf, explain, read_conf, story
from ingc.ir import OutputFile, Route, SecretBytes
from ingc.match import Candidate, Match
from ingc.options import OptionError, Options
from ingc.prove import Proofs
from ingc.routes import RouteRow
from ingc.routetest import BadTests, Report, check_routes

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "BadConf",
    "BadQuestion",
    "BadTests",
    "Candidate",
    "Comparison",
    "Conf",
    "Diagnostic",
    "Difference",
    "Match",
    "OptionError",
    "Options",
    "OutputFile",
    "Proofs",
    "Report",
    "Result",
    "Route",
    "RouteRow",
    "SecretBytes",
    "Severity",
    "check_routes",
    "compare",
    "compile",
    "explain",
    "read_conf",
    "story",
]
