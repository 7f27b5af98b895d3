"""Directives of nginx's rewrite module in snippets: a program."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingc.frontend.snippets.contents import SnippetContents
from ingc.frontend.snippets.parsed import ReadDirective, SnippetWord
from ingc.frontend.snippets.values import (
    RefusedDirective,
    SnippetNames,
    ValueUse,
    is_tainted,
    new_variable,
    read_regex,
    read_value,
)
from ingc.ir.features.snippets import (
    REDIRECTS,
    IfBranch,
    IfCondition,
    Operator,
    ReturnAnswer,
    RewriteFlag,
    RewritePath,
    SetVariable,
    Step,
    StopProgram,
)
from ingc.syntax.text import Text, Variable

_WITH_BODY = frozenset({200, 201, 202, *range(400, 600)})
_FLAGS: dict[str, RewriteFlag] = {
    "last": "last",
    "break": "break",
    "redirect": "redirect",
    "permanent": "permanent",
}
_OPERATORS: dict[str, Operator] = {
    "=": "=",
    "!=": "!=",
    "~": "~",
    "~*": "~*",
    "!~": "!~",
    "!~*": "!~*",
}
_URL = re.compile(r"https?://|\$scheme|\$\{scheme\}").match


def read_return(item: ReadDirective, contents: SnippetContents, groups: str = "") -> ReturnAnswer:
    """``return CODE``, ``return CODE TEXT``, ``return URL``."""
    first = item.args[0]
    if not first.text.isdigit():
        if len(item.args) > 1 or not _URL(first.text):
            raise RefusedDirective(
                f'"{first.text}" is no status', "write return 302 URL", first.place
            )
        return ReturnAnswer(
            302, read_value(first, contents.names, ValueUse.REDIRECT, groups=groups)
        )
    status = int(first.text)
    if not (200 <= status <= 599 or status == 444) or len(first.text) != 3:
        raise RefusedDirective(f"{first.text} is no status from 200 to 599", "", first.place)
    if status == 444:
        why = "444 closes the connection without an answer"
        raise RefusedDirective(why, "return 403 or 404", first.place)
    if status in REDIRECTS:
        if len(item.args) < 2:
            raise RefusedDirective(
                f"{status} needs a URL", f"write return {status} URL", first.place
            )
        text = read_value(item.args[1], contents.names, ValueUse.REDIRECT, groups=groups)
        return ReturnAnswer(status, _whole_url(item.args[1], text, contents))
    if len(item.args) < 2:
        return ReturnAnswer(status)
    if status not in _WITH_BODY:
        raise RefusedDirective(f"an answer with {status} has no text", "", item.args[1].place)
    return ReturnAnswer(
        status, read_value(item.args[1], contents.names, ValueUse.BODY, groups=groups)
    )


def _whole_url(
    word: SnippetWord, text: Text, contents: SnippetContents, *, pattern: str = ""
) -> Text:
    """Return a redirect's target as a URL; nginx would complete a path, with its own port."""
    if _URL(word.text):
        return text
    first = text.parts[0] if text.parts else ""
    if isinstance(first, str):
        is_path = first.startswith("/")
    else:
        whole = first.name == "1" and _takes_the_beginning(pattern, text.parts[1:])
        is_path = first.name == "request_uri" or whole
    if not is_path:
        why = "what it redirects to begins neither like a URL nor like a path"
        raise RefusedDirective(why, "begin it with https://, $scheme:// or /", word.place)
    if contents.relative:
        return text
    return Text((Variable("scheme"), "://", Variable("host"), *text.parts))


def _takes_the_beginning(pattern: str, behind: tuple[str | Variable, ...]) -> bool:
    """Return whether ``$1`` begins with the path's slash, or is empty where a slash may follow."""
    if pattern.startswith("^(/"):
        return True
    first = behind[0] if behind else "/"
    goes_on = isinstance(first, str) and first.startswith(("/", "?"))
    return goes_on and re.match(r"\^\((?!\?)", pattern) is not None and "|" not in pattern


def read_rewrite(item: ReadDirective, contents: SnippetContents) -> RewritePath:
    """``rewrite REGEX TARGET [FLAG]``."""
    pattern, target, *rest = item.args
    if rest and rest[0].text not in _FLAGS:
        raise RefusedDirective(f'"{rest[0].text}" is no flag of rewrite', "", rest[0].place)
    flag: RewriteFlag = _FLAGS[rest[0].text] if rest else ""
    regex = read_regex(pattern)
    moves = bool(_URL(target.text)) or flag in ("redirect", "permanent")
    text = read_value(target, contents.names, ValueUse.PATH, groups="path")
    if not text.parts:
        raise RefusedDirective("its target is empty", "", target.place)
    if moves:
        text = _whole_url(target, text, contents, pattern=regex)
    else:
        _check_path(target, text)
    return RewritePath(regex, text, flag)


def _check_path(word: SnippetWord, text: Text) -> None:
    first = text.parts[0]
    if not isinstance(first, str) or not first.startswith("/"):
        raise RefusedDirective(
            "the new path does not begin with a slash", "begin it with /", word.place
        )
    if first.startswith("//"):
        raise RefusedDirective("a path with two slashes in front is none of a rule", "", word.place)


