"""The keys of ConfigMaps, and what becomes of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence

from ingc.diagnostics import Diagnostic, Severity
from ingc.diagnostics.catalogue.configmap import ConfigMapKeyNotSupported
from ingc.frontend.configmap.declare import Key, UnsupportedKey
from ingc.frontend.registry import KEYS
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.store import Store
from ingc.migrate.flag_table import Becomes
from ingc.migrate.migration import CarriedSetting, SettingsTable, shown_value, spot_of
from ingc.migrate.preparing import CONFIG_MAP_OPTIONS, LeftOutKey
from ingc.options import Options


def config_map_tables(
    store: Store, options: Options, found: Iterable[Diagnostic], left_out: Sequence[LeftOutKey]
) -> Iterator[SettingsTable]:
    """Yield the tables of the ConfigMaps that the options name, and that the input has.

    ``left_out`` are keys of the settings for everybody that the compile did not get.
    """
    by_object: dict[str, list[Diagnostic]] = {}
    for item in (*found, *(each for key in left_out for each in key.found)):
        by_object.setdefault(str(item.origin.object), []).append(item)
    for option in CONFIG_MAP_OPTIONS:
        namespace, _, name = (getattr(options, option) or "").partition("/")
        config_map = store.config_maps.get((namespace, name))
        if config_map is not None:
            own = by_object.get(str(config_map.origin.object), [])
            is_ports = option != "configmap"
            if not is_ports:
                data = {**config_map.data, **{key.name: key.value for key in left_out}}
                config_map = dataclasses.replace(config_map, data=data)
            yield _table(config_map, own, is_ports=is_ports)


def _table(config_map: ConfigMap, found: Iterable[Diagnostic], *, is_ports: bool) -> SettingsTable:
    about: dict[object, list[Diagnostic]] = {}
    for item in found:
        if len(item.origin.field) > 1 and item.origin.field[0] == "data":
            about.setdefault(item.origin.field[1], []).append(item)
    rows = (
        _port(config_map, key, about.get(key, []))
        if is_ports
        else _key(config_map, key, about.get(key, []))
        for key in config_map.data
    )
    name = f"ConfigMap {config_map.namespace}/{config_map.name}"
    return SettingsTable(name, spot_of(config_map.origin), tuple(rows))


def _port(config_map: ConfigMap, key: str, found: list[Diagnostic]) -> CarriedSetting:
    bad = [item for item in found if item.severity is not Severity.NOTE]
    if bad:
        return _row(config_map, key, Becomes.DECISION, "", _said(bad))
    return _row(config_map, key, Becomes.KEPT, "stream server", "nginx listens on this port")


def _key(config_map: ConfigMap, key: str, found: list[Diagnostic]) -> CarriedSetting:
    declared = KEYS.get(key)
    worst = max(found, key=lambda item: _SEVERITIES.index(item.severity), default=None)
    if worst is not None and worst.severity is Severity.ERROR:
        return _row(config_map, key, Becomes.DECISION, worst.help, _said([worst]))
    if declared is None:
        return _row(config_map, key, Becomes.UNKNOWN, "", _said(found) or "there is no such key")
    if worst is not None and worst.severity is Severity.NOTE:
        return _row(config_map, key, Becomes.NO_EFFECT, "", worst.label or worst.message)
    if worst is not None and isinstance(worst.entry, ConfigMapKeyNotSupported):
        return _row(config_map, key, Becomes.NO_EQUIVALENT, worst.help, worst.label)
    if worst is not None:
        return _row(config_map, key, Becomes.CHANGED, "", _said(found))
    if isinstance(declared, UnsupportedKey):
        return _row(config_map, key, Becomes.NO_EFFECT, "", "its value asks for nothing")
    return _row(config_map, key, Becomes.KEPT, _directive(declared), declared.doc.rstrip("."))


_SEVERITIES = (Severity.NOTE, Severity.WARNING, Severity.ERROR)


def _directive(declared: Key[object]) -> str:
    if declared.sets or declared.see:
        return declared.sets or declared.see
    return f"annotation {declared.annotation}" if declared.annotation else ""


def _said(found: Iterable[Diagnostic]) -> str:
    return "; ".join(dict.fromkeys(f"{item.message} ({item.code})" for item in found))


def _row(
    config_map: ConfigMap, key: str, becomes: Becomes, instead: str, why: str
) -> CarriedSetting:
    value = shown_value(key, config_map.data[key])
    return CarriedSetting(key, value, becomes, instead, why, spot_of(config_map.place_of(key)))
