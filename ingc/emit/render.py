"""The jinja environment, and what it may print.

Every ``{{ value }}`` of a template goes through `finalize`: a value becomes exactly one nginx
token, by its type (`ingc.plan.layout.token`), and a simple directive its name and arguments, each
one token. Templates can't switch that off.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from ingc.plan.layout import Comment, Directive, Layout, Value, token, words
from ingc.resources import folder

if TYPE_CHECKING:
    from jinja2 import Environment


def render(layout: Layout) -> str:
    """Print a layout. Raises `Unsafe` or `Unprintable` for a value that can't be one token."""
    name = "fragment.conf.j2" if layout.fragment else "nginx.conf.j2"
    return environment().get_template(name).render(conf=layout)


def render_blocks(layout: Layout) -> str:
    """Print what a layout holds of ``http``, as it stands in the whole text. Raises as `render`."""
    return environment().get_template("http.j2").render(conf=layout)


def _write(value: Value | Comment | Directive) -> str:
    return words(value) if isinstance(value, Directive) else token(value)


@cache
def environment() -> Environment:
    """Return the one jinja environment; it holds no state of a compile."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # Not HTML: what makes a value safe here is finalize, not HTML escaping.
    return Environment(
        loader=FileSystemLoader(folder("templates")),
        finalize=_write,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
