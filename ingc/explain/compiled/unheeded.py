"""What nginx does not do with a request although somebody may expect it: hints, never decisions."""

from __future__ import annotations

from collections.abc import Iterator

from ingc.explain.compiled.words import Applied
from ingc.explain.question import Question
from ingc.ir import Config
from ingc.ir.features.protocols import BackendProtocol
from ingc.ir.features.redirects import HttpsRedirect
from ingc.match import Match

_OF_SCHEME = frozenset({"x-forwarded-proto", "x-forwarded-port", "x-forwarded-host"})
_OF_TLS = (443, 8443, "https")


def unheeded(question: Question, match: Match, config: Config) -> Iterator[Applied]:
    """Yield headers of a proxy that is not believed, redirects without end, TLS not spoken."""
    front = config.settings.policies.front
    believes = 'use-forwarded-headers: "true" in the ConfigMap'
    for name, value in question.headers:
        if not front.believed and name.lower() in _OF_SCHEME:
            yield Applied("ignored", f"header {name}: {value}; {believes} believes it")
    if not front.tells_scheme and _leads_nowhere(question, match, config):
        yield Applied(
            "redirect",
            "https is refused for this host: a balancer that opens TLS in front gets the same"
            f" redirect for ever without {believes}",
        )
    yield from _in_clear(match, config)


def _leads_nowhere(question: Question, match: Match, config: Config) -> bool:
    """Return whether a request is redirected to https although nginx refuses that itself."""
    host, route = match.host, match.route
    if host is None or route is None or question.scheme != "http" or not match.redirect:
        return False
    # Where its certificate is merely not at hand, another finding reports that.
    served = host.https is not None or config.settings.default_certificate is not None
    redirects = any(isinstance(item, HttpsRedirect) for item in route.features)
    return redirects and not served and match.redirect.startswith("https://")


def _in_clear(match: Match, config: Config) -> Iterator[Applied]:
    """Yield that a port which is named for TLS is spoken to in the clear."""
    upstream = next((item for item in config.upstreams if item.name == match.upstream), None)
    if upstream is None or match.route is None or upstream.service.port not in _OF_TLS:
        return
    if not any(isinstance(item, BackendProtocol) for item in match.route.features):
        port = upstream.service.port
        text = f"HTTP in the clear to port {port}; backend-protocol: HTTPS if it expects TLS"
        yield Applied("protocol", text)
