"""The keys of ConfigMaps, and what becomes of each."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping

from ingc.diagnostics import Diagnostic, Severity
from ingc.frontend.configmap.declare import Key, UnsupportedKey
from ingc.frontend.declarations.declare import Support
from ingc.frontend.registry import KEYS
from ingc.k8s.config_map import ConfigMap
from ingc.k8s.store import Store
from ingc.migrate.flag_table import Becomes
from ingc.migrate.migration import CarriedSetting, SettingsTable, shown_value, spot_of
from ingc.migrate.preparing import CONFIG_MAP_OPTIONS
from ingc.options import Options

_OFF = ("", "false", "0")


def config_map_tables(
    store: Store, options: Options, found: Iterable[Diagnostic], left_out: Mapping[str, str]
) -> Iterator[SettingsTable]:
    """Yield the tables of the ConfigMaps that the options name, and that the input has.

    ``left_out`` are keys of the settings for everybody that the compile did not get.
    """
    by_object: dict[str, list[Diagnostic]] = {}
    for item in found:
        by_object.setdefault(str(item.origin.object), []).append(item)
    for option in CONFIG_MAP_OPTIONS:
        namespace, _, name = (getattr(options, option) or "").partition("/")
        config_map = store.config_maps.get((namespace, name))
        if config_map is not None:
            own = by_object.get(str(config_map.origin.object), [])
            is_ports = option != "configmap"
            if not is_ports:
                data = {**config_map.data, **left_out}
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
    if declared is None:
        return _row(config_map, key, Becomes.UNKNOWN, "", _said(found) or "there is no such key")
    if isinstance(declared, UnsupportedKey):
        becomes, why = _unsupported(declared, config_map, found)
        return _row(config_map, key, becomes, declared.instead, why)
    said = _said(item for item in found if item.severity is not Severity.NOTE)
    if said:
        return _row(config_map, key, Becomes.CHANGED, "", said)
    return _row(config_map, key, Becomes.KEPT, _directive(declared), declared.doc.rstrip("."))


def _directive(declared: Key[object]) -> str:
    if declared.sets or declared.see:
        return declared.sets or declared.see
    return f"annotation {declared.annotation}" if declared.annotation else ""


def _unsupported(
    declared: UnsupportedKey, config_map: ConfigMap, found: list[Diagnostic]
) -> tuple[Becomes, str]:
    if config_map.data[declared.name].strip() in ("", *declared.harmless):
        return Becomes.NO_EFFECT, "its value asks for nothing"
    if declared.needs and config_map.data.get(declared.needs, "false").strip() in _OFF:
        return Becomes.NO_EFFECT, f"it has none without {declared.needs}"
    if all(item.severity is Severity.NOTE for item in found) and found:
        why = found[0].label or found[0].message
        return Becomes.NO_EFFECT, why
    if declared.support is Support.MEANINGLESS:
        return Becomes.NO_EFFECT, declared.doc
    return (Becomes.DECISION if declared.protects else Becomes.NO_EQUIVALENT), declared.doc


def _said(found: Iterable[Diagnostic]) -> str:
    return "; ".join(dict.fromkeys(f"{item.message} ({item.code})" for item in found))


def _row(
    config_map: ConfigMap, key: str, becomes: Becomes, instead: str, why: str
) -> CarriedSetting:
    value = shown_value(key, config_map.data[key])
    return CarriedSetting(key, value, becomes, instead, why, spot_of(config_map.place_of(key)))
