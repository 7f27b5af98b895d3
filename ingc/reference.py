"""The declarations of annotations as tables and pages, for people and programs."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingc.frontend.annotations.declare import (
    OWN_PREFIX,
    Annotation,
    Declaration,
    UnsupportedAnnotation,
)
from ingc.frontend.annotations.registry import (
    ALIASES,
    DECLARATIONS,
    FAMILIES,
    FAMILY_OF,
    PREFIX,
)
from ingc.frontend.configmap.page import keys_as_markdown
from ingc.frontend.declarations.declare import (
    DeclarationGroup,
    Support,
    module_of,
    support_of,
)
from ingc.frontend.kinds import KindAnnotations, annotations_of_kinds
from ingc.frontend.registry import GROUPS
from ingc.frontend.snippets.page import snippets_as_markdown
from ingc.target import OLDEST, format_version

Group = DeclarationGroup[Declaration, Any, Any]


def find_annotation(name: str) -> Declaration | None:
    """Return a declaration by its name, one of its older names, either with the prefix or not.

    Those of other kinds have their prefix, or are called as none of ingress-nginx's is.
    """
    bare = name.removeprefix(PREFIX + "/")
    found = DECLARATIONS.get(ALIASES.get(bare, bare)) or DECLARATIONS.get(OWN_PREFIX + name)
    if found is not None:
        return found
    for kind in annotations_of_kinds():
        whole = (item for item in (*kind.declarations, *kind.aliases) if _is_called(item, name))
        if known := next(whole, ""):
            return kind.declarations[kind.aliases.get(known, known)]
    return None


def _is_called(known: str, name: str) -> bool:
    return name in (known, known.partition("/")[2])


def annotations_as_text() -> str:
    """Return the list of all annotations: a line each, by family."""
    lines = list(_listed(FAMILIES, max(map(len, DECLARATIONS))))
    lines.append(counts())
    for kind in annotations_of_kinds():
        lines += ["", f"Of {kind.kind.plural}:", ""]
        lines += _listed(kind.families, max(map(len, kind.declarations)))
        lines.append(counts(kind.declarations))
    return "\n".join(lines) + "\n"


def _listed(families: Iterable[Group], width: int) -> Iterator[str]:
    for family in families:
        yield f"{family.name}:"
        for declared in family.declarations:
            support = support_of(declared).value
            yield f"  {declared.name:{width}}  {support:12}  {declared.doc}"
        yield ""


def counts(declarations: Mapping[str, Declaration] = DECLARATIONS) -> str:
    """Return how many annotations are supported, and how many are not; older names count too.

    Of others': ours are none of them.
    """
    found: Counter[Support] = Counter()
    for declared in declarations.values():
        if declared.name.startswith(OWN_PREFIX):
            continue
        found[support_of(declared)] += 1 + len(_aliases(declared))
    existing = sum(found.values()) - found[Support.OBSOLETE]
    parts = [f"{found[Support.SUPPORTED]} of {existing} annotations are supported"]
    parts += [
        f"{found[kind]} {kind.of_many}"
        for kind in (Support.NEEDS_MODULE, Support.REFUSED, Support.MEANINGLESS)
        if found[kind]
    ]
    obsolete = f"; {found[Support.OBSOLETE]} more are obsolete" if found[Support.OBSOLETE] else ""
    return ", ".join(parts) + obsolete + "."


def _aliases(declared: Declaration) -> tuple[str, ...]:
    return declared.aliases if isinstance(declared, Annotation) else ()


def annotation_as_text(declared: Declaration) -> str:
    """Return the page of an annotation."""
    older = (f"also {alias}" for alias in _aliases(declared))
    lines = [declared.name, *older, "", declared.doc, ""]
    rows = list(_facts(declared))
    width = max(len(key) for key, _ in rows) + 2
    return "\n".join([*lines, *(f"{key:{width}}{value}" for key, value in rows)]) + "\n"


def annotations_as_json() -> str:
    """Return all declarations as JSON; what does not apply is null."""
    rows = [_as_dict(declared) for declared in DECLARATIONS.values()]
    table: dict[str, Any] = {"prefix": PREFIX, "annotations": rows}
    for kind in annotations_of_kinds():
        own = [_as_dict(declared) for declared in kind.declarations.values()]
        table[f"{kind.kind.name.lower()}_annotations"] = own
    return json.dumps(table, indent=2) + "\n"


def annotation_as_json(declared: Declaration) -> str:
    """Return one declaration as JSON."""
    return json.dumps(_as_dict(declared), indent=2) + "\n"


def _as_dict(declared: Declaration) -> dict[str, Any]:
    known = declared if isinstance(declared, Annotation) else None
    missing = known.module if known else None
    unheeded = missing or (declared if isinstance(declared, UnsupportedAnnotation) else None)
    return {
        "name": declared.name,
        "aliases": list(_aliases(declared)),
        "family": FAMILY_OF.get(declared.name) or _family_of_kind(declared),
        "support": support_of(declared).value,
        "doc": declared.doc,
        "risk": declared.risk.value,
        "value": known.grammar.words if known else None,
        "examples": list(known.grammar.examples) if known else None,
        "default": (known.default or None) if known else None,
        "scope": known.scope.value if known else None,
        "directive": (known.sets or known.see or None) if known else None,
        "needs": (known.needs or None) if known else None,
        "differs": (known.differs or None) if known else None,
        "since": format_version(known.since) if known else None,
        "on_wrong_value": _on_wrong_value(known) if known else None,
        "module": missing.name if missing else None,
        "instead": (unheeded.instead or None) if unheeded else None,
        "protects": unheeded.protects if unheeded else None,
        "option": _option_of(declared),
    }


def _option_of(declared: Declaration) -> str | None:
    return (declared.option or None) if isinstance(declared, UnsupportedAnnotation) else None


def _facts(declared: Declaration) -> Iterator[tuple[str, str]]:
    yield "support", support_of(declared).value
    if isinstance(declared, UnsupportedAnnotation):
        if declared.instead:
            yield "instead", declared.instead
        yield "in the input", _in_the_input(declared.name, protects=declared.protects)
        if declared.option:
            yield "allowed by", declared.option
        return
    if declared.module is not None:
        yield "with", f"--with-module {declared.module.name}"
        without = _in_the_input(declared.name, protects=declared.module.protects)
        yield "without it", f"{without}; {declared.module.otherwise}"
    yield "value", declared.grammar.words
    yield "examples", ", ".join(declared.grammar.examples)
    yield "default", declared.default or "none"
    kind = _kind_of(declared)
    yield "holds for", f"its {kind.kind.name}" if kind else _SCOPES[declared.scope.value]
    if declared.sets or declared.see:
        yield "directive", declared.sets or declared.see
    if declared.needs:
        yield "needs", declared.needs
    if declared.differs:
        yield "differs", f"it {declared.differs}"
    if declared.since > OLDEST:
        yield "nginx", f"{format_version(declared.since)} or later"
    yield "wrong value", _on_wrong_value(declared)
    yield "risk", declared.risk.value


def _in_the_input(name: str, *, protects: bool) -> str:
    return f"an error; --accept-ignored {name} makes a warning of it" if protects else "a warning"


def _kind_of(declared: Declaration) -> KindAnnotations | None:
    """Return the kind that alone has an annotation; ``None``: Ingresses have it."""
    kinds = annotations_of_kinds()
    return next((kind for kind in kinds if declared.name in kind.declarations), None)


def _family_of_kind(declared: Declaration) -> str:
    families = (family for kind in annotations_of_kinds() for family in kind.families)
    return next(family.name for family in families if declared in family.declarations)


_SCOPES = {
    "location": "the paths of its Ingress",
    "host": "every path of its hosts; the first Ingress decides",
    "upstream": "its Services; the first Ingress decides",
}


def _on_wrong_value(declared: Annotation[Any]) -> str:
    return "an error" if declared.rejects else "a warning; the default holds"


_MARKDOWN = """\
# Annotations

