"""Which endpoint of an upstream gets a request."""

from __future__ import annotations

from ingc.ir.features.load_balance import HashBy, LeastConnections, LeastTime
from ingc.prove.expected import ExpectedUpstream
from ingc.prove.upstream_blocks import UpstreamInEffect
from ingc.prove.values import NoValue, read_text
from ingc.target import LEAST_TIME


def read_hash_by(block: UpstreamInEffect) -> HashBy | None:
    """Return what chooses the endpoint; ``None``: no text does, or a session."""
    found = block.args("hash")
    if found is None or block.sessions:
        return None
    if found[1:] != ("consistent",):
        raise NoValue("key", "a hash that moves most clients when one endpoint goes")
    return HashBy(read_text(found[0]))


def seen_hash_by(expected: ExpectedUpstream) -> HashBy | None:
    """Return an upstream's hash; a cookie's session comes first."""
    found = (item for item in expected.upstream.features if isinstance(item, HashBy))
    return None if expected.sessions else next(found, None)


def read_least_time(block: UpstreamInEffect) -> LeastTime | None:
    """Return it where the endpoint that answers soonest, or has least to do, is chosen."""
    least = block.args("least_time") == ("header",)
    if block.target < LEAST_TIME:
        # The nearest that such an nginx has.
        least = block.args("random") == ("two", "least_conn")
    return LeastTime() if least else None


def seen_least_time(expected: ExpectedUpstream) -> LeastTime | None:
    """Return it where an upstream has it; a hash comes first."""
    return LeastTime() if not expected.sessions and _has_alone(expected, LeastTime) else None


def read_least_connections(block: UpstreamInEffect) -> LeastConnections | None:
    """Return it where the endpoint with the fewest requests under way is chosen."""
    return LeastConnections() if block.args("least_conn") == () else None


def seen_least_connections(expected: ExpectedUpstream) -> LeastConnections | None:
    """Return it where an upstream has it, also beside a session; a hash comes first."""
    return LeastConnections() if _has_alone(expected, LeastConnections) else None


def _has_alone(expected: ExpectedUpstream, kind: type[LeastTime | LeastConnections]) -> bool:
    features = expected.upstream.features
    hashed = any(isinstance(item, HashBy) for item in features)
    return not hashed and any(isinstance(item, kind) for item in features)
