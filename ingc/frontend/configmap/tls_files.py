"""Keys of a ConfigMap whose value nginx reads from a file: DH parameters, the key of tickets."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingc.diagnostics import Origin
from ingc.diagnostics.catalogue.configmap import ConfigMapFileUnusable
from ingc.frontend.configmap.declare import Key, KeyValues
from ingc.frontend.configmap.dh_param import DH_KEY, BadParameters, read_dh_param
from ingc.frontend.configmap.grammars import TICKET_KEY
from ingc.frontend.declarations.grammars import FULL_OBJECT, ObjectName
from ingc.ir import SecretBytes
from ingc.options import Options

_TICKET_SIZES = (48, 80)
_GENERATE = "openssl rand -base64 80 | tr -d '\\n'"

DH_PARAM = Key(
    "ssl-dh-param",
    f"A Secret whose {DH_KEY} holds the parameters for DHE ciphers.",
    FULL_OBJECT,
    rejects=True,
    see="ssl_dhparam",
)
SESSION_TICKET_KEY = Key(
    "ssl-session-ticket-key",
    "The key of session tickets, so that several nginx take each other's, with "
    "ssl-session-tickets.",
    TICKET_KEY,
    rejects=True,
    see="ssl_session_ticket_key",
)


@dataclass(frozen=True, slots=True)
class TlsFile:
    """A file for the whole configuration."""

    directive: Literal["ssl_dhparam", "ssl_session_ticket_key"]
    namespace: str
    name: str
    """Of the object that it comes from."""
    ending: str
    content: SecretBytes | None
    """``None``: the operator has it at `path`."""
    path: str = ""


def tls_files(values: KeyValues, options: Options, *, tickets: bool) -> tuple[TlsFile, ...]:
    """Return the files that the ConfigMap requests; ``tickets`` is whether there are any."""
    wanted, key = values.get(DH_PARAM), values.get(SESSION_TICKET_KEY)
    found: list[TlsFile] = []
    if wanted is not None:
        found.extend(_dh_param(wanted, values, options))
    if key is not None and tickets:
        found.extend(_ticket_key(key, values, options))
    return tuple(found)


def _dh_param(wanted: ObjectName, values: KeyValues, options: Options) -> Iterator[TlsFile]:
    at = values.config_map.place_of(DH_PARAM.name)
    secret = values.store.find_secret(wanted.namespace, wanted.name, values.sink, at)
    path = _from_pattern(options, wanted.namespace, wanted.name, DH_KEY)
    content: SecretBytes | None = None
    absent = values.store.no_secret(wanted.namespace, wanted.name)
    why, fix = "", f"{absent.add} and write to a folder with -d DIR, or pass --tls-files"
    if secret is None:
        why = "" if path else f"Secret {wanted} {absent.why}"
    elif secret.broken:
        return
    else:
        try:
            read = read_dh_param(secret.data.get(DH_KEY, b""))
        except BadParameters as error:
            why = f"{DH_KEY} of Secret {wanted} {error}"
            fix = f"create it with openssl dhparam -out {DH_KEY} 4096"
            at = secret.place_of(DH_KEY)
        else:
            content = read if options.secret_files else None
            if content is None and not path:
                why = f"Secret {wanted} is written only to a folder"
    if why:
        values.sink.report(ConfigMapFileUnusable(key=DH_PARAM.name, why=why, fix=fix), at)
        return
    yield TlsFile("ssl_dhparam", wanted.namespace, wanted.name, DH_KEY, content, path)


def _ticket_key(text: str, values: KeyValues, options: Options) -> Iterator[TlsFile]:
    found = values.config_map
    path = _from_pattern(options, found.namespace, found.name, "tickets.key")
    at = found.place_of(SESSION_TICKET_KEY.name)
    fix = "write to a folder with -d DIR, or pass --tls-files"
    try:
        content = SecretBytes(base64.b64decode("".join(text.split()), validate=True))
    except (binascii.Error, ValueError):
        _report_key("it is not base64", f"make one: {_GENERATE}", values, at)
        return
    if len(content) not in _TICKET_SIZES:
        why = f"it has {len(content)} bytes, not 48 or 80"
        _report_key(why, f"make one: {_GENERATE}", values, at)
    elif not (options.secret_files or path):
        _report_key("it is written only to a folder", fix, values, at)
    else:
        kept = content if options.secret_files else None
        place = (found.namespace, found.name, "tickets.key")
        yield TlsFile("ssl_session_ticket_key", *place, kept, path)


def _report_key(why: str, fix: str, values: KeyValues, at: Origin) -> None:
    entry = ConfigMapFileUnusable(key=SESSION_TICKET_KEY.name, why=why, fix=fix)
    values.sink.report(entry, at)


def _from_pattern(options: Options, namespace: str, name: str, ending: str) -> str:
    if not options.tls_files:
        return ""
    stem = options.tls_files.replace("{namespace}", namespace).replace("{secret}", name)
    return f"{stem}.{ending}"
