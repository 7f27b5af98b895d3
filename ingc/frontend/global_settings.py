"""The ConfigMap of global settings, with what its keys mean for annotations."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from ingc.diagnostics import Sink
from ingc.frontend.annotations.redirects import https_policy
from ingc.frontend.annotations.snippets import server_wish
from ingc.frontend.configmap import GlobalSettings, read_settings
from ingc.frontend.configmap.headers import HSTS
from ingc.frontend.declarations.values import GivenValues
from ingc.frontend.registry import keys_for
from ingc.frontend.wishes import ServerSnippetWish
from ingc.k8s.store import Store
from ingc.kinds import RuleKind
from ingc.options import Options


def read_config_map(store: Store, sink: Sink, options: Options) -> GlobalSettings:
    """Return what the ConfigMap requests that the options name."""
    found = read_settings(store, sink, options, keys_for(options))
    values = GivenValues(sink=sink, origins={}, read={}, defaults=found.defaults)
    server = tuple(_of_servers(found, store, options)) if found.snippets.contents else ()
    return replace(found, https=https_policy(values), server=server)


def settings_for(
    kinds: Collection[RuleKind], settings: GlobalSettings, store: Store, options: Options
) -> GlobalSettings:
    """Return the settings of an input with objects of these kinds.

    Where each of them requests Strict-Transport-Security by itself, nothing else does, and what a
    backend sends is passed on; a ConfigMap that has the key for it decides there too.
    """
    if not kinds or not all(kind.own_hsts for kind in kinds):
        return settings
    namespace, _, name = (options.configmap or "").partition("/")
    given = store.config_maps.get((namespace, name))
    if given is not None and HSTS.name in given.data:
        return settings
    return replace(settings, policies=replace(settings.policies, hsts=None))


def _of_servers(
    found: GlobalSettings, store: Store, options: Options
) -> Iterator[ServerSnippetWish]:
    """Yield what the ConfigMap's snippets request of every host."""
    namespace, _, name = (options.configmap or "").partition("/")
    config_map = store.config_maps[namespace, name]
    for key in ("server-snippet", "http-snippet"):
        contents = found.snippets.contents.get(key)
        if contents is not None:
            of_http = key == "http-snippet"
            wanted = replace(contents, tunings={}) if of_http else contents
            wish = server_wish(wanted, (namespace, name), config_map.place_of(key))
            yield replace(wish, of_http=of_http)
