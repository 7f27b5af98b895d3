"""``ingc annotations``."""

from __future__ import annotations

import difflib

import click

from ingc.frontend.annotations.registry import ALIASES, DECLARATIONS
from ingc.frontend.registry import KEYS
from ingc.reference import (
    annotation_as_json,
    annotation_as_text,
    annotations_as_json,
    annotations_as_text,
    find_annotation,
)


@click.command("annotations")
@click.argument("name", required=False)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", help="How to print."
)
def command(name: str | None, form: str) -> None:
    """Tell what an annotation of ingress-nginx does here: values, default, nginx directive.

    NAME may stand with or without its prefix. Without NAME, list all of them.

    \b
    Examples:
      ingc annotations
      ingc annotations rewrite-target
      ingc annotations --format json | jq '.annotations[].name'
    """
    as_json = form == "json"
    if name is None:
        click.echo(annotations_as_json() if as_json else annotations_as_text(), nl=False)
        return
    declared = find_annotation(name)
    if declared is None:
        if name.rpartition("/")[2] in KEYS:
            raise click.UsageError(
                f'"{name}" is no annotation but a key of the ConfigMap of --configmap'
            )
        near = difflib.get_close_matches(name.rpartition("/")[2], [*DECLARATIONS, *ALIASES], n=1)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise click.UsageError(f'no annotation "{name}"{hint}')
    click.echo(annotation_as_json(declared) if as_json else annotation_as_text(declared), nl=False)
