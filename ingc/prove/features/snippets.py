"""What snippets request: programs of nginx's rewrite module, and headers of answers."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.ir import Host, Route
from ingc.ir.features.snippets import (
    AnswerHeaders,
    ErrorPage,
    ErrorPages,
    IfBranch,
    IfCondition,
    LocationProgram,
    ReturnAnswer,
    RewritePath,
    ServerProgram,
    SetVariable,
    Step,
    Steps,
)
from ingc.model.tree import Content, Statement
from ingc.prove.effective import InEffect
from ingc.prove.expected import ExpectedRoute
from ingc.prove.unequal import Unequal
from ingc.prove.values import canonical, read_number, read_text, render
from ingc.prove.witness import Witness
from ingc.syntax.regex.samples import sample
from ingc.syntax.request import Request
from ingc.syntax.text import Text, Variable

_MOST = 16
"""So many conditions of a program are tried by requests of their own."""
_OTHER = "ingc-other"


def answer_answer_headers(
    feature: AnswerHeaders, _route: Route, _request: Request
) -> Iterator[tuple[str, str | None]]:
    """Yield what every answer has, and what none has."""
    beside = {item.name.lower() for item in feature.added}
    for name, value in feature.replaced:
        if value.constant is not None and name.lower() not in beside:
            yield name.lower(), value.constant.encode().decode("latin-1")
    yield from ((name.lower(), None) for name in feature.cleared if name.lower() not in beside)


def without_own(
    listed: tuple[Statement, ...], own: AnswerHeaders
) -> tuple[Statement, ...] | Unequal:
    """Return the headers of a location that are none of a feature's; or the one it lacks."""
    left = list(listed)
    wanted = [("added", item.name, item.value, item.always) for item in own.added]
    wanted += [("replaced", name, value, True) for name, value in own.replaced]
    for field, name, value, always in wanted:
        met = next((item for item in left if _is(item, name, value, always=always)), None)
        if met is None:
            expected = f"{name}: {render(value)}{' always' if always else ''}"
            return Unequal("AnswerHeaders", field, expected, "another or none")
        left.remove(met)
    return tuple(left)


def field_of(own: AnswerHeaders, name: str) -> str:
    """Return the field that decides about a header; empty: none does."""
    if name in own.own:
        replaced = (header.lower() for header, _ in own.replaced)
        return "replaced" if name in replaced else "cleared"
    return "hidden" if name in {header.lower() for header in own.hidden} else ""


def _is(item: Statement, name: str, value: Text, *, always: bool) -> bool:
    header, written, *flags = item.args
    same = canonical(read_text(written)) == canonical(value)
    return header.lower() == name.lower() and same and flags == (["always"] if always else [])


def vary_location_program(feature: LocationProgram, plain: Request) -> Iterator[Witness]:
    """Yield requests of which each condition holds, and does not."""
    yield from _varied(feature.steps, plain)


def vary_server_program(feature: ServerProgram, plain: Request) -> Iterator[Witness]:
    """Yield the same for all requests of a host."""
    yield from _varied(feature.steps, plain)


def _varied(steps: Steps, plain: Request) -> Iterator[Witness]:
    conditions = [step.condition for step in steps if isinstance(step, IfBranch)]
    for condition in conditions[:_MOST]:
        name = condition.subject.variables[0]
        for value in dict.fromkeys((*_fitting(condition), _OTHER)):
            request = _with(plain, name, value)
            if request is not None:
                yield Witness(request, f"${name} {value}", closely=True)


def _fitting(condition: IfCondition) -> Iterator[str]:
    if condition.pattern:
        found = sample(condition.pattern).decode("latin-1")
        yield from (found, found.swapcase())
    elif condition.operator:
        constant = condition.operand.constant
        yield from () if constant is None else (constant, constant.swapcase())
    else:
        yield from ("1", "0", "")


def _with(plain: Request, name: str, value: str) -> Request | None:
    """Return a request in which a variable has a value; ``None``: no request decides it."""
    if any(ord(char) < 0x20 or ord(char) > 0x7E for char in value):
        return None
    if name == "request_method":
        return plain._replace(method=value) if value.isupper() and value.isalpha() else None
    if name.startswith("http_"):
        header = name.removeprefix("http_").replace("_", "-")
        kept = tuple(item for item in plain.headers if item[0].lower() != header)
        return plain._replace(headers=(*kept, (header, value.strip())))
    if name.startswith("cookie_"):
        crumb = f"{name.removeprefix('cookie_')}={value}"
        return plain._replace(headers=(*plain.headers, ("Cookie", crumb)))
    query = value if name in ("args", "query_string") else None
    if name.startswith("arg_"):
        query = f"{name.removeprefix('arg_')}={value}"
    if query is None or any(char in query for char in ' #"'):
        return None
    return plain._replace(target=plain.target.partition(b"?")[0] + b"?" + query.encode())


