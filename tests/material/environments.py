"""Lays environments with other versions of `cryptography`, each with an OpenSSL of its own.

``python -m tests.material.environments`` makes what is missing below ``$INGC_OPENSSL_DIR`` or
``.cache/openssl``, by pip. The wheels of 43 bring OpenSSL 3.3, 44 3.4, 46 3.5, and 47 to 50 4.0;
OpenSSL 3.0 to 3.6 are those that the nginx versions of `tests.nginx.binaries` are linked with.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSIONS = ("43.0.3", "44.0.3", "46.0.7", "47.0.0", "49.0.0", "50.0.2")


def folder() -> Path:
    """Return where the environments are, or would be."""
    return Path(os.environ.get("INGC_OPENSSL_DIR") or ROOT / ".cache" / "openssl").absolute()


def available() -> dict[str, Path]:
    """Return version of `cryptography` → its Python, for those that are laid; does no network."""
    found = {version: folder() / version / "bin" / "python" for version in VERSIONS}
    return {version: path for version, path in found.items() if path.is_file()}


def main() -> int:
    """Lay all, print a line for each; exit code 1 where one can't be had."""
    failed = 0
    for version in VERSIONS:
        place = folder() / version
        python = place / "bin" / "python"
        if not python.is_file():
            subprocess.run([sys.executable, "-m", "venv", "--without-pip", place], check=True)
            pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet"]
            done = subprocess.run([*pip, f"cryptography=={version}", "pyOpenSSL"], check=False)
            if done.returncode:
                python.unlink()
        ask = "from OpenSSL import SSL; print(SSL.SSLeay_version(0).decode())"
        laid = python.is_file()
        failed += not laid
        run = [python, "-W", "ignore", "-c", ask]
        told = subprocess.run(run, capture_output=True, text=True, check=False) if laid else None
        print(f"{version:8} {told.stdout.strip() if told else 'missing: pip could not install it'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
