"""Diagnostics as text: for people, as JSON, SARIF and GitHub annotations, and the codes' pages.

Takes diagnostics in the order in which they are to be printed, and gives a string that ends with a
line break (or is empty); prints nothing and never sorts. A module each, of which a
command loads what it needs.
"""
