"""The debugger: which rule takes a request, why, and what would change.

`answer` is the short form that route tests and logs use, `story` the long one. It stands beside
the line of stages: it asks the oracle and the model, and no stage knows it.
"""

from ingc.explain.answer import Answer, Asker, Backend, RouteRef
from ingc.explain.api import asker_of, explain, story
from ingc.explain.conf.api import BadConf, Conf
from ingc.explain.conf.reading import conf_of, read_conf
from ingc.explain.question import BadQuestion, Question, is_url, read_question

__all__ = [
    "Answer",
    "Asker",
    "Backend",
    "BadConf",
    "BadQuestion",
    "Conf",
    "Question",
    "RouteRef",
    "asker_of",
    "conf_of",
    "explain",
    "is_url",
    "read_conf",
    "read_question",
    "story",
]
