"""Objects that come and go, and the configuration that they make at each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from ingc.compiler import Result, compile_documents
from ingc.diagnostics import Sink
from ingc.engine.change import Change, change_between
from ingc.engine.kept import Kept
from ingc.engine.printing import StepPrinter
from ingc.frontend import read_intent
from ingc.frontend.declarations.values import Defaults
from ingc.frontend.intent import Intent
from ingc.ir import OutputFile
from ingc.k8s.client_objects import NoPlainForm
from ingc.k8s.ingress import Ingress
from ingc.k8s.reading import are_equal
from ingc.k8s.store import ReadDocument, as_api_object, is_typed, key_of, read_alone
from ingc.load.document import Document
from ingc.options import OnError, Options, check_options

if TYPE_CHECKING:
    from ingc.k8s.client_objects import ClientObject
    from ingc.k8s.store import Typed

    Given = Mapping[str, Any] | ClientObject | Typed


class ObjectKey(NamedTuple):
    """Which object one is. Two versions of one kind are the same object, as in a cluster."""

    kind: str
    namespace: str
    """``""`` for kinds of cluster scope."""
    name: str
    group: str = ""
    """The API group of a kind that the compiler does not read; ``""`` for those that it does."""


@dataclass(frozen=True, slots=True)
class _Kept:
    given: object
    """As it was handed in."""
    read: ReadDocument | Document | Typed


class Compiler:
    """Keeps objects, and what was read and proved of them, from one change to the next.

    `result` is at each time what `ingc.compile` gives for the same objects in the order of their
    keys, byte for byte. Not to be used by two threads at a time; objects that were handed in are
    not to be changed afterwards.
    """

    def __init__(self, options: Options | None = None, *, on_error: OnError = "isolate") -> None:
        """Keep no objects yet. Raises `ingc.OptionError` for options that make no sense.

        ``on_error`` is that of `ingc.compile`; with ``"isolate"`` a bad object stops no other.
        """
        self._options = options or Options()
        check_options(self._options)
        self._on_error: OnError = on_error
        self._objects: dict[ObjectKey, _Kept] = {}
        self._intents: Kept[Intent] = Kept()
        self._printing = StepPrinter()
        self._result: Result | None = None
        self._served: Result | None = None

    @property
    def options(self) -> Options:
        """What everything is compiled with."""
        return self._options

    @property
    def result(self) -> Result:
        """What the objects make now; of no objects, where nothing was applied yet."""
        return self._result if self._result is not None else self._compile().result

    @property
    def config(self) -> str | None:
        """The text of the last nginx.conf that may be used; ``None``: there was none yet."""
        return self._served.config if self._served is not None else None

    @property
    def files(self) -> tuple[OutputFile, ...]:
        """What lies beside `config`."""
        return self._served.files if self._served is not None else ()

    @property
    def objects(self) -> Mapping[ObjectKey, object]:
        """The objects as they were handed in, in the order of their keys."""
        return {key: self._objects[key].given for key in sorted(self._objects)}

    def apply(
        self,
        upserts: Iterable[Given] = (),
        deletes: Iterable[Given | ObjectKey] = (),
    ) -> Change:
        """Take new and changed objects, drop others, and compile; deletes come first.

        Objects that are not kept may be deleted. Never raises for what is in the objects.
        """
        changed = False
        for gone in deletes:
            changed |= self._objects.pop(self.key(gone), None) is not None
        for given in upserts:
            changed |= self._take(given)
        if not changed and self._result is not None:
            return Change(self._result)
        return self._compile()

    def again(self) -> Change:
        """Compile the same objects anew: findings about certificates depend on the day."""
        return self._compile()

    def key(self, given: Given | ObjectKey) -> ObjectKey:
        """Return which object one is."""
        if isinstance(given, ObjectKey):
            return given
        return ObjectKey(*key_of(given, self._options.namespace))

    def _take(self, given: Given) -> bool:
        plain: Any = given
        with suppress(NoPlainForm):  # It is reported when it is read.
            plain = given if is_typed(given) else as_api_object(given)
        key = self.key(plain)
        known = self._objects.get(key)
        if known is not None and (known.given is given or are_equal(known.given, given)):
            return False
        read = self._read(plain)
        if known is not None and are_equal(known.read, read):
            # Fields that nobody reads are others, such as resourceVersion.
            self._objects[key] = _Kept(given, known.read)
            return False
        self._objects[key] = _Kept(given, read)
        return True

    def _read(self, given: Any) -> ReadDocument | Document | Typed:
        if is_typed(given):
            return given
        document = Document(given)
        strict, namespace = self._options.strict, self._options.namespace
        return read_alone(document, namespace=namespace, strict=strict) or document

    def _compile(self) -> Change:
        sink = Sink(strict=self._options.strict)
        documents = [self._objects[key].read for key in sorted(self._objects)]
        after = compile_documents(
            documents,
            self._options,
            sink,
            on_error=self._on_error,
            proofs=self._printing.proofs,
            intent_of=self._intent_of,
            printer=self._printing,
        )
        self._intents.end_run()
        change = change_between(self._served, self._result, after)
        self._result = after
        if after.ok:
            self._served = after
        return change

    def _intent_of(
        self, ingress: Ingress, sink: Sink, options: Options, defaults: Defaults
    ) -> Intent:
        """Stands for `read_intent`."""

        def read(own: Sink) -> Intent:
            return read_intent(ingress, own, options, defaults)

        key = (ingress.meta.namespace, ingress.meta.name)
        return self._intents.ask(key, (ingress, defaults), sink, read)
