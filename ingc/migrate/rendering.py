"""A report in one of its forms."""

from __future__ import annotations

from ingc.migrate.migration import Migration


def render(found: Migration, form: str) -> str:
    """Return a report as ``text``, ``json``, ``markdown`` or ``html``."""
    if form == "json":
        from ingc.migrate.json_form import as_one_object

        return as_one_object(found)
    from ingc.migrate.writing import page_of

    page = page_of(found)
    if form == "markdown":
        from ingc.migrate.markdown import page_as_markdown

        return page_as_markdown(page)
    if form == "html":
        from ingc.migrate.html import page_as_html

        return page_as_html(page)
    from ingc.migrate.text import page_as_text

    return page_as_text(page)
