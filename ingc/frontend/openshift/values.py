"""What the annotations of one Route hold."""

from __future__ import annotations

from dataclasses import dataclass

from ingc.frontend.declarations.values import GivenValues
from ingc.k8s.openshift.route import OpenshiftRoute


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteValues(GivenValues):
    """The values of a Route's annotations."""

    route: OpenshiftRoute
