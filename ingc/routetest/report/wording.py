"""What was expected and what came, in the words of the language."""

from __future__ import annotations

from ingc.explain.answer import answer_text
from ingc.routetest.language.printing import expectation_text
from ingc.routetest.language.syntax import (
    AnswerHeader,
    Expectation,
    ExpectedBackend,
    IngressIs,
    Not,
    Rewritten,
    Status,
    Unopened,
    UpstreamHeader,
)
from ingc.routetest.run.reply import Reply


def expected_text(item: Expectation) -> str:
    """Write what is expected, with the variables that are meant where that explains more."""
    text = expectation_text(item)
    inner = item.claim if isinstance(item, Not) else item
    if isinstance(inner, ExpectedBackend | Status | Unopened):
        word = inner.code if isinstance(inner, Status) else inner.name
        if word is None:
            return text
        return text.replace(word.raw, word.text, 1)
    return text


def got_text(reply: Reply, item: Expectation | None = None) -> str:
    """Write what came of a request, in the words of the language."""
    answer = reply.answer
    inner = item.claim if isinstance(item, Not) else item
    if isinstance(inner, IngressIs):
        return (
            f"ingress {answer.route.ingress}"
            if answer.route and answer.route.ingress
            else ("no Ingress's rule")
        )
    if isinstance(inner, AnswerHeader | UpstreamHeader):
        found = reply.headers if isinstance(inner, AnswerHeader) else reply.upstream_headers
        wanted = inner.name.text.lower()
        values = [value for name, value in found if name.lower() == wanted]
        return (
            f"header {inner.name.text}: {', '.join(values)}"
            if values
            else (f"no header {inner.name.text}")
        )
    by_nginx = not (answer.refused or answer.unopened or answer.file)
    if answer.backend is None and by_nginx:
        return f"{reply.status} {answer.redirect}" if answer.redirect else str(reply.status)
    if reply.live and answer.backend is not None and answer.backend.service is None:
        return f"{reply.status} from an unknown backend"
    rewritten = inner.rewritten is not None if isinstance(inner, ExpectedBackend) else False
    return answer_text(answer, always_target=rewritten or isinstance(inner, Rewritten))
