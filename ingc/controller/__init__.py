"""The controller: watches a cluster, and has nginx serve what its Ingresses ask for.

It uses the public library alone (``import ingc``).
"""