def read_set(item: ReadDirective, contents: SnippetContents, groups: str = "") -> SetVariable:
    """``set $NAME VALUE``."""
    names = contents.names
    name = new_variable(item.args[0], names)
    value = read_value(item.args[1], names, ValueUse.VARIABLE, groups=groups)
    read = re.findall(r"\$\{?(\w+)", item.args[1].text.lower())
    tainted = any(is_tainted(each, names, groups) for each in read)
    names.given[name] = names.given.get(name, False) or tainted
    return SetVariable(names.variable(name).name, value)


def read_if(item: ReadDirective, contents: SnippetContents) -> IfBranch:
    """``if (CONDITION) { return, rewrite, set, break }``."""
    condition, groups = _condition(item, contents.names)
    steps: list[Step] = []
    for inner in item.block or ():
        name = inner.name.text
        if name not in STEPS or name == "if":
            raise RefusedDirective(
                f"{name} inside of an if does not do what it seems to",
                "write return, rewrite, set or break there, and the rest outside",
                inner.place,
            )
        least, most = ARITY[name]
        if not least <= len(inner.args) <= most or inner.block is not None:
            raise RefusedDirective(f"{name} takes {least} to {most} arguments", "", inner.place)
        steps.append(_step(inner, contents, groups))
    return IfBranch(condition, tuple(steps))  # type: ignore[arg-type]


def _step(item: ReadDirective, contents: SnippetContents, groups: str) -> Step:
    name = item.name.text
    if name == "return":
        return read_return(item, contents, groups)
    if name == "set":
        return read_set(item, contents, groups)
    return read_rewrite(item, contents) if name == "rewrite" else StopProgram()


def _condition(item: ReadDirective, names: SnippetNames) -> tuple[IfCondition, str]:
    """Return the condition, and what captures in the block are of."""
    words = _unwrapped(item)
    if len(words) not in (1, 3):
        why = "its condition is none that nginx is safe with"
        instead = "compare a variable: ($name), ($name = text), ($name ~ regex)"
        raise RefusedDirective(why, instead, item.place)
    subject = read_value(words[0], names, ValueUse.COMPARED)
    if len(subject.parts) != 1 or not isinstance(subject.parts[0], Variable):
        raise RefusedDirective("what is compared is not one variable", "", words[0].place)
    if len(words) == 1:
        return IfCondition(subject), ""
    operator = _OPERATORS.get(words[1].text) if not words[1].quoted else None
    if operator is None:
        why = f'"{words[1].text}" looks at files or is no operator'
        raise RefusedDirective(why, "use =, !=, ~, ~*, !~ or !~*", words[1].place)
    if operator in ("=", "!="):
        return IfCondition(subject, operator, read_value(words[2], names, ValueUse.COMPARED)), ""
    pattern = read_regex(words[2])
    if operator.startswith("!"):
        return IfCondition(subject, operator, pattern=pattern), ""
    name = subject.parts[0].name
    raw = re.sub(r"[${}]", "", words[0].text.lower())
    clean = not is_tainted(raw, names, "") and name != "uri"
    return IfCondition(subject, operator, pattern=pattern), "clean" if clean else "path"


def _unwrapped(item: ReadDirective) -> list[SnippetWord]:
    """Return the words of a condition without its brackets, as nginx takes them off."""
    words = list(item.args)
    opened = words and words[0].text.startswith("(") and not words[0].quoted
    closed = words and words[-1].text.endswith(")") and not words[-1].quoted
    if not opened or not closed or item.block is None:
        raise RefusedDirective("if takes a condition in brackets and a block", "", item.place)
    words[0] = SnippetWord(words[0].text[1:], False, words[0].place)
    words[-1] = SnippetWord(words[-1].text[:-1], words[-1].quoted, words[-1].place)
    return [word for word in words if word.text or word.quoted]


STEPS = frozenset({"return", "rewrite", "set", "break", "if"})
ARITY = {"return": (1, 2), "rewrite": (2, 3), "set": (2, 2), "break": (0, 0), "if": (1, 8)}


def read_step(item: ReadDirective, contents: SnippetContents) -> None:
    """Add a directive of the rewrite module to the program."""
    step = read_if(item, contents) if item.name.text == "if" else _step(item, contents, "")
    contents.steps.append(step)


def with_beginnings(steps: Sequence[Step], known: frozenset[str]) -> tuple[Step, ...]:
    """Return a program in which each variable has a value from the beginning on.

    ``known`` are those that have one already. nginx warns of others when they are used, and one
    of an earlier location of the same request would show.
    """
    certain: set[str] = set(known)
    late: dict[str, None] = {}
    answers = False
    for step in steps:
        if isinstance(step, SetVariable) and not answers:
            certain.add(step.name)
        inner = step.steps if isinstance(step, IfBranch) else (step,)
        for each in inner:
            if isinstance(each, SetVariable) and each.name not in certain:
                late[each.name] = None
            if not isinstance(each, SetVariable):
                answers = True
    return (*(SetVariable(name, Text(())) for name in late), *steps)
