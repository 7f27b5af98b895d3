"""nginx's modules beyond stock, as the operator says that they are there."""

from __future__ import annotations

from operator import itemgetter

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.modules import ModuleWithoutUse
from ingc.ir.features.card import Argument
from ingc.ir.modules import LoadableModule
from ingc.option_values import read_module
from ingc.options import Options

_IDLE = "njs"
"""Nothing that ingress-nginx has needs it."""
_ON = ("server_tokens", ("on",))
Tunings = tuple[tuple[str, tuple[Argument, ...]], ...]


def loadable_modules(options: Options, sink: Sink) -> tuple[LoadableModule, ...]:
    """Return the modules that nginx may load from a file, by name."""
    named = sorted(map(read_module, options.with_module), key=itemgetter(0))
    if any(name == _IDLE for name, _ in named):
        sink.report(ModuleWithoutUse(module=_IDLE), Origin())
    return tuple(LoadableModule(name, file) for name, file in named if file is not None)


def without_server_header(tunings: Tunings, options: Options) -> Tunings:
    """Return everybody's directives, with one more that removes ``Server`` from all answers.

    As in ingress-nginx, which does so unless ``server-tokens`` is on.
    """
    if "headers-more" not in options.module_names or _ON in tunings:
        return tunings
    return tuple(sorted((*tunings, ("more_clear_headers", ("Server",))), key=itemgetter(0)))