def own_statements(
    block: Statement, steps: Steps, feature: str = "LocationProgram"
) -> tuple[Statement, ...] | Unequal:
    """Return the statements of a block that are a program's, which stand one behind the other."""
    wanted = tuple(map(_content, steps))
    found = block.rewrites
    for first in range(len(found) - len(wanted) + 1):
        those = found[first : first + len(wanted)]
        if tuple(_form(item.content) for item in those) == wanted:
            return those
    shown = "; ".join(" ".join((name, *args)) for name, args, _ in wanted)
    return Unequal(feature, "steps", shown, "others")


def _form(content: Content) -> Content:
    """Return a statement in a form that is the same for all that nginx reads alike."""
    name, args, block = content
    expands = {"set": (1,), "return": (0, 1), "rewrite": (1,), "if": ()}.get(name, ())
    made = tuple(
        render(_plain(read_text(arg))) if number in expands else arg
        for number, arg in enumerate(args)
    )
    if name == "if" and len(args) == 3 and args[1] in ("=", "!="):
        made = (*args[:2], render(_plain(read_text(args[2]))))
    return name, made, None if block is None else tuple(map(_form, block))


def _plain(text: Text) -> Text:
    parts = (Variable(p.name.lower()) if isinstance(p, Variable) else p for p in text.parts)
    return Text(tuple(parts))


def _content(step: Step) -> Content:
    if isinstance(step, SetVariable):
        return "set", (f"${step.name}", render(step.value) if step.value.parts else ""), None
    if isinstance(step, ReturnAnswer):
        text = () if step.text is None else (render(step.text) if step.text.parts else "",)
        return "return", (str(step.status), *text), None
    if isinstance(step, RewritePath):
        flag = (step.flag,) if step.flag else ()
        return "rewrite", (step.pattern, render(step.target), *flag), None
    if isinstance(step, IfBranch):
        inner = tuple(map(_content, step.steps))
        return "if", tuple(_condition(step.condition)), inner
    return "break", (), None


def _condition(condition: IfCondition) -> Iterator[str]:
    yield f"${condition.subject.variables[0]}"
    if condition.operator:
        yield condition.operator
        operand = condition.operand
        yield condition.pattern or (render(operand) if operand.parts else "")


def program_of(route: Route, location: Statement) -> tuple[Statement, ...] | Unequal:
    """Return the directives of a location that are its route's snippet; none, where it has none."""
    program = route.feature(LocationProgram) if route.features else None
    own = () if program is None else own_statements(location, program.steps)
    return own if isinstance(own, Unequal) else _stray(location, own, "LocationProgram") or own


def program_on_plain_http(route: Route, location: Statement) -> tuple[Statement, ...] | Unequal:
    """Return the same where plain http is answered, perhaps by a server that only redirects.

    What comes behind the redirect need not be there.
    """
    found = program_of(route, location)
    program = route.feature(LocationProgram) if route.features else None
    behind = program is not None and not program.before_https
    return () if behind and isinstance(found, Unequal) else found


def server_program_differs(host: Host, server: Statement) -> Unequal | None:
    """Return that a server does not have the program of its host's snippet, and no other."""
    program = host.feature(ServerProgram) if host.features else None
    own = () if program is None else own_statements(server, program.steps, "ServerProgram")
    return own if isinstance(own, Unequal) else _stray(server, own, "ServerProgram")


def _stray(block: Statement, own: tuple[Statement, ...], feature: str) -> Unequal | None:
    """Return the first directive of a program that nobody wrote.

    What ours set begins with ``ingc_``, and what ours ask for is that or the scheme.
    """
    for item in block.rewrites:
        if item.name in ("return", "rewrite") or item in own:
            continue
        subject = item.args[0] if item.args else ""
        ours = subject.startswith("$ingc_") or (item.name == "if" and subject == "$scheme")
        if not ours:
            return Unequal(feature, "steps", "none", " ".join((item.name, *item.args)))
    return None


def read_error_pages(place: InEffect) -> ErrorPages | None:
    """Return what stands in for errors, but for locations of ours."""
    found = []
    for item in place.all("error_page"):
        *codes, target = item.args
        if target.startswith("@") or "=" in codes:
            continue  # a page of ours
        changed = [code for code in codes if code.startswith("=")]
        plain = [code for code in codes if not code.startswith("=")]
        status = read_number(changed[0][1:], "pages") if changed else None
        numbers = tuple([read_number(code, "pages") for code in plain])
        found.append(ErrorPage(numbers, read_text(target), status))
    return ErrorPages(tuple(found)) if found else None


def seen_error_pages(expected: ExpectedRoute) -> ErrorPages | None:
    """Return the pages of a route."""
    return expected.route.feature(ErrorPages)
