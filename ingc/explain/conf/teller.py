"""Stories of requests to an nginx.conf: made from its servers and locations."""

from __future__ import annotations

from ingc.explain.compiled.candidates import normalisation
from ingc.explain.conf.api import Conf
from ingc.explain.conf.applied import conf_applied
from ingc.explain.conf.candidates import conf_contenders, conf_names
from ingc.explain.conf.unless import conf_unless
from ingc.explain.question import Question
from ingc.explain.story import Lines, Story
from ingc.model import Outcome


class ConfTeller:
    """Makes the stories of an nginx.conf; an `ingc.explain.story.Teller`."""

    def __init__(self, conf: Conf) -> None:
        self._conf = conf

    def tell(self, question: Question) -> Story:
        """Return the whole story."""
        conf = self._conf
        answer, outcome = conf.answered(question, headers=True)
        return Story(
            answer,
            steps=normalisation(question),
            names=conf_names(conf, question, outcome),
            contenders=conf_contenders(conf, outcome, answer),
            applied=conf_applied(conf, outcome, answer),
            unless=tuple(conf_unless(conf, outcome, answer)) or None,
            lines=self._lines(outcome),
        )

    short = tell
    """There is nothing to spare: a file holds no objects to look up."""

    def _lines(self, outcome: Outcome | None) -> Lines | None:
        if outcome is None or not outcome.server_line:
            return None
        conf = self._conf
        server, location = conf.at(outcome.server_line), conf.at(outcome.location_line)
        file = server.where.rpartition(":")[0] if server else conf.name
        return Lines(file, server.line if server else 0, location.line if location else 0)
