"""A report as JSON; docs/migrate.md has its fields, which stay."""

from __future__ import annotations

from typing import Any

from ingc.migrate.migration import (
    CarriedSetting,
    Concern,
    DepartureGroup,
    Fate,
    MigratedIngress,
    Migration,
    SettingsTable,
    Spot,
)
from ingc.syntax.visible import as_json


def as_one_object(found: Migration) -> str:
    """Return one JSON object; what is absent is null or an empty list."""
    made = {
        "version": 1,
        "inputs": list(found.inputs),
        "nginx": found.target,
        "summary": _summary(found),
        "ingresses": [_ingress(item) for item in found.ingresses],
        "passed_over": list(found.passed_over),
        "departures": [_group(item) for item in found.departures],
        "concerns": [_concern(item) for item in found.concerns],
        "config_maps": [_table(item) for item in found.config_maps],
        "controllers": [_table(item) for item in found.controllers],
        "not_read": [
            {**_spot(item.spot), "message": item.message, "change": item.change or None}
            for item in found.gaps
        ],
        "options": [
            {"name": item.name, "values": list(item.values), "why": item.why}
            for item in found.options
        ],
        "command": found.command,
        "config_file": found.config_file,
    }
    return as_json(made, 2) + "\n"


def _summary(found: Migration) -> dict[str, int]:
    return {"ingresses": len(found.ingresses)} | {fate.value: found.count(fate) for fate in Fate}


def _spot(spot: Spot) -> dict[str, Any]:
    return {"object": spot.object or None, "file": spot.file or None, "line": spot.line or None}


def _ingress(item: MigratedIngress) -> dict[str, Any]:
    return {
        "ingress": item.name,
        "file": item.spot.file or None,
        "line": item.spot.line or None,
        "fate": item.fate.value,
        "hosts": list(item.hosts),
        "departures": list(item.departures),
        "codes": list(item.codes),
    }


def _group(item: DepartureGroup) -> dict[str, Any]:
    return {
        "kind": item.kind,
        "why": item.why,
        "general": item.general,
        "ingresses": item.ingresses,
        "places": [
            {
                **_spot(showing.spot),
                "method": showing.request.method,
                "url": showing.request.url,
                "headers": [list(header) for header in showing.request.headers],
                "ingress_nginx": showing.theirs,
                "nginx": showing.ours,
            }
            for showing in item.showings
        ],
    }


def _concern(item: Concern) -> dict[str, Any]:
    return {
        "topic": item.topic.value,
        "weight": item.weight.value,
        "code": item.code or None,
        "title": item.title,
        "reason": item.reason or None,
        "change": item.change or None,
        "ingresses": item.ingresses,
        "places": [
            {**_spot(at.spot), "message": at.message, "change": at.change or None}
            for at in item.spots
        ],
    }


def _table(item: SettingsTable) -> dict[str, Any]:
    return {
        "name": item.name,
        "file": item.spot.file or None,
        "line": item.spot.line or None,
        "settings": [_setting(setting) for setting in item.settings],
    }


def _setting(item: CarriedSetting) -> dict[str, Any]:
    return {
        "name": item.name,
        "value": item.value,
        "becomes": item.becomes.value,
        "instead": item.instead or None,
        "why": item.why,
        "file": item.spot.file or None,
        "line": item.spot.line or None,
    }
