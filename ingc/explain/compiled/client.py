"""What nginx makes of the client, and which headers of it nginx passes over."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.explain.compiled.words import Applied
from ingc.explain.question import Question
from ingc.ir import Config, Settings
from ingc.match.client import header_rules
from ingc.syntax.header_rules import Headers
from ingc.syntax.request import Request


def of_client(question: Question, seen: Request, config: Config) -> Iterator[Applied]:
    """Yield who the client is, where a proxy in front names it."""
    if seen.address is None or seen.address == question.client_ip:
        return
    front = config.settings.policies.front
    by = "the PROXY line" if front.proxy_protocol else front.address_header
    whose = f"{question.client_ip} is trusted" if question.client_ip else "every peer is trusted"
    yield Applied("client", f"{seen.address}, by {by}: {whose}")


def dropped(headers: Headers, settings: Settings) -> Iterator[Applied]:
    """Yield the headers of a request that nginx passes over, each with what would keep it."""
    rules = header_rules(settings)
    for name, _ in headers:
        if not rules.drops(name):
            continue
        if rules._replace(underscores=True).drops(name):
            why, key = "not all of it is letters, digits and -", 'ignore-invalid-headers: "false"'
        else:
            why, key = "its name has an underscore", 'enable-underscores-in-headers: "true"'
        yield Applied("dropped", f"header {name}: {why}; {key} in the ConfigMap keeps it")
