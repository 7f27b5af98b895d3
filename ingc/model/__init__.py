"""What nginx does with a request, read from any nginx.conf: nginx's own rules, transcribed.

Built from crossplane's tree in ignorance of who wrote the file. It shares with the oracle only
what `ingc.syntax` knows of request targets and tokens, so that their agreement proves something.
What it does not model it names, with the line; it never guesses.
"""

from ingc.model.model import Model, read_model
from ingc.model.outcome import Files, NotModelled, Outcome
from ingc.syntax.request import Request

__all__ = ["Files", "Model", "NotModelled", "Outcome", "Request", "read_model"]
