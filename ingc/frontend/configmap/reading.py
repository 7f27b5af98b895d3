"""The ConfigMap of global settings → what it asks for, and everything wrong with it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from ingc.diagnostics import Entry, Origin, Sink
from ingc.diagnostics.catalogue.configmap import (
    ConfigMapKeyNotSupported,
    ConfigMapKeyUnknown,
    ConfigMapKeyWithoutEffect,
    ConfigMapMissing,
    ConfigMapNotNamed,
    ConfigMapProtectionNotSupported,
    ConfigMapValueNotUsed,
    ConfigMapValueWrong,
)
from ingc.frontend.configmap import access, admission, client, headers, logs, stream, tls, upstream
from ingc.frontend.configmap.declare import (
    NOT_YET,
    Key,
    KeyDeclaration,
    KeyValues,
    Setting,
    UnsupportedKey,
)
from ingc.frontend.configmap.settings import NO_SETTINGS, GlobalSettings
from ingc.frontend.configmap.tls_files import tls_files
from ingc.frontend.declarations.declare import Support, Unsupported, arguments
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.registry import (
    DECLARATIONS,
    GROUPS,
    KEYS,
    annotation_of,
    grammar_of,
    support_of_key,
)
from ingc.ir import Policies
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.target import DIRECTIVES

_USUAL_NAMES = frozenset({"ingress-nginx-controller", "nginx-configuration"})
_ENOUGH_KEYS = 3
_SHOWN = 60
_OFF = frozenset({"", "0", "f", "F", "FALSE", "false", "False"})


def read_keys(store: Store, sink: Sink, options: Options) -> GlobalSettings:
    """Return what the ConfigMap asks for that the options name."""
    if not options.configmap:
        _note_likely(store, sink)
        return NO_SETTINGS
    namespace, _, name = options.configmap.partition("/")
    found = store.config_maps.get((namespace, name))
    if found is None:
        sink.report(ConfigMapMissing(config_map=options.configmap), Origin())
        return GlobalSettings(broken=True)
    before = sink.errors
    read, defaults = _read(found, sink, options)
    values = KeyValues(found, store, sink, read)
    tunings = _tunings(values, options)
    broken = found.broken or sink.errors > before
    return GlobalSettings(
        defaults=defaults,
        tunings=tunings,
        policies=_policies(values),
        access_log=not logs.is_off(values),
        listen=values.get(client.BIND_ADDRESS) or (),
        reject_handshake=values.value(tls.REJECT_HANDSHAKE),
        ipv6_names=not values.value(client.DISABLE_IPV6_DNS),
        files=tls_files(values, options, tickets=values.value(tls.SESSION_TICKETS)),
        stapling=tls.staples(values, options),
        broken=broken or sink.errors > before,
    )


def _note_likely(store: Store, sink: Sink) -> None:
    for (namespace, name), found in store.config_maps.items():
        usual = name in _USUAL_NAMES and not found.data.keys().isdisjoint(KEYS)
        if usual or len(found.data.keys() & KEYS.keys()) >= _ENOUGH_KEYS:
            entry = ConfigMapNotNamed(config_map=f"{namespace}/{name}")
            sink.report(entry, found.origin.at("data"))


def _policies(values: KeyValues) -> Policies:
    return Policies(
        front=headers.front(values),
        log=logs.log_file(values),
        keepalive=upstream.keepalive(values),
        blocked=access.blocked(values),
        hsts=headers.hsts(values),
        request_headers=headers.told_headers(values),
        response_headers=headers.added_headers(values),
        hidden=values.get(headers.HIDE_HEADERS) or (),
        request_id=values.value(headers.REQUEST_ID),
        http2=values.value(client.HTTP2),
        reuse_port=values.value(client.REUSE_PORT),
        stream=stream.policy(values),
    )


def _read(
    config_map: ConfigMap, sink: Sink, options: Options
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the values by their keys, and the defaults that they give to annotations."""
    read: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for name, text in config_map.data.items():
        place = config_map.place_of(name)
        declared = KEYS.get(name)
        if declared is None:
            sink.report(_unknown(name), place.at(key=True))
        elif not text.strip():
            continue
        elif isinstance(declared, UnsupportedKey) or (
            support_of_key(declared) is not Support.SUPPORTED
        ):
            entry = _unsupported(declared, config_map, options)
            if entry is not None:
                sink.report(entry, place.at(key=True))
        else:
            _read_one(declared, text, place, sink, read, defaults)
    for name in read:
        declared = KEYS[name]
        if isinstance(declared, Key) and declared.needs and not read.get(declared.needs):
            why = f"it works only with {declared.needs}"
            entry = ConfigMapKeyWithoutEffect(key=name, why=why)
            sink.report(entry, config_map.place_of(name).at(key=True))
    return read, defaults


