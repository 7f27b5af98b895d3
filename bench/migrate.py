"""How long ``ingc migrate`` takes: ``python bench/migrate.py [--ingresses 1000]``.

Writes a dump of `dump`, and times the parts of a report on it and each of its forms, in processor
time.
"""

from __future__ import annotations

import argparse
import io
import time

import cluster
import dump

from ingc.compiler import compile_documents
from ingc.diagnostics import Sink
from ingc.load import read_text
from ingc.migrate import assemble, prepare
from ingc.migrate.rendering import render
from ingc.options import Options

_FORMS = ("text", "json", "markdown", "html")


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--ingresses", type=int, default=1000)
    count = parser.parse_args().ingresses
    out = io.StringIO()
    cluster.write_yaml(dump.objects(count), out)
    text, sink = out.getvalue(), Sink()
    print(f"{count} Ingresses, {len(text) / 1e6:.1f} MB")
    began = time.process_time()
    documents = read_text(text, "all.yaml", sink)
    began = _printed("read", began)
    prepared = prepare(documents, Options())
    began = _printed("prepare", began)
    result = compile_documents(
        prepared.documents, prepared.options, sink, on_error="isolate", served=False
    )
    began = _printed("compile and prove", began)
    found = assemble(prepared, result, ("all.yaml",))
    began = _printed("assemble", began)
    for form in _FORMS:
        size = len(render(found, form))
        began = _printed(f"{form} ({size / 1e6:.2f} MB)", began)


def _printed(what: str, began: float) -> float:
    now = time.process_time()
    print(f"{what:24} {now - began:6.2f} s")
    return time.process_time()


if __name__ == "__main__":
    main()
