"""FastCGI params: a ConfigMap of the Ingress's own namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingc.diagnostics.catalogue.annotations_protocols import FastcgiParamsUnusable
from ingc.frontend.annotations.protocols import PARAM, PARAM_NAME
from ingc.frontend.declarations.grammar import BadValue
from ingc.frontend.declarations.grammars import ObjectName
from ingc.frontend.declarations.namespaces import how_to_read, may_read
from ingc.frontend.intent import IntentRoute
from ingc.frontend.wishes import FastCgiWish
from ingc.ir.features.protocols import FastCgi
from ingc.k8s.config_map import ConfigMap
from ingc.syntax.header import MOST_BYTES, too_many
from ingc.syntax.text import Text

if TYPE_CHECKING:
    from ingc.resolve.features.context import Granting
from collections.abc import Iterable

from ingc.ir import Action, Proxy, RouteFeature, UpstreamFeature
from ingc.ir.features.backend_tls import BackendTls
from ingc.ir.features.protocols import BackendProtocol, OneRequestConnections
from ingc.resolve.upstreams import Upstreams
from ingc.syntax.digest import digest

_ONE_REQUEST = ("AUTO_HTTP", "FCGI")
"""AUTO_HTTP has connections with and without TLS. A process of a FastCGI server such as PHP's
serves one connection at a time, so idle ones would keep all of them from working."""


def own_upstream(action: Action, features: Iterable[RouteFeature], upstreams: Upstreams) -> Action:
    """Return an action whose upstream is shared only by what speaks to it in the same way."""
    if not isinstance(action, Proxy):
        return action
    return Proxy(upstream_for(action.upstream, features, upstreams))


def upstream_for(name: str, features: Iterable[RouteFeature], upstreams: Upstreams) -> str:
    """Return the upstream of the same endpoints for routes with these features."""
    suffix = ""
    extra: tuple[UpstreamFeature, ...] = ()
    for item in features:
        if isinstance(item, BackendProtocol):
            suffix = item.name.lower() + suffix
            extra = (OneRequestConnections(),) if item.name in _ONE_REQUEST else ()
        elif isinstance(item, BackendTls):
            suffix += "_" + digest(item)
    return upstreams.variant(name, suffix, extra) if suffix else name


def grant_fast_cgi(wish: FastCgiWish, intent: IntentRoute, granting: Granting) -> FastCgi | None:
    """Read the params; ``None``, after a finding, where one of them can't be used."""
    if wish.config_map is None:
        return FastCgi(wish.index, ())
    found = _config_map(wish.config_map, intent.namespace, granting)
    if isinstance(found, FastcgiParamsUnusable):
        granting.sink.report(found, wish.origin)
        return None
    config_map = f"{found.namespace}/{found.name}"
    wrong = tuple(_wrong(found))
    for key, why, words in wrong:
        fix = f"write {words}, or remove the entry"
        entry = FastcgiParamsUnusable(config_map=config_map, why=why, fix=fix)
        granting.sink.report(entry, found.place_of(key))
    if wrong:
        return None
    return FastCgi(wish.index, tuple((key, _text(found.data[key])) for key in sorted(found.data)))


def _config_map(
    wanted: ObjectName, namespace: str, granting: Granting
) -> ConfigMap | FastcgiParamsUnusable:
    name = wanted.name
    if not may_read(wanted.namespace, namespace, granting.settings.defaults):
        return FastcgiParamsUnusable(
            config_map=str(wanted),
            why=f"a ConfigMap is read only from the Ingress's own namespace {namespace}",
            fix=how_to_read(namespace, name),
        )
    namespace = wanted.namespace or namespace
    config_map = f"{namespace}/{name}"
    found = granting.store.config_maps.get((namespace, name))
    if found is None:
        return FastcgiParamsUnusable(
            config_map=config_map, why="it is not in the input", fix="add it to the input"
        )
    if found.broken:
        return FastcgiParamsUnusable(config_map=config_map, why="it has errors", fix="correct it")
    if too_many(found.data):
        why = f"its names take more than {MOST_BYTES} bytes"
        return FastcgiParamsUnusable(config_map=config_map, why=why, fix="remove some of them")
    return found


def _wrong(config_map: ConfigMap) -> Iterator[tuple[str, str, str]]:
    for key, value in config_map.data.items():
        try:
            PARAM_NAME.read(key)
        except BadValue as error:
            yield key, f"of its name: {error}", PARAM_NAME.words
        try:
            _text(value)
        except BadValue as error:
            yield key, str(error), PARAM.words


def _text(value: str) -> Text:
    return PARAM.read(value) if value else Text(())
