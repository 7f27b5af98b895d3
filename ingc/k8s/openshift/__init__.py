"""route.openshift.io/v1 Route, typed and held to the API server's validation."""

from ingc.k8s.openshift.route import VERSION, OpenshiftRoute, read_route
from ingc.k8s.reading import Kind

READING = Kind((VERSION,), read_route)
TYPE = OpenshiftRoute
