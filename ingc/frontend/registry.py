"""All annotations and all keys, and what the ones set for the others.

A key that gives annotations a default is read by their grammar, and an unknown annotation may be
a key. The two folders of declarations know nothing of each other; this module knows both.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from ingc.frontend.annotations.declare import (
    OWN_PREFIX,
    Annotation,
    Declaration,
    UnsupportedAnnotation,
)
from ingc.frontend.annotations.registry import ALIASES, DECLARATIONS
from ingc.frontend.annotations.snippets import would_be_read
from ingc.frontend.annotations.unsupported import advise
from ingc.frontend.configmap.declare import Key, KeyDeclaration, KeyGroup
from ingc.frontend.configmap.registry import GROUPS as DECLARED_GROUPS
from ingc.frontend.declarations.declare import Unsupported
from ingc.frontend.declarations.reading import Register
from ingc.frontend.declarations.words import ANNOTATION_WORDS, KEY_WORDS
from ingc.k8s.service import BACKENDS
from ingc.options import Options

_TO_THE_SERVICE = "it belongs to a Service; move it there"
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
_OTHER_PREFIX = {
    f"{OWN_PREFIX}{name}": "its prefix is that of ingress-nginx's annotations"
    for name in (*DECLARATIONS, *ALIASES)
}
_ELSEWHERE = {
    **dict.fromkeys(KEYS, _MOVE),
    **_OTHER_PREFIX,
    BACKENDS: _TO_THE_SERVICE,
}


def annotations_for(options: Options) -> Register:
    """Return the declarations of annotations as they hold for the modules that nginx has."""
    return _annotations_with(options.module_names)


def keys_for(options: Options) -> Register:
    """Return the declarations of keys as they hold for the modules that nginx has."""
    return _keys_with(options.module_names)


@cache
def _annotations_with(modules: frozenset[str]) -> Register:
    held: dict[str, Declaration] = {}
    for name, declared in DECLARATIONS.items():
        missing = declared.module if isinstance(declared, Annotation) else None
        if isinstance(declared, Annotation) and missing and missing.name not in modules:
            held[name] = declared.without_module(missing)
        else:
            held[name] = declared
    return Register(held, ANNOTATION_WORDS, ALIASES, _ELSEWHERE, _advise)


@cache
def _keys_with(modules: frozenset[str]) -> Register:
    held: dict[str, KeyDeclaration] = {}
    for name, declared in KEYS.items():
        missing = declared.module if isinstance(declared, Key) else None
        if isinstance(declared, Key) and missing and missing.name not in modules:
            held[name] = declared.without_module(missing)
        else:
            held[name] = declared
    return Register(held, KEY_WORDS)