Every annotation of ingress-nginx, and what becomes of it here; those of {others} stand at
the end. The names carry the prefix
`{prefix}/`, or the one of `--annotations-prefix`; what begins with `{own}` is written as it stands
here, and is not ingress-nginx's but our own. `ingc annotations NAME` prints the same facts in
a terminal. This page is generated from the declarations.

{counts}

A wrong value is a warning where the default holds, as in ingress-nginx, and an error (**!**) where
ingress-nginx would drop the Ingress, answer 503 or leave something unprotected. An annotation that
is not supported is a warning, or an error (**!**) where ignoring it could open something;
`--accept-ignored NAME` makes a warning of that. So is one that [a module](modules.md) is named
for, unless `--with-module` says that nginx has it.
"""


def annotations_as_markdown() -> str:
    """Return the page of the documentation."""
    kinds = annotations_of_kinds()
    others = " and ".join(kind.kind.plural for kind in kinds)
    parts = [_MARKDOWN.format(prefix=PREFIX, own=OWN_PREFIX, counts=counts(), others=others)]
    parts.extend(_family_as_markdown(family) for family in FAMILIES)
    for kind in kinds:
        text = f"{kind.about} {counts(kind.declarations)}"
        parts.append(f"## {kind.kind.plural}\n\n{text}\n")
        parts.extend(_family_as_markdown(family, level=3) for family in kind.families)
    return "\n".join(parts)


def _family_as_markdown(family: Group, level: int = 2) -> str:
    supported = [item for item in family.declarations if isinstance(item, Annotation)]
    others = [item for item in family.declarations if isinstance(item, UnsupportedAnnotation)]
    lines = [f"{'#' * level} {family.name}", ""]
    if supported:
        lines += ["| annotation | what it does | value | default | holds for | nginx directive |"]
        lines += ["|---|---|---|---|---|---|", *map(_supported_row, supported), ""]
    if others:
        lines += ["| annotation | | why | instead |", "|---|---|---|---|"]
        lines += [*map(_unsupported_row, others), ""]
    return "\n".join(lines)


def _supported_row(declared: Annotation[Any]) -> str:
    wrong = " **!**" if declared.rejects else ""
    since = f" (nginx {format_version(declared.since)})" if declared.since > OLDEST else ""
    names = [f"`{name}`" for name in (declared.name, *declared.aliases)]
    return _row(
        ", ".join(names) + since + module_of(declared),
        declared.doc + (f" Here it {declared.differs}." if declared.differs else ""),
        declared.grammar.words + wrong,
        f"`{declared.default}`" if declared.default else "",
        declared.scope.value,
        f"`{declared.sets or declared.see}`" if declared.sets or declared.see else "",
    )


def _unsupported_row(declared: UnsupportedAnnotation) -> str:
    mark = " **!**" if declared.protects else ""
    mark += (
        f", but with `{declared.option}` (see [snippets.md](snippets.md))"
        if declared.option
        else ""
    )
    return _row(f"`{declared.name}`", declared.support.value + mark, declared.doc, declared.instead)


def _row(*cells: str) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def pages() -> Iterable[tuple[str, str]]:
    """Yield the generated pages of the documentation: file name and text."""
    yield "annotations.md", annotations_as_markdown()
    yield "configmap.md", keys_as_markdown(GROUPS)
    yield "snippets.md", snippets_as_markdown()
