"""A `Migration` in words: the page that is the same in all forms for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingc.migrate.flag_table import Becomes
from ingc.migrate.migration import (
    CarriedSetting,
    Concern,
    DepartureGroup,
    Fate,
    Migration,
    SettingsTable,
)
from ingc.migrate.page import Cell, Cells, Chapter, Figure, Item, Page, PageTable, Section, Tone
from ingc.migrate.preparing import ASSUMED
from ingc.migrate.weighing import Topic, Weight

MOST_PLACES = 5
"""So many places of a cause stand in the open."""
_DOCS = "docs/coming-from-ingress-nginx.md"

_FIGURES = (
    (Fate.SAME, "keep their behaviour", Tone.SAME),
    (Fate.DIFFERS, "answer some requests otherwise", Tone.DIFFERS),
    (Fate.DECISION, "compile, and need a decision", Tone.DECISION),
    (Fate.REFUSED, "do not compile as they are", Tone.REFUSED),
    (Fate.UNREADABLE, "are not valid objects, or repeat one", Tone.UNREADABLE),
)
_TONES = {
    Weight.REFUSED: Tone.REFUSED,
    Weight.DECISION: Tone.DECISION,
    Weight.DIFFERS: Tone.DIFFERS,
}
_BADGES = {
    Tone.REFUSED: "does not compile",
    Tone.DECISION: "needs a decision",
    Tone.DIFFERS: "answers differ",
}


def many(number: int, word: str = "Ingress") -> str:
    """Return a number with its noun: ``1 Ingress``, ``1,000 Ingresses``."""
    ending = "" if number == 1 else "es" if word.endswith("s") else "s"
    return f"{number:,} {word}{ending}"


def page_of(found: Migration) -> Page:
    """Return the page of a report."""
    chapters = (
        Chapter("Answered otherwise", tuple(_different(found))),
        Chapter("To decide", tuple(_decisions(found))),
        Chapter("Settings", tuple(_settings(found))),
        Chapter("The new command line", tuple(_command(found))),
        Chapter("Stays as it is", tuple(_kept(found))),
        Chapter("Beside the numbers", tuple(_beside(found))),
    )
    return Page(
        f"Leaving ingress-nginx: {many(len(found.ingresses))}",
        f"Read from {_named(found.inputs)}; compiled and proved for nginx {found.target}.",
        tuple(_figure(found, *row) for row in _FIGURES),
        tuple(_notes(found)),
        tuple(chapter for chapter in chapters if chapter.sections),
    )


def _named(inputs: Sequence[str]) -> str:
    return ", ".join("standard input" if name == "-" else name for name in inputs)


def _begun(text: str) -> str:
    """Return a text with a capital letter, as titles begin."""
    return text[:1].upper() + text[1:]


def _figure(found: Migration, fate: Fate, label: str, tone: Tone) -> Figure:
    number, total = found.count(fate), len(found.ingresses)
    share = 100 * number / total if total else 0.0
    shown = "<0.1 %" if 0 < share < 0.05 else f"{share:.1f} %"
    return Figure(number, label, shown if total else "", f"{share:.3f}", tone)


def _notes(found: Migration) -> Iterator[str]:
    if not found.ingresses:
        yield "The input holds no Ingress of this controller."
    if found.passed_over:
        yield f"Left out, by class or option: {', '.join(found.passed_over)}."
    if found.controllers:
        name, *others = [item.name for item in found.controllers]
        yield f"The controller that is left: {name}."
        if others:
            yield f"There are others: {', '.join(others)}. --controller chooses one."
    else:
        yield (
            "The input has no Deployment of the controller and no Helm values, so nothing is known "
            "of its flags."
        )
    if found.lost_keys:
        yield (
            f"Not in these numbers: {many(found.lost_keys, 'key')} of ConfigMaps that can't stay "
            "as they are concern all Ingresses."
        )
    if any(item.why == ASSUMED for item in found.options):
        yield "Certificates and passwords are supposed to be in files: not all Secrets are here."
    if found.gaps:
        yield f"Something could not be read, in {many(len(found.gaps), 'place')}; see the end."


def _different(found: Migration) -> Iterator[Section]:
    own = [item for item in found.departures if not item.general]
    if own:
        yield Section(
            "By kind",
            f'Each with a request that shows it. The kinds are headings of {_DOCS}, "Departures".',
            tuple(_departure(item) for item in own),
        )
    yield from _by_topic(found, (Weight.DIFFERS,))
    general = [item for item in found.departures if item.general]
    if general:
        rows = tuple(_general(item) for item in general)
        yield Section(
            "The same for everybody",
            "It concerns all manifests of the sort alike, so it makes no Ingress different above.",
            table=PageTable(("kind", "request", "ingress-nginx", "nginx", "of"), rows),
        )


def _departure(item: DepartureGroup) -> Item:
    rows = [
        (
            Cell(showing.spot.object),
            Cell(str(showing.spot), code=True),
            Cell(str(showing.request), code=True),
            Cell(showing.theirs),
            Cell(showing.ours),
        )
        for showing in item.showings
    ]
    head = ("Ingress", "place", "request", "ingress-nginx", "nginx")
    count = many(item.ingresses) if item.ingresses else "the ConfigMap"
    facts = (("why", item.why),)
    return _item(_begun(item.kind), "", count, Tone.DIFFERS, facts, head, rows)


def _general(item: DepartureGroup) -> Cells:
    first = item.showings[0]
    return (
        Cell(_begun(f"{item.kind}: {item.why}")),
        Cell(str(first.request), code=True),
        Cell(first.theirs),
        Cell(first.ours),
        Cell(many(item.ingresses) if item.ingresses else "the ConfigMap"),
    )


def _decisions(found: Migration) -> Iterator[Section]:
    yield from _by_topic(found, (Weight.REFUSED, Weight.DECISION))


def _kept(found: Migration) -> Iterator[Section]:
    yield from _by_topic(found, (Weight.KEPT,))


def _by_topic(found: Migration, weights: tuple[Weight, ...]) -> Iterator[Section]:
    for topic in Topic:
        items = [item for item in found.concerns if item.topic is topic and item.weight in weights]
        if items:
            yield Section(topic.value, "", tuple(map(_concern, items)))


def _concern(item: Concern) -> Item:
    messages = list(dict.fromkeys(at.message for at in item.spots))
    changes = any(at.change for at in item.spots)
    # What is the same everywhere is said once, above the places.
    column = {"what": len(messages) > 1, "change": changes}
    head = ("Ingress", "place", *(name for name, wanted in column.items() if wanted))
    rows = [
        (
            Cell(at.spot.object or "-"),
            Cell(str(at.spot), code=True),
            *((Cell(at.message),) if column["what"] else ()),
            *((Cell(at.change),) if column["change"] else ()),
        )
        for at in item.spots
    ]
    count = many(item.ingresses) if item.ingresses else many(len(item.spots), "place")
    what = "" if column["what"] or messages[0] == item.title else messages[0]
    change = "" if column["change"] else item.change
    facts = (("what", what), ("why", item.reason), ("change", change))
    named = tuple((label, text) for label, text in facts if text)
    tone = _TONES.get(item.weight, Tone.PLAIN)
    return _item(_begun(item.title), item.code, count, tone, named, head, rows)


def _item(
    title: str,
    tag: str,
    count: str,
    tone: Tone,
    facts: tuple[tuple[str, str], ...],
    head: tuple[str, ...],
    rows: Sequence[Cells],
) -> Item:
    rest = tuple(rows[MOST_PLACES:])
    table = PageTable(head, tuple(rows[:MOST_PLACES]))
    more = PageTable(head, rest) if rest else None
    badge = _BADGES.get(tone, "")
    return Item(title, tag, count, tone, badge, facts, table, more, f"{len(rest):,} more")


_BECOMES_TONES = {
    Becomes.KEPT: Tone.SAME,
    Becomes.CHANGED: Tone.DIFFERS,
    Becomes.NO_EQUIVALENT: Tone.DIFFERS,
    Becomes.DECISION: Tone.DECISION,
    Becomes.UNKNOWN: Tone.DECISION,
}


def _settings(found: Migration) -> Iterator[Section]:
    for table in found.config_maps:
        yield _settings_of(table, "key")
    for table in found.controllers:
        yield _settings_of(table, "flag or value")


def _settings_of(table: SettingsTable, what: str) -> Section:
    counted = {kind: sum(item.becomes is kind for item in table.settings) for kind in Becomes}
    intro = ", ".join(f"{number} {kind.value}" for kind, number in counted.items() if number)
    where = f"{table.spot}: " if table.spot.file else ""
    rows = tuple(map(_setting, table.settings))
    head = (what, "value", "becomes", "here", "why")
    text = f"{where}{intro or 'nothing is set'}"
    return Section(table.name, text, table=PageTable(head, rows) if rows else None)


def _setting(item: CarriedSetting) -> Cells:
    tone = _BECOMES_TONES.get(item.becomes, Tone.PLAIN)
    return (
        Cell(item.name, code=True),
        Cell(item.value, code=True),
        Cell(item.becomes.value, tone=tone),
        Cell(item.instead, code=item.becomes in (Becomes.KEPT, Becomes.CHANGED)),
        Cell(item.why),
    )


def _command(found: Migration) -> Iterator[Section]:
    intro = ""
    if found.refused:
        intro = (
            "It fails until what does not compile is changed. With --on-error isolate all else is "
            "compiled, and that alone answers 503."
        )
    yield Section("In a shell", intro, code=found.command)
    if found.options:
        rows = tuple(
            (
                Cell(f"--{item.name}", code=True),
                Cell("" if item.switch else ", ".join(item.values), code=True),
                Cell(item.why),
            )
            for item in found.options
        )
        yield Section(
            "Or as ingc.toml, beside it",
            "With it the command line is `ingc compile INPUT -d out`.",
            code=found.config_file,
            table=PageTable(("option", "value", "from"), rows),
        )


def _beside(found: Migration) -> Iterator[Section]:
    if len(found.namespaces) > 1:
        counted = tuple(
            (
                Cell(item.namespace),
                Cell(f"{item.total:,}"),
                Cell(f"{item.same:,}", tone=Tone.SAME if item.same else Tone.PLAIN),
                Cell(f"{item.differs:,}", tone=Tone.DIFFERS if item.differs else Tone.PLAIN),
                Cell(f"{item.decision:,}", tone=Tone.DECISION if item.decision else Tone.PLAIN),
                Cell(f"{item.unreadable:,}"),
            )
            for item in found.namespaces
        )
        head = ("namespace", "Ingresses", "same", "differ", "to decide", "not valid")
        yield Section("By namespace", "", table=PageTable(head, counted))
    if found.gaps:
        rows = tuple(
            (Cell(str(item.spot), code=True), Cell(item.message), Cell(item.change))
            for item in found.gaps
        )
        yield Section(
            "Not read, or not whole",
            "Nothing is known of what stands there; the numbers are those of the rest.",
            table=PageTable(("place", "what", "change"), rows),
        )
