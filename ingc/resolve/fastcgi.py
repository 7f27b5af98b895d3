"""FastCGI params: a ConfigMap of the Ingress's own namespace."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingc.diagnostics.catalogue.annotations_protocols import FastcgiParamsUnusable
from ingc.frontend.annotations.grammar import BadValue
from ingc.frontend.annotations.grammars import ObjectName
from ingc.frontend.annotations.ingress_nginx.protocols import PARAM, PARAM_NAME
from ingc.frontend.intent import IntentRoute
from ingc.frontend.protocol_wishes import FastCgiWish
from ingc.ir.protocols import FastCgi
from ingc.k8s.config_map import ConfigMap
from ingc.syntax.header import MOST_BYTES, too_many
from ingc.syntax.text import Text

if TYPE_CHECKING:
    from ingc.resolve.granting import Granting


def grant_fastcgi(wish: FastCgiWish, intent: IntentRoute, granting: Granting) -> FastCgi | None:
    """Read the params; ``None``, after a finding, where one of them can't be used."""
    if wish.config_map is None:
        return FastCgi(wish.index, ())
    found = _config_map(wish.config_map, intent.namespace, granting)
    if isinstance(found, FastcgiParamsUnusable):
        granting.sink.report(found, wish.origin)
        return None
    shown = f"{found.namespace}/{found.name}"
    wrong = tuple(_wrong(found))
    for key, why, words in wrong:
        fix = f"write {words}, or remove the entry"
        entry = FastcgiParamsUnusable(config_map=shown, why=why, fix=fix)
        granting.sink.report(entry, found.place_of(key))
    if wrong:
        return None
    return FastCgi(wish.index, tuple((key, _text(found.data[key])) for key in sorted(found.data)))


def _config_map(
    wanted: ObjectName, namespace: str, granting: Granting
) -> ConfigMap | FastcgiParamsUnusable:
    name = wanted.name
    if wanted.namespace not in ("", namespace):
        return FastcgiParamsUnusable(
            config_map=str(wanted),
            why=f"a ConfigMap is read only from the Ingress's own namespace {namespace}",
            fix=f"copy it there and write {name}",
        )
    shown = f"{namespace}/{name}"
    found = granting.store.config_maps.get((namespace, name))
    if found is None:
        return FastcgiParamsUnusable(
            config_map=shown, why="it is not in the input", fix="add it to the input"
        )
    if found.broken:
        return FastcgiParamsUnusable(config_map=shown, why="it has errors", fix="correct it")
    if too_many(found.data):
        why = f"its names take more than {MOST_BYTES} bytes"
        return FastcgiParamsUnusable(config_map=shown, why=why, fix="remove some of them")
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
