"""Documents → typed, validated objects, indexed by kind, namespace and name.

Checks what the API server checks and reports every finding; it never looks at nginx.
"""
