"""What nginx's modules beyond stock do for everybody: small frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal


@dataclass(frozen=True, slots=True)
class LoadableModule:
    """A module, by its name, and the file that nginx loads it from where something needs it."""

    name: str
    file: str


@dataclass(frozen=True, slots=True)
class RulesFile:
    """Rules of ModSecurity in a file of the operator's."""

    path: str


@dataclass(frozen=True, slots=True)
class RulesText:
    """Rules of ModSecurity: one directive, or a chain of rules with a line each."""

    text: str


FirewallRules = tuple[RulesFile | RulesText, ...]
"""In the order in which ModSecurity gets them."""


@dataclass(frozen=True, slots=True)
class Database:
    """A database of geoip2, and how often nginx looks for a newer one."""

    path: str
    kind: str
    """One of `ingc.option_values.DATABASES`."""
    reload_minutes: int = 0
    """0: never."""


Sampler = Literal["AlwaysOn", "AlwaysOff", "TraceIdRatioBased"]


@dataclass(frozen=True, slots=True)
class Exporter:
    """Where spans go, and which requests have one."""

    endpoint: str
    """Host and port, which speak OTLP in gRPC."""
    service: str = "nginx"
    interval: int = 5000
    """In milliseconds."""
    batch_size: int = 512
    batch_count: int = 4
    sampler: Sampler = "AlwaysOn"
    percent: str = "1%"
    """The share of TraceIdRatioBased, with two digits at most behind the point."""
    parent_based: bool = True
    """A request that belongs to a trace is sampled as its parent was."""


_COUNTRY = {
    "geoip2_country_code": ("country", "iso_code"),
    "geoip2_country_name": ("country", "names", "en"),
    "geoip2_country_geoname_id": ("country", "geoname_id"),
    "geoip2_continent_code": ("continent", "code"),
    "geoip2_continent_name": ("continent", "names", "en"),
    "geoip2_continent_geoname_id": ("continent", "geoname_id"),
}
_CITY = {
    "geoip2_city_country_code": ("country", "iso_code"),
    "geoip2_city_country_name": ("country", "names", "en"),
    "geoip2_city_country_geoname_id": ("country", "geoname_id"),
    "geoip2_city": ("city", "names", "en"),
    "geoip2_city_geoname_id": ("city", "geoname_id"),
    "geoip2_postal_code": ("postal", "code"),
    "geoip2_dma_code": ("location", "metro_code"),
    "geoip2_latitude": ("location", "latitude"),
    "geoip2_longitude": ("location", "longitude"),
    "geoip2_time_zone": ("location", "time_zone"),
    "geoip2_region_code": ("subdivisions", "0", "iso_code"),
    "geoip2_region_name": ("subdivisions", "0", "names", "en"),
    "geoip2_region_geoname_id": ("subdivisions", "0", "geoname_id"),
    "geoip2_subregion_code": ("subdivisions", "1", "iso_code"),
    "geoip2_subregion_name": ("subdivisions", "1", "names", "en"),
    "geoip2_subregion_geoname_id": ("subdivisions", "1", "geoname_id"),
    "geoip2_city_continent_code": ("continent", "code"),
    "geoip2_city_continent_name": ("continent", "names", "en"),
}
_ASN = {
    "geoip2_asn": ("autonomous_system_number",),
    "geoip2_org": ("autonomous_system_organization",),
}
_ISP = {
    "geoip2_isp": ("isp",),
    "geoip2_isp_org": ("organization",),
    "geoip2_asn": ("default=0", "autonomous_system_number"),
}
_ANONYMOUS = {
    "geoip2_is_anon": ("is_anonymous",),
    **{
        f"geoip2_{name}": ("default=0", name)
        for name in (
            "is_anonymous",
            "is_anonymous_vpn",
            "is_hosting_provider",
            "is_public_proxy",
            "is_tor_exit_node",
        )
    },
}
LOOKUPS: Mapping[str, Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "City": _CITY,
        "Country": _COUNTRY,
        "ASN": _ASN,
        "ISP": _ISP,
        "Connection-Type": {"geoip2_connection_type": ("connection_type",)},
        "Anonymous-IP": _ANONYMOUS,
    }
)
"""ingress-nginx's variables, by the kind of the database: parameters, then the path in the
database. All are looked up by the client's address."""
GEO_VARIABLES = frozenset(name for variables in LOOKUPS.values() for name in variables)


def lookups_in(
    databases: Iterable[Database],
) -> Iterator[tuple[Database, Mapping[str, tuple[str, ...]]]]:
    """Yield each database with the variables that it sets: those that none before it sets."""
    known: set[str] = set()
    for database in databases:
        own = {name: by for name, by in LOOKUPS[database.kind].items() if name not in known}
        known.update(own)
        yield database, own
