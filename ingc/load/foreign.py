"""What a search finds beside manifests: values of charts, settings of other tools, ciphers.

A file that the user names is meant to be compiled, so what is wrong in it is an error. One that a
folder or a pattern leads to is passed over where it holds no Kubernetes object.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from shlex import quote

from ingc.diagnostics import Entry, Origin, Sink
from ingc.diagnostics.catalogue.foreign import FileEncrypted, FilesPassedOver, KustomizationNotBuilt
from ingc.load.document import Document
from ingc.load.objects import Objects
from ingc.load.text import TextPlace

_GIT_CRYPT = b"\0GITCRYPT\0"
_CIPHER = "ENC["
_KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml")
_KUSTOMIZE = "kustomize.config.k8s.io/"
_MARKS = ("apiVersion", "kind", "metadata")
"""Every Kubernetes object has these three; one that lacks any of them is a mistake."""
_VERSION = re.compile(r"""^(?:[ \t-]*["']?|[ \t]*\{.*["'])apiVersion["']?[ \t]*:""", re.MULTILINE)


def is_foreign(data: bytes | bytearray) -> bool:
    """Return whether a file that is no UTF-8 text can't be a manifest."""
    return b"a\0p\0i\0V\0" not in data and b"apiVersion" not in data


def without_objects(text: str, objects: Objects) -> bool:
    """Return whether a file that was read holds nothing that looks like a Kubernetes object."""
    if objects.empty or any(_looks_like_object(found.value) for found in objects.documents):
        return False
    return not (objects.sink.diagnostics() and _VERSION.search(text))


def encrypted_file(data: bytes | bytearray, file: str) -> Entry | None:
    """Return what to report of a file that git-crypt encrypts as a whole."""
    if not data.startswith(_GIT_CRYPT):
        return None
    return FileEncrypted(file=file, tool="git-crypt", fix="git-crypt unlock")


def take_out(documents: Iterable[Document], sink: Sink) -> list[Document]:
    """Report kustomizations and documents that sops encrypts as a whole; return the others."""
    kept = []
    for document in documents:
        entry = _no_manifest(document)
        if entry is None:
            kept.append(document)
        else:
            sink.report(entry, Origin(source=document.source))
    return kept


def report_passed_over(files: Sequence[str], sink: Sink) -> None:
    """Report the files of folders that hold no Kubernetes object, in one note."""
    if files:
        place = TextPlace(files[0]) if len(files) == 1 else None
        sink.report(FilesPassedOver(files=tuple(files)), Origin(source=place))


def _no_manifest(document: Document) -> Entry | None:
    value = document.value
    version, sops = value.get("apiVersion"), value.get("sops")
    if isinstance(version, str) and not version.startswith(_KUSTOMIZE) and sops is None:
        return None
    file = document.source.file if document.source else ""
    if _is_kustomization(value, PurePath(file).name):
        return KustomizationNotBuilt(folder=quote(str(PurePath(file).parent)))
    if isinstance(sops, Mapping) and not _is_readable(value):
        return FileEncrypted(file=file, tool="sops", fix=f"sops -d {quote(file)}")
    return None


def _is_kustomization(value: Mapping[str, object], file: str) -> bool:
    version = value.get("apiVersion")
    if isinstance(version, str):
        return version.startswith(_KUSTOMIZE)
    return file in _KUSTOMIZATIONS and not value.get("kind")


def _is_readable(value: Mapping[str, object]) -> bool:
    kind = value.get("kind")
    return isinstance(kind, str) and not kind.startswith(_CIPHER)


def _looks_like_object(value: Mapping[str, object]) -> bool:
    return sum(bool(value.get(name)) for name in _MARKS) > 1
