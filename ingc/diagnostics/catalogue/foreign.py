"""ING025 and on: files that hold no manifests, or not as they are."""

from __future__ import annotations

from ingc.diagnostics.catalogue.declare import NOTE, code
from ingc.diagnostics.model import Entry


@code("ING025", name="files-passed-over", severity=NOTE)
class FilesPassedOver(Entry):
    """Files that a folder or a pattern leads to hold no Kubernetes object, so they are not used.

    No document in them has two of `apiVersion`, `kind` and `metadata`.

    Example: the values of a Helm chart, settings of a CI system.

    Fix: nothing, unless one of them should be a manifest: name that file by itself, and what is
    wrong in it is reported.
    """

    files: tuple[str, ...]
    summary = "passed over files without a Kubernetes object: {files}"


@code("ING026", name="kustomization-not-built", severity=NOTE)
class KustomizationNotBuilt(Entry):
    """A kustomization says how objects are made of other files; ingc does not build it.

    The manifests around it are compiled as they stand: without its patches, prefixes and
    namespace.

    Fix: let kustomize build the objects, and compile those:
    `kustomize build DIR | ingc compile -`.
    """

    folder: str
    summary = "a kustomization is not built, so its patches and names are missing"
    label = "says how objects are made of other files"
    help = "compile what it makes: kustomize build {folder} | ingc compile -"


@code("ING027", name="file-encrypted", severity=NOTE)
class FileEncrypted(Entry):
    """A file is encrypted as a whole, so nothing of it is used.

    Fix: decrypt it first, if it holds something that the Ingresses need.
    """

    file: str
    tool: str
    fix: str
    summary = "{file} is encrypted by {tool}, so it is passed over"
    help = "if the Ingresses need what is in it, decrypt it first: {fix}"
