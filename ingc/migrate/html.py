"""A page as one HTML file: no script, nothing from elsewhere, and no markup of the input in it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ingc.migrate.page import Page, Tone
from ingc.resources import folder
from ingc.syntax.visible import visible

if TYPE_CHECKING:
    from jinja2 import Environment


def page_as_html(page: Page) -> str:
    """Return a page as HTML, UTF-8; jinja escapes each value."""
    return _environment().get_template("page.html.j2").render(page=page)


def _shown(value: object) -> object:
    """Return what is printed of a value: nothing in it turns a line around or is a control."""
    if isinstance(value, Tone):
        return value.value
    return visible(value) if type(value) is str else value


@cache
def _environment() -> Environment:
    """Return the one jinja environment; it holds nothing of a page."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(folder("templates") / "migrate"),
        autoescape=True,
        finalize=_shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
