"""Which Ingresses are ours: by class field, class annotation, IngressClass objects, options."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ingc.diagnostics import Origin, Sink
from ingc.diagnostics.catalogue.objects import (
    ClassPassedOver,
    IngressesLeftOut,
    NamespacesUnknown,
    NothingSelected,
)
from ingc.k8s.ingress import Ingress
from ingc.k8s.ingress_class import IngressClass
from ingc.k8s.namespace import NAME_LABEL, Namespace
from ingc.k8s.ruled import RuleObject
from ingc.k8s.store import Store
from ingc.kinds import USUAL, RuleKind
from ingc.option_values import read_selector
from ingc.options import Options

_ALL = "*"
_DEFAULT = ("nginx",)
_NO_CLASS = "no class"


@dataclass(frozen=True, slots=True)
class PassedOver:
    """Why an Ingress is not taken."""

    option: str
    """The option that leaves it out whatever its class is; empty: its class is not ours."""
    class_name: str
    """Its class, with whose it is; ``no class``."""

    def __str__(self) -> str:
        if self.option:
            return f"left out by {self.option}"
        return (
            f"it has {_NO_CLASS}"
            if self.class_name == _NO_CLASS
            else f"its class is {self.class_name}"
        )


def judge_ingresses(
    store: Store, options: Options, watched: Container[str]
) -> Iterator[tuple[Ingress, PassedOver | None]]:
    """Yield each Ingress, with the reason where it is not taken.

    ``watched`` are the `watched_namespaces`.
    """
    default = default_class(store.classes)
    for ingress in store.ingresses:
        yield ingress, judge(ingress, store.classes, default, options, watched)


def judge(
    ingress: Ingress,
    classes: Mapping[str, IngressClass],
    default: str | None,
    options: Options,
    watched: Container[str],
) -> PassedOver | None:
    """Return why an Ingress is not taken; ``None``: it is. ``default`` is the `default_class`."""
    name = class_of(ingress, default)
    other = _other_reason(ingress, options, watched)
    if _is_ours(ingress, name, classes, options) and not other:
        return None
    return PassedOver(other, _words(ingress, name, classes))


class Selected(NamedTuple):
    """What is compiled of an input."""

    ingresses: tuple[Ingress, ...]
    others: tuple[RuleObject, ...]
    """Of the other kinds with rules."""

    @property
    def kinds(self) -> frozenset[RuleKind]:
        """The kinds of which something is compiled."""
        return frozenset((*(USUAL for _ in self.ingresses[:1]), *(i.kind for i in self.others)))


def select(store: Store, sink: Sink, options: Options) -> Selected:
    """Return the Ingresses of our classes and the objects of kinds that have none; what is passed
    over is reported once.
    """
    selected = []
    watched = watched_namespaces(store, sink, options)
    others = tuple(item for item in store.others if not unwatched(item, options, watched))
    passed_over: Counter[str] = Counter()
    left_out: Counter[str] = Counter()
    for ingress, why in judge_ingresses(store, options, watched):
        if why is None:
            selected.append(ingress)
        elif why.option:
            left_out[why.option] += 1
        else:
            passed_over[why.class_name] += 1
    report_selection(passed_over, left_out, sink, none=not (selected or others))
    return Selected(tuple(selected), others)


def report_selection(
    passed_over: Mapping[str, int], left_out: Mapping[str, int], sink: Sink, *, none: bool
) -> None:
    """Report how many Ingresses are not taken: by class, and by the option that leaves them out.

    ``none``: nothing is taken.
    """
    classes = tuple(f"{name} ({count})" for name, count in sorted(passed_over.items()))
    if passed_over:
        entry = ClassPassedOver(count=sum(passed_over.values()), classes=classes)
        sink.report(entry, Origin())
    if left_out:
        reasons = tuple(f"{reason} ({count})" for reason, count in sorted(left_out.items()))
        count = sum(left_out.values())
        sink.report(IngressesLeftOut(count=count, reasons=reasons), Origin())
    # Where something could not be read, that is the reason, and it has been reported.
    if none and not sink.errors:
        found, fix = "the input has none", "add Ingress objects to the input"
        if classes:
            found = f"the classes found are {', '.join(classes)}"
            fix = "pass --ingress-class with the class of your Ingresses, or '*' for all"
        elif left_out:
            found = f"all were left out by {', '.join(left_out)}"
            fix = f"leave out {' and '.join(left_out)}, or add other Ingresses"
        sink.report(NothingSelected(found=found, fix=fix), Origin())


def select_ingresses(store: Store, sink: Sink, options: Options) -> tuple[Ingress, ...]:
    """Return the Ingresses that `select` takes."""
    return select(store, sink, options).ingresses


def watched_namespaces(store: Store, sink: Sink, options: Options) -> frozenset[str]:
    """Return the namespaces of objects with rules that the selector takes; all without one.

    What is not known to match is left out: the labels may be those that keep a namespace closed.
    """
    objects: tuple[Ingress | RuleObject, ...] = (*store.ingresses, *store.others)
    present = frozenset(item.meta.namespace for item in objects)
    if options.watch_namespace_selector is None:
        return present
    watched = {name: is_watched(name, store.namespaces, options) for name in present}
    report_unknown((name for name, known in watched.items() if known is None), sink)
    return frozenset(name for name, known in watched.items() if known)


def is_watched(
    namespace: str, namespaces: Mapping[str, Namespace], options: Options
) -> bool | None:
    """Return whether the selector takes a namespace; ``None``: its labels are not known."""
    if options.watch_namespace_selector is None:
        return True
    selector = read_selector(options.watch_namespace_selector)
    if selector.keys <= {NAME_LABEL}:
        # Only the name is requested.
        return selector.matches({NAME_LABEL: namespace})
    known = namespaces.get(namespace)
    return None if known is None or known.broken else selector.matches(known.labels)


def report_unknown(namespaces: Iterable[str], sink: Sink) -> None:
    """Report the namespaces whose labels are not known."""
    unknown = tuple(sorted(namespaces))
    if unknown:
        sink.report(NamespacesUnknown(namespaces=unknown), Origin())


def _other_reason(ingress: Ingress, options: Options, watched: Container[str]) -> str:
    """Return which option leaves an Ingress out whatever its class is; empty: none."""
    option = unwatched(ingress, options, watched)
    if option:
        return option
    if options.disable_catch_all and ingress.default_backend_origin:
        return "--disable-catch-all"
    return ""


def unwatched(item: Ingress | RuleObject, options: Options, watched: Container[str]) -> str:
    """Return which option leaves the namespace of an object out; empty: none."""
    namespace = item.meta.namespace
    if options.watch_namespace and options.watch_namespace != namespace:
        return "--watch-namespace"
    return "" if namespace in watched else "--watch-namespace-selector"


def default_class(classes: Mapping[str, IngressClass]) -> str | None:
    """Return the first class that is marked default."""
    return min((name for name, item in classes.items() if item.default), default=None)


def class_of(ingress: Ingress, default: str | None) -> str | None:
    """Return an Ingress's class: its field, else its annotation, else the default one."""
    if ingress.class_name is not None:
        return ingress.class_name
    if ingress.class_annotation is not None:
        return ingress.class_annotation
    return default


def _is_ours(
    ingress: Ingress, name: str | None, classes: Mapping[str, IngressClass], options: Options
) -> bool:
    """Return whether an Ingress is for us, by the rules of ingress-nginx's ``GetIngressClass``.

    The annotation is a name, and no IngressClass object has a say. The field names an object, and
    what counts is its controller; without the object the name does.
    """
    own = options.ingress_class or _DEFAULT
    if _ALL in own:
        return True
    if name is None:
        # Where there are classes, one that names none is nobody's.
        unasked = not options.ingress_class and not classes
        return unasked or options.watch_ingress_without_class
    if ingress.class_name is None and ingress.class_annotation is not None:
        return name in own
    if options.ingress_class_by_name and name in own:
        return True
    known = classes.get(name)
    if known is not None and known.controller:
        return known.controller == options.controller_class
    return name in own


def _words(ingress: Ingress, name: str | None, classes: Mapping[str, IngressClass]) -> str:
    """Return the class of an Ingress that is passed over, with whose it is."""
    if name is None:
        return _NO_CLASS
    known = classes.get(name) if ingress.class_name or not ingress.class_annotation else None
    return f"{name} of {known.controller}" if known is not None and known.controller else name
