"""Objects that come and go, and the configuration that they make at each time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ingc.compiler import Result, compile_documents, compile_ir, suspects_of
from ingc.diagnostics import Sink
from ingc.engine.change import Change, change_between
from ingc.engine.line import LineToIr
from ingc.engine.objects import ObjectKey
from ingc.engine.printing import StepPrinter
from ingc.engine.queries import Disagreement
from ingc.ir import OutputFile
from ingc.k8s.client_objects import NoPlainForm
from ingc.k8s.reading import are_equal
from ingc.k8s.store import ReadDocument, as_api_object, is_typed, key_of, read_alone
from ingc.load.document import Document
from ingc.options import OnError, Options, check_options
from ingc.syntax.pcre import patience

if TYPE_CHECKING:
    from ingc.k8s.client_objects import ClientObject
    from ingc.k8s.store import Typed

    Given = Mapping[str, Any] | ClientObject | Typed


@dataclass(frozen=True, slots=True)
class _Kept:
    given: object
    """As it was handed in."""
    read: ReadDocument


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
        self._line: LineToIr | None = None
        self._of_cluster = 0
        """How many objects show that they come from a cluster."""
        self._changed: set[ObjectKey] = set()
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
        for gone in deletes:
            key = self.key(gone)
            self._set(key, None)
        for given in upserts:
            self._take(given)
        if not self._changed and self._result is not None:
            return Change(self._result)
        return self._compile()

    def trial(
        self,
        upserts: Iterable[Given] = (),
        deletes: Iterable[Given | ObjectKey] = (),
    ) -> Change:
        """Return what `apply` would give, and keep everything as it is."""
        upserts, deletes = tuple(upserts), tuple(deletes)
        result, served = self.result, self._served
        before = {key: self._objects.get(key) for key in map(self.key, (*deletes, *upserts))}
        try:
            return self.apply(upserts, deletes)
        finally:
            for key, kept in before.items():
                if self._objects.get(key) is not kept:
                    self._set(key, kept)
            self._result, self._served = result, served

    def again(self) -> Change:
        """Compile the same objects anew, from nothing."""
        self._line = None
        return self._compile()

    def key(self, given: Given | ObjectKey) -> ObjectKey:
        """Return which object one is."""
        if isinstance(given, ObjectKey):
            return given
        return ObjectKey(*key_of(given, self._options.namespace))

    def _take(self, given: Given) -> None:
        plain: Any = given
        with suppress(NoPlainForm):  # It is reported when it is read.
            plain = given if is_typed(given) else as_api_object(given)
        key = self.key(plain)
        known = self._objects.get(key)
        if known is not None and (known.given is given or are_equal(known.given, given)):
            return
        read = self._read(plain)
        if known is not None and are_equal(known.read, read):
            # Fields that nobody reads are others, such as resourceVersion.
            self._objects[key] = _Kept(given, known.read)
            return
        self._set(key, _Kept(given, read))

    def _set(self, key: ObjectKey, kept: _Kept | None) -> None:
        before = self._objects.pop(key, None)
        if kept is not None:
            self._objects[key] = kept
        if before is not None or kept is not None:
            self._changed.add(key)
        for item, by in ((before, -1), (kept, 1)):
            self._of_cluster += by if item is not None and item.read.of_cluster else 0

    def _read(self, given: Any) -> ReadDocument:
        document = given if is_typed(given) else Document(given)
        strict, namespace = self._options.strict, self._options.namespace
        return read_alone(document, namespace=namespace, strict=strict)

    def _compile(self) -> Change:
        line, self._line = self._line, None  # So that nothing half done stays after an error.
        changed: Iterable[ObjectKey] = self._changed
        complete = self._of_cluster > 0
        if line is None or line.is_outdated or line.complete != complete:
            isolate = self._on_error == "isolate"
            line = LineToIr(self._options, isolate=isolate, complete=complete)
            changed = self._objects
        objects = self._objects
        read = {key: objects[key].read if key in objects else None for key in changed}
        try:
            after = self._through(line, read)
        except Disagreement:
            after = self._from_nothing()
        else:
            self._line = line
        self._changed.clear()
        change = change_between(self._served, self._result, after)
        self._result = after
        if after.ok:
            self._served = after
        return change

    def _through(self, line: LineToIr, changed: Mapping[ObjectKey, ReadDocument | None]) -> Result:
        with patience():
            config, store = line.apply(changed), line.store()
            return compile_ir(
                store,
                config,
                suspects_of(line, store, self._options),
                self._options,
                line.sink(),
                self._on_error,
                self._printing.proofs,
                self._printing,
            )

    def _from_nothing(self) -> Result:
        return compile_documents(
            [self._objects[key].read for key in sorted(self._objects)],
            self._options,
            Sink(strict=self._options.strict),
            on_error=self._on_error,
            proofs=self._printing.proofs,
            printer=self._printing,
        )
