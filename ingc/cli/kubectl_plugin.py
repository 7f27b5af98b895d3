"""``kubectl ingc``: the commands of ingc on what is in the cluster now.

kubectl runs an executable ``kubectl-ingc`` for it. It reads through the user's kubectl, so with
the user's rights and context, and hands the objects to the command as standard input: nothing is
kept on disk. Secrets are requested by name, those alone that objects with rules or options name.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingc.cli.commands import main as run_ingc
from ingc.cli.exits import USAGE
from ingc.kinds import KINDS, RuleKind
from ingc.syntax.visible import visible

_ON_OBJECTS = ("compile", "check", "routes", "explain", "try", "test", "diff", "pod-routes")
"""The commands that take objects; the others are run as they are."""

_ALONE = {
    "serve": "serve follows files; kubectl ingc try asks one URL",
    "controller": "run ingc controller itself, which takes --kubeconfig and --context",
}
"""The commands that are not for kubectl, and why."""

_KINDS = (
    *(kind.resource for kind in KINDS if not kind.optional),
    *("ingressclasses", "services", "endpointslices", "namespaces"),
)
_KINDS_TO_EXPLAIN = (
    *("pods", "nodes", "events", "persistentvolumeclaims", "persistentvolumes"),
    *("networkpolicies", "deployments", "replicasets", "statefulsets", "daemonsets"),
    "serviceaccounts",
)
"""They explain why a request reaches nobody."""
_KINDS_BEHIND = "pods,nodes"
"""They decide where requests go by some ways."""
_WAYS_BY_THEM = frozenset({"pods", "node-port", "host-port"})

_CONNECTION = frozenset(
    {"--context", "--kubeconfig", "--cluster", "--user", "--as", "--as-group", "--server", "-s"}
    | {"--request-timeout", "--token", "--certificate-authority", "--tls-server-name"}
)
"""kubectl's options that name the cluster and the user; each takes a value."""
_CONNECTION_SWITCHES = frozenset({"--insecure-skip-tls-verify"})

_HELP = """\
Usage: kubectl ingc COMMAND [ARGUMENTS] [-n NAMESPACE] [--context NAME] [kubectl's other options]

  Run a command of ingc on what is in the cluster now, read through kubectl with your rights:
  compile, check, routes, explain, try, test, diff and pod-routes. All namespaces are read, or those
  of -n.

  Examples:
    kubectl ingc explain shop.example.com/cart
    kubectl ingc routes -n shop
    kubectl ingc check --summary --context production
    kubectl ingc compile --configmap ingress-nginx/ingress-nginx-controller -o nginx.conf
    kubectl ingc diff manifests/
    kubectl ingc test routes.ingc

  ingc help COMMAND has the rest.
"""


_LOG_LINE = re.compile(r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ ").match
"""As klog, which kubectl logs by, begins a line: severity, day, time."""


class Failed(Exception):
    """kubectl gave nothing that can be read; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Call:
    """What was typed, taken apart."""

    command: str
    arguments: tuple[str, ...]
    """What is ingc's."""
    connection: tuple[str, ...] = ()
    """What is kubectl's."""
    namespaces: tuple[str, ...] = ()
    """Those to read; empty: all."""


def main() -> None:
    """Run the plugin. Exit codes are those of ingc; 2 where kubectl can't read."""
    arguments = sys.argv[1:]
    if not arguments or (arguments[0] in ("-h", "--help", "help") and len(arguments) == 1):
        sys.stdout.write(_HELP)
        sys.exit(0)
    call = split(arguments)
    if call.command in _ALONE:
        sys.stderr.write(f"Error: {_ALONE[call.command]}\n")
        sys.exit(USAGE)
    given = list(call.arguments)
    if call.command in _ON_OBJECTS and not {"-h", "--help"} & set(given):
        try:
            objects = read_cluster(call)
        except Failed as error:
            sys.stderr.write("".join(f"{line}\n" for line in _lines(f"Error: {error}")))
            sys.exit(USAGE)
        # Line by line, as excerpts are printed of it.
        text = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}, indent=1)
        sys.stdin = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
        # For diff the cluster is what was before.
        given = ["-", *given] if call.command == "diff" else [*given, "-"]
    sys.argv = ["ingc", call.command, *given]
    run_ingc(name="kubectl ingc")


def split(arguments: Sequence[str]) -> Call:
    """Take a command line apart: the command comes first."""
    command, rest = arguments[0], iter(arguments[1:])
    own: list[str] = []
    connection: list[str] = []
    namespaces: list[str] = []
    for argument in rest:
        name, equals, value = argument.partition("=")
        if name in ("-n", "--namespace"):
            namespaces.append(value if equals else next(rest, ""))
        elif name in ("-A", "--all-namespaces"):
            namespaces.clear()
        elif name in _CONNECTION:
            connection += [argument] if equals else [argument, next(rest, "")]
        elif name in _CONNECTION_SWITCHES:
            connection.append(argument)
        else:
            own.append(argument)
    return Call(command, tuple(own), tuple(connection), tuple(namespaces))


def read_cluster(call: Call) -> list[dict[str, Any]]:
    """Return the objects that a command needs. Raises `Failed`."""
    explains = call.command == "explain" or "--reach" in call.arguments
    needs_rules = call.command != "pod-routes"
    kinds = (*_KINDS, *(_KINDS_TO_EXPLAIN if explains else ())) if needs_rules else ("nodes",)
    wheres: list[tuple[str, ...]] = [("-n", name) for name in call.namespaces]
    wheres = wheres or [("--all-namespaces",)]
    try:
        objects = [item for where in wheres for item in _get(call, ",".join(kinds), *where)]
        if not explains and _ways(objects, call.arguments) & _WAYS_BY_THEM:
            objects += (item for where in wheres for item in _get(call, _KINDS_BEHIND, *where))
    except Failed as error:
        if call.namespaces or "orbidden" not in str(error):
            raise
        raise Failed(f"{error}\npass -n NAMESPACE to read that namespace alone") from error
    if needs_rules:
        objects += _of_optional_kinds(call, wheres)
        objects += _of_names(call, objects)
    unique = {_identity(item): item for item in objects}
    return list(unique.values())


