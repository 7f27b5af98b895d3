"""The debugger: which rule takes a request, why, and what would change.

`answer` is the short form that route tests and logs use, `story` the long one; `api` gives both
to programs. It stands beside the line of stages: it queries the oracle and the model, and no stage
knows it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingc.explain.answer import Answer, Asker, Backend, RouteRef
    from ingc.explain.api import asker_of
    from ingc.explain.conf.api import BadConf, Conf
    from ingc.explain.conf.reading import conf_of, read_conf
    from ingc.explain.question import BadQuestion, Question, is_url, read_question
else:
    from ingc.lazy import lazy_names

    __getattr__, __dir__ = lazy_names(
        __name__,
        {
            "Answer": "ingc.explain.answer",
            "Asker": "ingc.explain.answer",
            "Backend": "ingc.explain.answer",
            "BadConf": "ingc.explain.conf.api",
            "BadQuestion": "ingc.explain.question",
            "Conf": "ingc.explain.conf.api",
            "Question": "ingc.explain.question",
            "RouteRef": "ingc.explain.answer",
            "asker_of": "ingc.explain.api",
            "conf_of": "ingc.explain.conf.reading",
            "is_url": "ingc.explain.question",
            "read_conf": "ingc.explain.conf.reading",
            "read_question": "ingc.explain.question",
        },
    )

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
    "is_url",
    "read_conf",
    "read_question",
]
