"""All annotations and all keys, and what the ones set for the others.

A key that gives annotations a default is read by their grammar, and an unknown annotation may be
a key. The two folders of declarations know nothing of each other; this module knows both.
"""

from __future__ import annotations

from dataclasses import replace

from ingc.frontend.annotations.declare import Annotation, UnsupportedAnnotation
from ingc.frontend.annotations.registry import ALIASES, DECLARATIONS
from ingc.frontend.annotations.snippets import would_be_read
from ingc.frontend.annotations.unsupported import advise
from ingc.frontend.configmap.declare import Key, KeyDeclaration, KeyGroup
from ingc.frontend.configmap.registry import GROUPS as DECLARED_GROUPS
from ingc.frontend.declarations.declare import Unsupported
from ingc.frontend.declarations.reading import Register
from ingc.frontend.declarations.words import ANNOTATION_WORDS, KEY_WORDS

_MOVE = "it is a key of the ConfigMap of --configmap, for everybody; move it there"


def _joined(declared: KeyDeclaration) -> KeyDeclaration:
    """Return a key with the grammar of the annotation that gets its value."""
    annotation = DECLARATIONS.get(declared.read_by) if isinstance(declared, Key) else None
    if not isinstance(declared, Key) or not isinstance(annotation, Annotation):
        return declared
    grammar = declared.grammar if declared.stands_alone else annotation.grammar
    return replace(declared, grammar=grammar, given_as=annotation.grammar)


def _advise(declared: Unsupported, text: str) -> str:
    if not isinstance(declared, UnsupportedAnnotation) or not declared.option:
        return ""
    advice = advise(text, DECLARATIONS.values()) if declared.snippet else ""
    if not would_be_read(declared.name, text):
        return advice
    return f"{advice or declared.instead}; or pass {declared.option}"


GROUPS: tuple[KeyGroup, ...] = tuple(
    replace(group, declarations=tuple(map(_joined, group.declarations)))
    for group in DECLARED_GROUPS
)
KEYS: dict[str, KeyDeclaration] = {
    declared.name: declared for group in GROUPS for declared in group.declarations
}
"""Every key that is known, supported or not."""
OF_ANNOTATIONS = Register(
    DECLARATIONS, ANNOTATION_WORDS, ALIASES, dict.fromkeys(KEYS, _MOVE), _advise
)
OF_KEYS = Register(KEYS, KEY_WORDS)
