"""``ingc annotations``."""

from __future__ import annotations

import click

_CLASS = "ingress.class"
"""The annotation that names the class, without its prefix ``kubernetes.io/``; it is older than
``spec.ingressClassName`` and means the same."""


@click.command("annotations")
@click.argument("name", required=False)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
)
def command(name: str | None, form: str) -> None:
    """Describe what an annotation of ingress-nginx does here: values, default, nginx directive.

    NAME may stand with or without its prefix. Without NAME, list all of them. Those that
    other kinds of objects have are among them.

    \b
    Examples:
      ingc annotations
      ingc annotations rewrite-target
      ingc annotations --format json | jq '.annotations[].name'
    """
    from ingc.reference import (
        annotation_as_json,
        annotation_as_text,
        annotations_as_json,
        annotations_as_text,
        find_annotation,
    )

    as_json = form == "json"
    if name is None:
        click.echo(annotations_as_json() if as_json else annotations_as_text(), nl=False)
        return
    declared = find_annotation(name)
    if declared is None:
        raise click.UsageError(_why_unknown(name))
    click.echo(annotation_as_json(declared) if as_json else annotation_as_text(declared), nl=False)


def _why_unknown(name: str) -> str:
    import difflib

    from ingc.frontend.annotations.registry import ALIASES, DECLARATIONS
    from ingc.frontend.registry import KEYS

    bare = name.rpartition("/")[2]
    if bare == _CLASS:
        return f'"{name}" names the class, as spec.ingressClassName does: see --ingress-class'
    if bare in KEYS:
        return f'"{name}" is no annotation but a key of the ConfigMap of --configmap'
    near = difflib.get_close_matches(bare, [*DECLARATIONS, *ALIASES], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f'no annotation "{name}"{hint}'
