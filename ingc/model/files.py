"""Files: which one a path stands for, by ``root`` and ``alias``."""

from __future__ import annotations

from ingc.model.machine import Answered, State, escape
from ingc.model.outcome import DependsOnFiles, Files, NotModelled, Tried
from ingc.model.scopes import setting
from ingc.model.tree import Statement
from ingc.model.values import Variables

_METHODS = (b"GET", b"HEAD", b"POST")
"""Those that are not refused for a file, or not before it is found."""
NEVER_THERE = ("",)
"""What ``try_files`` looks for where it has to go on: a file at the root, which is a folder."""


def file_of(uri: bytes, scopes: tuple[Statement, ...], state: State, variables: Variables) -> bytes:
    """Return the path of the file that a path of a request stands for. Raises `NotModelled`."""
    for scope in reversed(scopes):
        root, alias = scope.first("root"), scope.first("alias")
        if root is not None:
            return variables.expand(root.args[0], state, root.line) + uri
        if alias is not None:
            return _below_alias(uri, scope, alias, state, variables)
    return b"html" + uri


def _below_alias(
    uri: bytes, scope: Statement, alias: Statement, state: State, variables: Variables
) -> bytes:
    if not state.in_location:
        raise NotModelled("an alias after a rewrite", alias.line)
    path = variables.expand(alias.args[0], state, alias.line)
    modifier, name = scope.args if len(scope.args) == 2 else ("", scope.args[0])
    if modifier in ("~", "~*"):
        return path
    if not uri.startswith(name.encode()):
        raise NotModelled("an alias for a path that does not begin with its location", alias.line)
    return path + uri[len(name.encode()) :]


def tried(
    tries: Statement, scopes: tuple[Statement, ...], state: State, variables: Variables
) -> Answered | str | bytes | None:
    """Take the first file that is there, and go on with its path: ``None``.

    Where none is: the answer, the name of a location, or the path to go on with. Raises
    `NotModelled`.
    """
    *choices, last = tries.args
    if (*choices,) == NEVER_THERE:
        return _where_none_is(last, state, variables, tries.line)
    if state.files is None and state.there:
        there, state.there = state.there[0], state.there[1:]
    else:
        there = None
    looked_for = []
    for number, text in enumerate(choices):
        uri = variables.expand(text.removesuffix("/"), state, tries.line)
        file = Tried(
            file_of(uri, scopes, state, variables), "directory" if text.endswith("/") else "file"
        )
        looked_for.append(file)
        if number == there if state.files is None else state.files(file.path) == file.kind:
            state.uri = uri
            return None
    if state.files is None and there is None:
        raise DependsOnFiles(tuple(looked_for), tries.line)
    return _where_none_is(last, state, variables, tries.line)


def _where_none_is(
    last: str, state: State, variables: Variables, line: int
) -> Answered | str | bytes:
    """Go on as the last argument of ``try_files`` says."""
    if last.startswith("="):
        return Answered(int(last[1:]))
    return last if last.startswith("@") else variables.expand(last, state, line)


def served(
    path: bytes, scopes: tuple[Statement, ...], state: State, files: Files
) -> Answered | bytes | None:
    """Serve what is at a path: ``None``; or answer, or go on with an index file."""
    if state.uri.endswith(b"/"):
        return _index(path, scopes, state, files)
    kind, method = files(path), state.known["request_method"]
    if method not in _METHODS or (method == b"POST" and kind == "file"):
        return Answered(405)
    if kind == "directory":
        query = b"?" + state.args if state.args else b""
        return Answered(301, escape(state.uri) + b"/" + query)
    return Answered(404) if kind is None else None


def _index(
    path: bytes, scopes: tuple[Statement, ...], state: State, files: Files
) -> Answered | bytes | None:
    if files(path.rstrip(b"/") or b"/") != "directory":
        return Answered(404)
    for name in setting(scopes, "index") or ("index.html",):
        if "$" in name or name.startswith("/"):
            raise NotModelled(f"index {name}", scopes[-1].line)
        if files(path + name.encode()) == "file":
            return state.uri + name.encode()
    return None if setting(scopes, "autoindex") == ("on",) else Answered(403)
