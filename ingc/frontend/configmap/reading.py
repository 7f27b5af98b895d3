"""The ConfigMap of global settings → what it requests, and everything wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ingc.diagnostics import Entry, Origin, Sink
from ingc.diagnostics.catalogue.configmap import (
    ConfigMapAnnotated,
    ConfigMapKeyWithoutEffect,
    ConfigMapMissing,
    ConfigMapNotNamed,
)
from ingc.frontend.configmap import (
    access,
    client,
    firewall,
    headers,
    logs,
    modules,
    stream,
    tls,
    tracing,
    upstream,
)
from ingc.frontend.configmap.declare import Key, KeyValues, Setting, UnsupportedKey
from ingc.frontend.configmap.registry import GROUPS
from ingc.frontend.configmap.settings import NO_SETTINGS, GlobalSettings
from ingc.frontend.configmap.snippets import (
    ConfigSnippets,
    is_read_as_snippet,
    maps_of,
    read_config_snippets,
    with_ports,
)
from ingc.frontend.configmap.tls_files import tls_files
from ingc.frontend.configmap.workers import DEFAULT_TYPE
from ingc.frontend.declarations.declare import Support
from ingc.frontend.declarations.reading import (
    GivenText,
    Register,
    read_texts,
    report_needs,
    settings_of,
)
from ingc.frontend.declarations.words import key_needs
from ingc.frontend.snippets.values import variable_name
from ingc.ir import Policies
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.store import Store
from ingc.options import Options
from ingc.target import DIRECTIVES

_USUAL_NAMES = frozenset({"ingress-nginx-controller", "nginx-configuration"})
_ENOUGH_KEYS = 3
_OFF = frozenset({"", "0", "f", "F", "FALSE", "false", "False"})


def read_settings(store: Store, sink: Sink, options: Options, register: Register) -> GlobalSettings:
    """Return what the ConfigMap requests that the options name; ``register`` holds the keys.

    `GlobalSettings.https` is not filled in: annotations decide what it means.
    """
    if not options.configmap:
        _note_likely(store, sink, register)
        return NO_SETTINGS
    namespace, _, name = options.configmap.partition("/")
    found = store.config_maps.get((namespace, name))
    if found is None:
        sink.report(ConfigMapMissing(config_map=options.configmap), Origin())
        return GlobalSettings(broken=True)
    _note_annotations(found, sink, options)
    before = sink.errors
    values = _read(found, store, sink, options, register)
    text_type = values.get(DEFAULT_TYPE)
    snippets = read_config_snippets(found, sink, options, text_type)
    tunings = _tunings(values, options, snippets)
    broken = found.broken or sink.errors > before
    return GlobalSettings(
        defaults={**_defaults(values, register), **_for_annotations(snippets, text_type)},
        tunings=tunings,
        policies=_with_snippets(_policies(values, options), snippets),
        snippets=snippets,
        access_log=not logs.is_off(values),
        listen=values.get(client.BIND_ADDRESS) or (),
        reject_handshake=values.value(tls.REJECT_HANDSHAKE),
        ipv6_names=not values.value(client.DISABLE_IPV6_DNS),
        files=tls_files(values, options, tickets=values.value(tls.SESSION_TICKETS)),
        stapling=tls.staples(values, options),
        broken=broken or sink.errors > before,
    )


def _note_annotations(config_map: ConfigMap, sink: Sink, options: Options) -> None:
    prefix = f"{options.annotations_prefix}/"
    for name in config_map.annotations:
        if name.startswith(prefix):
            entry = ConfigMapAnnotated(annotation=name, key=name.removeprefix(prefix))
            sink.report(entry, config_map.origin.at("metadata", "annotations", name, key=True))


def _note_likely(store: Store, sink: Sink, register: Register) -> None:
    keys = register.declarations.keys()
    for (namespace, name), found in store.config_maps.items():
        usual = name in _USUAL_NAMES and not found.data.keys().isdisjoint(keys)
        if usual or len(found.data.keys() & keys) >= _ENOUGH_KEYS:
            entry = ConfigMapNotNamed(config_map=f"{namespace}/{name}")
            sink.report(entry, found.origin.at("data"))


def _policies(values: KeyValues, options: Options) -> Policies:
    databases = modules.databases(values, options)
    return Policies(
        front=headers.front(values),
        log=logs.log_file(values, databases),
        keepalive=upstream.keepalive(values),
        blocked=access.blocked(values),
        hsts=headers.hsts(values),
        request_headers=headers.backend_headers(values),
        response_headers=headers.added_headers(values),
        hidden=values.get(headers.HIDE_HEADERS) or (),
        request_id=values.value(headers.REQUEST_ID),
        http2=values.value(client.HTTP2),
        reuse_port=values.value(client.REUSE_PORT),
        stream=stream.policy(values),
        firewall_rules=firewall.firewall_rules(values, options),
        databases=databases,
        exporter=tracing.exporter(values),
    )


def _read(
    config_map: ConfigMap, store: Store, sink: Sink, options: Options, register: Register
) -> KeyValues:
    given = (
        item
        for item in _given(config_map, register, sink)
        if not is_read_as_snippet(item.name, options)
    )
    reading = read_texts(given, register, sink, options)
    report_needs(reading.read, reading, register, sink, {})
    return KeyValues(
        config_map=config_map,
        store=store,
        sink=sink,
        origins=reading.places,
        read=reading.read,
        wrong=reading.wrong,
    )


def _given(config_map: ConfigMap, register: Register, sink: Sink) -> Iterator[GivenText]:
    """Yield the keys that request something; note those that can't matter here."""
    for name, text in config_map.data.items():
        place = config_map.place_of(name)
        declared = register.declarations.get(name)
        idle = _idle(declared, config_map) if isinstance(declared, UnsupportedKey) else None
        if idle is not None:
            sink.report(idle, place.at(key=True))
        elif declared is None or not _requests_nothing(declared, text.strip()):
            yield GivenText(name, text, place)


