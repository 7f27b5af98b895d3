"""Which Secrets and ConfigMaps objects and options name: those to read, of many that there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ingc.engine.objects import ObjectKey
from ingc.kinds import KINDS, RuleKind
from ingc.options import Options
from ingc.syntax.host import is_label, is_subdomain

SECRET, CONFIG_MAP = "Secret", "ConfigMap"

BY_ANNOTATIONS: Mapping[str, str] = {
    "auth-proxy-set-headers": CONFIG_MAP,
    "auth-secret": SECRET,
    "auth-tls-secret": SECRET,
    "custom-headers": CONFIG_MAP,
    "fastcgi-params-configmap": CONFIG_MAP,
    "proxy-ssl-secret": SECRET,
}
"""What kind of object each annotation names, whose value is ``name`` or ``namespace/name``."""
BY_KEYS: Mapping[str, str] = {
    "add-headers": CONFIG_MAP,
    "proxy-set-headers": CONFIG_MAP,
    "ssl-dh-param": SECRET,
}
"""The same of the keys of the ConfigMap of global settings."""
BY_OPTIONS: Mapping[str, str] = {
    "configmap": CONFIG_MAP,
    "default_ssl_certificate": SECRET,
    "tcp_services_configmap": CONFIG_MAP,
    "udp_services_configmap": CONFIG_MAP,
}
"""The same of the fields of `ingc.Options`, whose value is ``namespace/name``."""
_WITH_RULES = {kind.name: kind for kind in KINDS}


def named_objects(
    objects: Iterable[Mapping[str, Any]], options: Options, *, any_prefix: bool = False
) -> frozenset[ObjectKey]:
    """Return the Secrets and ConfigMaps that objects and options name, whether they exist or not.

    For whoever reads a cluster, where most Secrets are nobody's business here. ``objects`` are
    dicts as the API writes them: Ingresses name Secrets (``spec.tls[].secretName``, annotations)
    and ConfigMaps (annotations), other kinds with rules what their cards say, and the ConfigMap of
    `Options.configmap` others of both kinds, so that it takes two rounds. Names that no object can
    have are left out. ``any_prefix`` heeds annotations whatever their prefix.
    Never raises: what has another form than the API's names nothing.
    """
    wanted = {*_of_options(options)}
    for item in objects:
        wanted.update(_of_object(item, options, any_prefix))
    return frozenset(
        ObjectKey(kind, namespace, name)
        for kind, namespace, name in wanted
        if is_label(namespace) and is_subdomain(name)
    )


_Wanted = tuple[str, str, str]


def _of_options(options: Options) -> Iterator[_Wanted]:
    for field, kind in BY_OPTIONS.items():
        value = getattr(options, field) or ""
        if "," not in value:
            yield from _full(kind, value)


def _of_object(item: Mapping[str, Any], options: Options, any_prefix: bool) -> Iterator[_Wanted]:
    meta = _mapping(item.get("metadata"))
    own = str(meta.get("namespace") or options.namespace)
    kind = _WITH_RULES.get(str(item.get("kind")))
    if kind is not None:
        yield from _of_fields(item, kind, own)
        if not kind.annotation_prefixes:
            prefix = "" if any_prefix else options.annotations_prefix
            yield from _of_annotations(_mapping(meta.get("annotations")), own, prefix)
    elif item.get("kind") == CONFIG_MAP and options.configmap == f"{own}/{meta.get('name')}":
        for key, value in _mapping(item.get("data")).items():
            if key in BY_KEYS:
                yield from _full(BY_KEYS[key], str(value).strip())


def _of_fields(item: Mapping[str, Any], kind: RuleKind, own: str) -> Iterator[_Wanted]:
    for path in kind.secrets_at:
        for name in _at(item, path):
            if isinstance(name, str):
                yield SECRET, own, name
    for path, value, name in kind.config_maps_where:
        if any(str(found).lower() == value for found in _at(item, path)):
            yield CONFIG_MAP, own, name


def _at(value: object, path: Sequence[str]) -> Iterator[object]:
    """Yield what stands at a path of fields, in each item where one is a list."""
    if isinstance(value, list):
        for item in value:
            yield from _at(item, path)
    elif not path:
        yield value
    else:
        yield from _at(_mapping(value).get(path[0]), path[1:])


def _of_annotations(annotations: Mapping[str, Any], own: str, prefix: str) -> Iterator[_Wanted]:
    for key, value in annotations.items():
        before, _, bare = str(key).rpartition("/")
        kind = BY_ANNOTATIONS.get(bare)
        if kind is not None and (not prefix or before == prefix):
            namespace, slash, name = str(value).strip().partition("/")
            yield (kind, namespace, name) if slash else (kind, own, namespace)


def _full(kind: str, value: str) -> Iterator[_Wanted]:
    namespace, slash, name = value.partition("/")
    if slash:
        yield kind, namespace, name


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
