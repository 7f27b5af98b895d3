"""Requests that the real ingress-nginx 1.15.1 has answered, asked again of what ingc compiles.

``answers/*.json.xz`` hold the objects, the requests and its answers. What may differ stands in
``departures.txt``, each kind under a heading of docs/coming-from-ingress-nginx.md.
"""
