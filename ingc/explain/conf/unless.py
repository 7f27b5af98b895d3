"""What may come in place of an nginx.conf's answer: Lua and other modules decide it."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.explain.answer import Answer
from ingc.explain.conf.api import Conf
from ingc.explain.conf.controller import DEFAULT_BACKEND
from ingc.explain.story import Unless
from ingc.model import Outcome


def conf_unless(conf: Conf, outcome: Outcome | None, answer: Answer) -> Iterator[Unless]:
    """Yield the answers that the file alone does not decide, each with the reason."""
    if outcome is None or answer.unknown is not None:
        return
    question = answer.request
    certified = conf.if_certified(question)
    if certified is not None:
        host = question.host_name
        yield Unless(certified, f"Lua redirects where it has a certificate for {host}")
    if answer.backend is not None or answer.file is not None:
        for item in conf.asides(outcome):
            unknown = Answer(question, unknown="what it answers")
            where = f"{item.args[0]} ({conf.place(item.line)})"
            yield Unless(unknown, f"{where} may answer in place of the location")
    if answer.backend is not None and answer.backend.name == DEFAULT_BACKEND:
        without = Answer(question, 404)
        yield Unless(without, "the controller runs without --default-backend-service")
