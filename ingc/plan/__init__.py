"""IR → layout: which servers and locations nginx gets, and which directives they hold.

Reads the IR and queries the matcher; prints nothing.
"""

from ingc.plan.config import Plan, plan, plan_parts
from ingc.plan.layout import Layout

__all__ = ["Layout", "Plan", "plan", "plan_parts"]
