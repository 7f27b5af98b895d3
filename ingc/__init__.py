"""Compile Kubernetes Ingress objects into a proved nginx.conf.

import ingc

result = ingc.compile(objects, ingc.Options(http_port=8080))
if result.ok:
    write(result.config, result.files)
for diagnostic in result.diagnostics:
    print(diagnostic.code, diagnostic.message)
result.match("shop.example.com", "/cart").route
ingc.explain(result, "https://shop.example.com/cart").upstream
"""

from ingc.compiler import Result, compile
from ingc.diagnostics import Diagnostic, Severity
from ingc.explain import Answer, BadConf, BadQuestion, Conf, explain, read_conf, story
from ingc.ir import OutputFile, Route, SecretBytes
from ingc.match import Candidate, Match
from ingc.options import OptionError, Options
from ingc.routes import RouteRow

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "BadConf",
    "BadQuestion",
    "Candidate",
    "Conf",
    "Diagnostic",
    "Match",
    "OptionError",
    "Options",
    "OutputFile",
    "Result",
    "Route",
    "RouteRow",
    "SecretBytes",
    "Severity",
    "compile",
    "explain",
    "read_conf",
    "story",
]
