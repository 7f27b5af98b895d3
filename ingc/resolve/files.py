"""The files that nginx.conf refers to: what is in a Secret, under names of validated parts."""

from __future__ import annotations

from dataclasses import dataclass, field

from ingc.ir import OutputFile, SecretBytes

_CONTENT_HASH_LENGTH = 16


@dataclass(slots=True)
class Files:
    """Gathers files to be written beside nginx.conf."""

    enabled: bool
    """False: nothing can be written, so every `add` gives ``None``."""
    _files: dict[str, OutputFile] = field(default_factory=dict)

    def add(
        self,
        folder: str,
        namespace: str,
        name: str,
        ending: str,
        content: SecretBytes,
        *,
        private: bool = False,
        workers: bool = False,
    ) -> str | None:
        """Return the path of a file with a content, relative to nginx.conf.

        ``namespace`` and ``name`` are those of a Secret, and validated. ``private`` is for what
        nginx's master reads, ``workers`` for what its workers read, and nobody else.
        """
        if not self.enabled:
            return None
        digest = content.digest[:_CONTENT_HASH_LENGTH]
        path = f"{folder}/{namespace}_{name}.{digest}.{ending}"
        self._files[path] = OutputFile(path, content, private, workers)
        return path

    def all(self) -> tuple[OutputFile, ...]:
        """Return the files, by path."""
        return tuple(self._files[path] for path in sorted(self._files))
