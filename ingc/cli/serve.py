"""``ingc serve``."""

from __future__ import annotations

import dataclasses
import signal
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingc.cli.exits import ERRORS, CommandFailure, shown
from ingc.cli.findings import Printing, key_of, print_diagnostics, printing
from ingc.cli.flags import Command, Switch, port
from ingc.cli.ports import refuse_taken
from ingc.cli.session import (
    compile_inputs,
    find_nginx,
    open_session,
    version_to_run,
)
from ingc.cli.settings import compile_options, input_limit, make_options
from ingc.diagnostics import Diagnostic
from ingc.options import Options

if TYPE_CHECKING:
    from ingc.nginx import Nginx
    from ingc.serve.session import Session

_SUFFIXES = frozenset({".yaml", ".yml", ".json"})


@click.command("serve", cls=Command)
@click.argument("inputs", metavar="INPUT...", nargs=-1, required=True)
@click.option(
    "--http-port", "--port", "http_port", type=port, default=8080, help="Port for http.  [8080]"
)
@click.option("--https-port", type=port, default=8443, help="Port for https.  [8443]")
@click.option("--echo", cls=Switch, help="Answer for every Service by a local responder.")
@compile_options(without=("--http-port", "--https-port", "--allow-empty"))
@click.pass_context
def command(
    ctx: click.Context,
    /,
    inputs: tuple[str, ...],
    http_port: int,
    https_port: int,
    echo: bool,
    **given: Any,
) -> None:
    """Run a real nginx on the input in the foreground, and follow its changes.

    Recompiles and reloads when a file changes. While an edit is wrong, the last good
    configuration is served. With --echo a responder stands in for every Service and reports which
    rule was reached and what request arrived. Ctrl-C ends it and leaves nothing behind.

    \b
    Examples:
      ingc serve --echo manifests/
      ingc serve --echo manifests/ --http-port 9000 &
      ingc serve manifests/ --listen-address 0.0.0.0 --resolver 10.96.0.10
      curl -H 'Host: shop.example.com' http://127.0.0.1:8080/cart
    """
    if "-" in inputs:
        raise click.UsageError("serve follows files; standard input can't be followed")
    nginx = find_nginx(given["nginx"])
    given["nginx_version"] = version_to_run(nginx, given["nginx_version"])
    given["listen_address"] = given["listen_address"] or ("127.0.0.1",)
    refuse_taken(given["listen_address"], {"--http-port": http_port, "--https-port": https_port})
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: stop.set())
    with open_session(nginx, echo=echo) as session:
        options = make_options(
            given,
            echo=echo,
            echo_socket=session.echo_socket if echo else "",
            http_port=http_port,
            https_port=https_port,
            redirect_port=https_port,
        )
        limit = input_limit(given["max_input"])
        follower = _Follower(session, inputs, options, limit, printing(given))
        if not follower.update():
            ctx.exit(ERRORS)
        _announce(nginx, options, https=session.serves_https)
        follower.follow(stop)


def _announce(nginx: Nginx, options: Options, *, https: bool) -> None:
    for address in options.listen_address:
        urls = f"http://{address}:{options.http_port}"
        if https:
            urls += f" and https://{address}:{options.https_port}"
        click.echo(f"serving on {urls} with {nginx}", err=True)
    click.echo("press Ctrl-C to stop", err=True)


Seen = dict[Path, tuple[int, int, int] | None]


class _Follower:
    """Compiles the input anew whenever its files change."""

    def __init__(
        self,
        session: Session,
        inputs: tuple[str, ...],
        options: Options,
        limit: int,
        printing: Printing,
    ) -> None:
        from ingc.cli.progress import WatchedProofs

        self._session = session
        self._inputs = inputs
        self._options = options
        self._limit = limit
        self._printing = printing
        self._proofs = WatchedProofs()
        self._seen: Seen = {}
        self._announced: set[int] = set()
        self._named = {Path(item).absolute() for item in inputs}

    def update(self) -> bool:
        """Compile and serve; returns whether the configuration is served now."""
        from ingc.serve.session import NotServed

        self._seen = _look(self._inputs)
        try:
            compiled = compile_inputs(
                self._inputs,
                self._options,
                max_input=self._limit,
                proofs=self._proofs,
                allow_empty=True,
            )
        except click.ClickException as error:
            click.echo(f"error: {shown(error.message)}", err=True)
            return False
        self._print_new(compiled.result.diagnostics)
        if not compiled.result.ok or compiled.result.ir is None:
            return False
        try:
            self._session.serve(compiled.result.ir)
        except NotServed as error:
            click.echo(f"error: nginx refuses the configuration:\n{shown(str(error))}", err=True)
            if "host not found in upstream" in str(error) and not self._options.echo:
                click.echo(
                    "help: these names are of the cluster; --echo answers in its place", err=True
                )
            return False
        self._announce_balancers()
        return True

    def _announce_balancers(self) -> None:
        """Name once the ports that clients without a load balancer need."""
        for scheme in ("http", "https"):
            port = self._session.port(scheme)
            if port is not None and port not in self._announced:
                self._announced.add(port)
                click.echo(
                    f"nginx expects a PROXY line; {scheme}://127.0.0.1:{port} adds it", err=True
                )

    def _print_new(self, found: Sequence[Diagnostic]) -> None:
        """Print what the last time did not print, and count the rest."""
        print_diagnostics(found, self._printing)
        known = frozenset(map(key_of, found))
        self._printing = dataclasses.replace(self._printing, known=known)

    def follow(self, stop: threading.Event) -> None:
        """Update on every change until ``stop`` is set or nginx ends."""
        from watchfiles import watch

        changed = watch(
            *sorted(_watched(self._inputs)),
            watch_filter=self._is_input,
            stop_event=stop,
            rust_timeout=500,
            recursive=not all(Path(item).is_file() for item in self._inputs),
            yield_on_timeout=True,
            raise_interrupt=False,
            debounce=300,
        )
        for changes in changed:
            if not self._session.alive:
                raise CommandFailure("nginx ended", ERRORS)
            # Not every change is reported: watching begins after the first reading, and a mounted
            # ConfigMap changes by a link beside its files.
            if changes or _look(self._inputs) != self._seen:
                served = self.update()
                state = "reloaded" if served else "still serving the last good configuration"
                click.echo(state, err=True)

    def _is_input(self, _change: object, path: str) -> bool:
        """Return whether a changed file may be one of the input."""
        return Path(path).suffix in _SUFFIXES or Path(path) in self._named


def _look(inputs: Sequence[str]) -> Seen:
    """Return what identifies the content of each file of the input."""
    from ingc.load.sources import find as find_files

    paths = [file.path for file in find_files(inputs).files.values() if file.path]
    return {path: _identity(path) for path in paths}


def _identity(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _watched(inputs: Iterable[str]) -> set[Path]:
    """Return the folders to watch: editors replace files, so a file is watched by its folder."""
    roots = set()
    for item in inputs:
        path = Path(item)
        while not path.is_dir():
            path = path.parent
        roots.add(path.absolute())
    return roots
