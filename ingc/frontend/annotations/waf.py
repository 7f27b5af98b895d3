"""Web application firewalls and tracing: third-party modules of nginx."""

from __future__ import annotations

from ingc.frontend.declarations.declare import Family, Risk, Support, Unsupported

_WAF = "stock nginx has no ModSecurity"
_OTEL = "stock nginx has no OpenTelemetry"


def _waf(name: str, risk: Risk = Risk.LOW) -> Unsupported:
    instead = "put a firewall before or behind nginx"
    return Unsupported(name, _WAF, Support.NEEDS_MODULE, instead, protects=True, risk=risk)


def _otel(name: str, risk: Risk = Risk.LOW) -> Unsupported:
    instead = "correlate by the X-Request-ID that every backend gets, or trace in the application"
    return Unsupported(name, _OTEL, Support.NEEDS_MODULE, instead, risk=risk)


FAMILY = Family(
    "Firewall and tracing",
    (
        _waf("enable-modsecurity"),
        _waf("enable-owasp-core-rules"),
        _waf("modsecurity-transaction-id", Risk.HIGH),
        _waf("modsecurity-snippet", Risk.CRITICAL),
        _otel("enable-opentelemetry"),
        _otel("opentelemetry-trust-incoming-span"),
        _otel("opentelemetry-operation-name", Risk.MEDIUM),
    ),
)
