"""What becomes of a request, in a few words."""

from __future__ import annotations

from ingc.explain.answer import Answer, backend_text


def answer_text(answer: Answer, *, always_target: bool = False) -> str:
    """Write an answer as route tests would: ``shop/cart:8080 as /items``, ``301 /new``.

    What the backend is asked for stands there where it is not what was sent, or ``always_target``.
    """
    if answer.unknown:
        return "unknown"
    if answer.refused:
        return "refused"
    if answer.unopened is not None:
        return f"unopened {backend_text(answer.unopened)}"
    if answer.file is not None:
        return f"{answer.status or ''} file {answer.file}".strip()
    if answer.backend is None:
        return f"{answer.status} {answer.redirect}" if answer.redirect else str(answer.status)
    odds = "".join(
        f", or {backend_text(item)} in {share:.0%}" for item, share in answer.alternatives
    )
    sent = answer.upstream_uri
    shown = sent is not None and (always_target or sent != answer.request.target)
    return f"{backend_text(answer.backend)}{f' as {sent}' if shown else ''}{odds}"
