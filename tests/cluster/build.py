"""Makes kube-apiserver and kubectl of a Kubernetes release from its published Go modules.

    python -m tests.cluster.build FOLDER

prints the path of the folder that holds them. They are built once for each release; Go's own caches
(GOMODCACHE, GOCACHE) make a second build short. Needs ``go``; nothing is built as root's or
installed anywhere.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

RELEASE = "1.36.3"
"""Of Kubernetes."""
MODULE = "k8s.io/kubernetes"
PROGRAMS = ("kube-apiserver", "kubectl")


def build(folder: Path, *programs: str, release: str = RELEASE) -> Path:
    """Build what is missing; return the folder of the release. Raises `CalledProcessError`."""
    out = folder / release
    out.mkdir(parents=True, exist_ok=True)
    missing = [name for name in programs or PROGRAMS if not (out / name).exists()]
    if missing:
        with tempfile.TemporaryDirectory() as work:
            _write_module(Path(work), release)
            for name in missing:
                _build_one(Path(work), name, out / name, release)
    return out


def module_text(published: str, release: str) -> str:
    """Return a go.mod that requires Kubernetes as its own go.mod does.

    The staging modules (k8s.io/api …) stand in it as v0.0.0 and are replaced by folders of the
    repository; published they have the release's number with 0 in the place of 1.
    """
    staging = re.findall(r"^\s*(k8s\.io/\S+) v0\.0\.0(?:\s|$)", published, re.MULTILINE)
    version = f"v0.{release.removeprefix('1.')}"
    kept = re.findall(r"^(?:go|godebug) .*$", published, re.MULTILINE)
    replaced = [f"\t{name} => {name} {version}" for name in sorted(set(staging))]
    lines = ["module ingc.test/cluster", *kept, f"require {MODULE} v{release}"]
    return "\n".join([*lines, "replace (", *replaced, ")", ""])


def _write_module(work: Path, release: str) -> None:
    (work / "go.mod").write_text("module ingc.test/cluster\n")
    told = _go(work, "mod", "download", "-json", f"{MODULE}@v{release}")
    published = Path(json.loads(told)["GoMod"]).read_text()
    (work / "go.mod").write_text(module_text(published, release))


def _build_one(work: Path, name: str, path: Path, release: str) -> None:
    package = f"{MODULE}/cmd/{name}"
    _go(work, "get", f"{package}@v{release}")
    version = "k8s.io/component-base/version"
    major, minor, _ = release.split(".")
    # Clients refuse a server without a version.
    stamps = {"gitVersion": f"v{release}", "gitMajor": major, "gitMinor": minor}
    flags = " ".join(["-s -w", *(f"-X {version}.{key}={value}" for key, value in stamps.items())])
    made = path.with_name(f".{name}.{os.getpid()}")
    _go(work, "build", "-trimpath", "-ldflags", flags, "-o", str(made), package)
    made.replace(path)


def _go(work: Path, *arguments: str) -> str:
    environment = {"CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false", **os.environ}
    done = subprocess.run(
        ["go", *arguments], cwd=work, env=environment, text=True, check=True, stdout=subprocess.PIPE
    )
    return done.stdout


if __name__ == "__main__":
    print(build(Path(sys.argv[1]).absolute(), *sys.argv[2:]))