def _of_names(call: Call, objects: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the Secrets and ConfigMaps that objects and options name."""
    found: list[dict[str, Any]] = []
    for kind, namespace, names in _named(objects, call.arguments):
        try:
            found += _get(call, kind, "-n", namespace, *names, "--ignore-not-found")
        except Failed as error:
            # The command reports what it lacks for want of them.
            _print_note(str(error))
    return found


def _of_optional_kinds(call: Call, wheres: Iterable[tuple[str, ...]]) -> Iterator[dict[str, Any]]:
    """Yield the objects with rules of kinds that not every cluster has; no failure without them."""
    for kind in KINDS:
        if kind.optional and _is_served(call, kind):
            for where in wheres:
                try:
                    yield from _get(call, _resource_of(kind), *where)
                except Failed as error:
                    _print_note(str(error))


def _is_served(call: Call, kind: RuleKind) -> bool:
    """Return whether the cluster's API has a kind; what keeps it from an answer is reported."""
    group = f"--api-group={kind.group}"
    try:
        done = _run(call, "api-resources", group, "--output=name")
    except Failed as error:
        _print_note(str(error))
        return False
    if done.returncode:
        _print_note(_message_of(done))
    return _resource_of(kind) in done.stdout.decode("utf-8", "replace").split()


def _resource_of(kind: RuleKind) -> str:
    """Return what kubectl calls a kind, whatever else has its name."""
    return f"{kind.resource}.{kind.group}"


def _ways(objects: Iterable[dict[str, Any]], arguments: Sequence[str]) -> set[str]:
    """Return the ways that an option or Services' annotations name."""
    found = set(_values(arguments, ("--backends",)))
    for item in objects:
        if item.get("kind") == "Service":
            annotations = (item.get("metadata") or {}).get("annotations") or {}
            found.add(str(annotations.get("ingc/backends")))
    return found


def _identity(item: dict[str, Any]) -> tuple[Any, ...]:
    meta = item.get("metadata") or {}
    return item.get("apiVersion"), item.get("kind"), meta.get("namespace"), meta.get("name")


def _named(
    objects: Iterable[dict[str, Any]], arguments: Sequence[str]
) -> Iterator[tuple[str, str, list[str]]]:
    """Give what is to be requested by name: kind, namespace and names.

    The author of an Ingress writes those names, and kubectl would take ``--server=…`` for an
    option: such as no object can have are left out.
    """
    from ingc.named import BY_OPTIONS, named_objects
    from ingc.options import Options

    given: dict[str, Any] = {}
    for field in BY_OPTIONS:
        for value in _values(arguments, (f"--{field.replace('_', '-')}",)):
            given[field] = value
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    # The prefix of annotations may stand in a file of options, which is not read here.
    for key in sorted(named_objects(objects, Options(**given), any_prefix=True)):
        found[_PLURALS[key.kind], key.namespace].append(key.name)
    for kind, namespace in sorted(found, key=lambda place: (_ORDER[place[0]], place[1])):
        yield kind, namespace, found[kind, namespace]


_PLURALS = {"Secret": "secrets", "ConfigMap": "configmaps"}
_ORDER = {"secrets": 0, "configmaps": 1}


def _values(arguments: Sequence[str], options: Sequence[str]) -> Iterator[str]:
    for place, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name in options:
            yield value if equals else "".join(arguments[place + 1 : place + 2])


def _get(call: Call, *what: str) -> list[dict[str, Any]]:
    """Get objects; what may not be read is reported, and the rest is returned. Raises `Failed`."""
    done = _run(call, "get", *what, "-o", "json")
    message = _message_of(done)
    if not done.stdout.strip() and done.returncode == 0:
        return []
    try:
        found = json.loads(done.stdout)
    except ValueError as error:
        raise Failed(message or f"{_program()} get gave no JSON") from error
    items: list[dict[str, Any]] = found.get("items", [found]) if isinstance(found, dict) else []
    if done.returncode and not items:
        raise Failed(message)
    if done.returncode and message:
        # Of several kinds, some may be forbidden: the others came all the same.
        _print_note(message)
    return items


def _program() -> str:
    return os.environ.get("KUBECTL", "kubectl")


def _run(call: Call, *what: str) -> subprocess.CompletedProcess[bytes]:
    """Run kubectl. Raises `Failed` where there is none."""
    try:
        return subprocess.run(
            [_program(), *what, *call.connection],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise Failed(f"{_program()} does not run: {error.strerror}") from error


def _message_of(done: subprocess.CompletedProcess[bytes]) -> str:
    return _without_log(done.stderr.decode("utf-8", "replace"))


def _without_log(text: str) -> str:
    """Return what kubectl reports, without the lines of its own log, which repeat it at length."""
    lines = [line for line in text.splitlines() if line.strip()]
    return "\n".join([line for line in lines if not _LOG_LINE(line)] or lines)


def _print_note(text: str) -> None:
    sys.stderr.write("".join(f"note: kubectl: {line}\n" for line in _lines(text)))


def _lines(text: str) -> list[str]:
    """Return the lines of a text that may hold names of others."""
    return [visible(line) for line in text.split("\n")]
