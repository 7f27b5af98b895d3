"""The situations, in the order in which `Situation` has them."""

from ingc.reach.cause import Situation
from tests.reach.cases import network, running, scheduling, services, starting
from tests.reach.cases.case import MADE, Case

__all__ = ["CASES", "Case", "network", "running", "scheduling", "services", "starting"]

_ORDER = [item.value for item in Situation]
CASES = sorted(MADE, key=lambda case: _ORDER.index(case.situation))
