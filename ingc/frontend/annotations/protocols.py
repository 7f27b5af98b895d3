"""The protocol that the backend is spoken to in, and what FastCGI needs beside."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ingc.diagnostics.catalogue.annotations_protocols import ProtocolSettingUnused
from ingc.frontend.annotations.declare import Annotation, Family, Risk, Values
from ingc.frontend.declarations.grammar import BadValue, Grammar
from ingc.frontend.declarations.grammars import OBJECT, one_of, read_variables
from ingc.frontend.wishes import Ask, FastCgiWish
from ingc.ir.features.protocols import BackendProtocol, Protocol
from ingc.syntax.header import LONGEST_NAME
from ingc.syntax.text import Text

_PROTOCOLS: dict[str, Protocol] = {
    "HTTP": "HTTP",
    "HTTPS": "HTTPS",
    "AUTO_HTTP": "AUTO_HTTP",
    "GRPC": "GRPC",
    "GRPCS": "GRPCS",
    "FCGI": "FCGI",
}
_OF_FASTCGI = frozenset({"fastcgi_script_name", "fastcgi_path_info"})


def _param(tokens: tuple[str, ...]) -> Text:
    # FastCGI counts bytes: no line break can do harm.
    return read_variables(tokens[0], decoded=True, also=_OF_FASTCGI)


def _param_name(tokens: tuple[str, ...]) -> str:
    name = tokens[0]
    if len(name.removeprefix("HTTP_")) > LONGEST_NAME:
        raise BadValue(f"it is longer than the {LONGEST_NAME} characters that nginx takes")
    return name


PARAM_NAME = Grammar(
    name="file name",
    rule="word",
    words="letters, digits, dots, dashes and underscores",
    examples=("index.php", "SCRIPT_FILENAME"),
    wrong=("", "a/b", "a b", "$x", "a;", "HTTP_" + "A" * 47),
    make=_param_name,
    write=str,
)
PARAM = Grammar(
    name="FastCGI param",
    rule="fastcgi_param",
    words="letters, digits, -_/. and variables such as $fastcgi_script_name",
    examples=("/var/www/index.php", "/var/www${fastcgi_script_name}", "$host"),
    wrong=("", "a b", "a;", "$document_root", "$", '"', "a:b"),
    make=_param,
    write=str,
)
BACKEND_PROTOCOL = Annotation(
    "backend-protocol",
    "The protocol that the backend speaks; AUTO_HTTP is the one that the client used.",
    one_of(*_PROTOCOLS, caseless=True),
    default="HTTP",
    see="proxy_pass",
)
FASTCGI_INDEX = Annotation(
    "fastcgi-index",
    "The script for paths that end in a slash.",
    PARAM_NAME,
    risk=Risk.MEDIUM,
    rejects=True,
    needs="backend-protocol",
    see="fastcgi_index",
)
FASTCGI_PARAMS = Annotation(
    "fastcgi-params-configmap",
    "A ConfigMap of the Ingress's namespace with params for the backend, such as SCRIPT_FILENAME.",
    OBJECT,
    risk=Risk.MEDIUM,
    rejects=True,
    needs="backend-protocol",
    see="fastcgi_param",
)


def protocol(values: Values) -> Protocol:
    """Return the protocol that an Ingress's backends are spoken to in."""
    return _PROTOCOLS[values.get(BACKEND_PROTOCOL) or "HTTP"]


def build(values: Values) -> Iterator[Ask]:
    """Request a protocol, and for what goes with it."""
    name = protocol(values)
    if values.get(BACKEND_PROTOCOL) is not None:
        # HTTP too: it decides before the Service's port does.
        yield BackendProtocol(name)
    index, config_map = values.get(FASTCGI_INDEX), values.get(FASTCGI_PARAMS)
    if name == "FCGI":
        if index or config_map:
            yield FastCgiWish(index or "", config_map, values.place(FASTCGI_PARAMS))
    elif values.get(BACKEND_PROTOCOL) is not None:
        for annotation, value in ((FASTCGI_INDEX, index), (FASTCGI_PARAMS, config_map)):
            if value is not None:
                report_unused(values, annotation, name, "FCGI")


def report_unused(values: Values, annotation: Annotation[Any], name: str, wanted: str) -> None:
    """Report an annotation that is about another protocol."""
    entry = ProtocolSettingUnused(annotation=annotation.name, protocol=name, wanted=wanted)
    values.report(entry, annotation)


FAMILY = Family("Protocol to the backend", (BACKEND_PROTOCOL, FASTCGI_INDEX, FASTCGI_PARAMS), build)
