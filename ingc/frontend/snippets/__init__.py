"""Snippets: raw nginx directives, read by an allow-list into features of the IR."""
