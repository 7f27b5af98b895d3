"""A real nginx on a compiled input, here and now; and a responder that stands in for the cluster.

Uses the stages; no stage knows it.
"""