def _requests_nothing(declared: object, text: str) -> bool:
    return not text or (isinstance(declared, UnsupportedKey) and text in declared.harmless)


def _idle(declared: UnsupportedKey, config_map: ConfigMap) -> Entry | None:
    """Return why an unsupported key has no effect in any case, where it has none."""
    if _requests_nothing(declared, config_map.data[declared.name].strip()):
        return None
    if declared.needs and config_map.data.get(declared.needs, "false").strip() in _OFF:
        return key_needs(declared.name, declared.needs)
    if declared.support is Support.MEANINGLESS:
        return ConfigMapKeyWithoutEffect(key=declared.name, why=declared.doc)
    return None


def _defaults(values: KeyValues, register: Register) -> Mapping[str, Any]:
    """Return what annotations find of the ConfigMap."""
    keys = [key for name in values.read if isinstance(key := register.declarations[name], Key)]
    texts = values.config_map.data
    return {key.gives: key.read_for_annotation(texts[key.name]) for key in keys if key.gives}


def _with_snippets(policies: Policies, snippets: ConfigSnippets) -> Policies:
    ports = with_ports(policies.stream, snippets)
    return replace(policies, maps=maps_of(snippets), stream=ports)


def _for_annotations(snippets: ConfigSnippets, text_type: str | None) -> dict[str, Any]:
    """Return what snippets of annotations have of the ConfigMap's, by its keys."""
    wanted = ("location-snippet", "global-auth-snippet")
    found: dict[str, Any] = {k: item for k, item in snippets.contents.items() if k in wanted}
    maps = maps_of(snippets)
    if text_type is not None:
        found[DEFAULT_TYPE.name] = text_type
    if maps:
        found["http-snippet"] = frozenset(
            item.name.removeprefix(variable_name("", "")) for item in maps
        )
    return found


def _tunings(values: KeyValues, options: Options, snippets: ConfigSnippets) -> tuple[Setting, ...]:
    found: dict[str, Setting] = {}
    for group in GROUPS:
        keys = [item for item in group.declarations if isinstance(item, Key)]
        for key, args in settings_of(keys, values):
            found[key.sets] = (key.sets, args)
            if options.fragment and _belongs_to_others(key.sets):
                why = "it stands outside of what --fragment writes"
                entry = ConfigMapKeyWithoutEffect(key=key.name, why=why)
                values.sink.report(entry, values.place(key).at(key=True))
        if group.build is not None:
            found.update((setting[0], setting) for setting in group.build(values))
    for snippet in ("http-snippet", "main-snippet"):
        contents = snippets.contents.get(snippet)
        tunings = contents.tunings if contents is not None else {}
        found.update((name, (name, args)) for name, args in tunings.items())
    return tuple(found[name] for name in sorted(found))


def _belongs_to_others(directive: str) -> bool:
    """Return whether a directive can only stand where a fragment does not reach."""
    return "server" not in DIRECTIVES[directive].contexts
