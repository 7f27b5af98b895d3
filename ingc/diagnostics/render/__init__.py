"""Diagnostics as text: for people, as JSON, SARIF and GitHub annotations, and the codes' pages.

Takes diagnostics in the order in which they are to be shown, and gives a string that ends with a
line break (or is empty); prints nothing and never sorts.
"""

from ingc.diagnostics.render.github import render_github
from ingc.diagnostics.render.json_format import render_json
from ingc.diagnostics.render.page import render_index, render_page
from ingc.diagnostics.render.sarif import render_sarif
from ingc.diagnostics.render.text import render_text, summary

__all__ = [
    "render_github",
    "render_index",
    "render_json",
    "render_page",
    "render_sarif",
    "render_text",
    "summary",
]