def _read_one(
    key: Key[Any],
    text: str,
    place: Origin,
    sink: Sink,
    read: dict[str, Any],
    defaults: dict[str, Any],
) -> None:
    reads_as = key.reads_as or ("" if key.under_own_name else key.annotation)
    annotation = annotation_of(reads_as)
    try:
        if annotation is None or key.stands_alone:
            value = key.grammar.read(text.strip())
            read[key.name] = value
        if annotation is not None:
            value = annotation.grammar.read(text.strip())
    except BadValue as error:
        read.pop(key.name, None)
        sink.report(_wrong(key, text, str(error)), place)
        return
    if key.annotation:
        defaults[key.name if key.under_own_name else key.annotation] = value
    elif key in (admission.RISK_LEVEL, admission.BLOCKED_WORDS):
        defaults[key.name] = value


def _tunings(values: KeyValues, options: Options) -> tuple[Setting, ...]:
    found: dict[str, Setting] = {}
    for group in GROUPS:
        for declared in group.declarations:
            if isinstance(declared, Key) and declared.sets:
                value = values.get(declared)
                if value is not None:
                    found[declared.sets] = (declared.sets, arguments(declared, value))
                    if options.fragment and _belongs_to_others(declared.sets):
                        why = "it stands outside of what --fragment writes"
                        entry = ConfigMapKeyWithoutEffect(key=declared.name, why=why)
                        place = values.config_map.place_of(declared.name)
                        values.sink.report(entry, place.at(key=True))
        if group.settings is not None:
            found.update((setting[0], setting) for setting in group.settings(values))
    return tuple(found[name] for name in sorted(found))


def _belongs_to_others(directive: str) -> bool:
    """Tell whether a directive can only stand where a fragment does not reach."""
    return "server" not in DIRECTIVES[directive].contexts


def _wrong(key: Key[Any], text: str, why: str) -> Entry:
    shown = text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
    grammar = grammar_of(key)
    if key.rejects:
        return ConfigMapValueWrong(
            key=key.name, value=shown, why=why, words=grammar.words, examples=grammar.examples
        )
    default = key.default if len(key.default) <= _SHOWN else "value"
    return ConfigMapValueNotUsed(
        key=key.name,
        value=shown,
        why=why,
        words=grammar.words,
        examples=grammar.examples,
        default=f"its default {default} holds" if default else "it is ignored",
    )


def _unknown(name: str) -> Entry:
    close = difflib.get_close_matches(name, KEYS, n=1, cutoff=0.75)
    meant = f"did you mean {close[0]}?" if close else "remove it"
    return ConfigMapKeyUnknown(key=name, meant=meant)


def _unsupported(declared: KeyDeclaration, config_map: ConfigMap, options: Options) -> Entry | None:
    """Return the finding about a key that is not acted on; ``None`` where it asks for nothing."""
    text = config_map.data[declared.name].strip()
    if isinstance(declared, UnsupportedKey):
        if text in declared.harmless:
            return None
        if declared.needs and config_map.data.get(declared.needs, "false").strip() in _OFF:
            return ConfigMapKeyWithoutEffect(
                key=declared.name, why=f"it works only with {declared.needs}"
            )
        if declared.support is Support.MEANINGLESS:
            return ConfigMapKeyWithoutEffect(key=declared.name, why=declared.doc)
        protects, why, instead = declared.protects, declared.doc, declared.instead
    else:
        other = DECLARATIONS[declared.annotation]
        if text == declared.default:
            return None
        why, instead = NOT_YET, ""
        protects = isinstance(other, Unsupported) and other.protects
    accepted = declared.name in options.accept_ignored
    entry = (
        ConfigMapProtectionNotSupported if protects and not accepted else (ConfigMapKeyNotSupported)
    )
    return entry(
        key=declared.name,
        support=support_of_key(declared).value,
        why=why,
        instead=instead or "check that the applications work without it",
    )
