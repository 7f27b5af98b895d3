"""Which group nginx's workers have, so that they, and nobody else, can read a file."""

from __future__ import annotations

import grp
import os

from ingc.nginx import Nginx, NginxNotFound, find

_WAY = "pass --worker-group NAME"
_BUILT_IN = ("nobody", "nogroup")
"""Of a build that was told nothing: the first that was there, and nginx starts only where it is."""


class GroupUnknown(Exception):
    """The group can't be told; the text says why, and what to do."""


def worker_group(named: str | None, nginx: str | None) -> int | None:
    """Return the id of the group that may read what is for nginx's workers.

    ``named`` is what the operator says. Else, for root, it is the one that the nginx found
    (``nginx``, as the option takes it) was built for, and for anybody else ``None``: its workers
    run as whoever starts it. Raises `GroupUnknown`.
    """
    if named is not None:
        return _id(named)
    if os.geteuid() != 0:
        return None
    try:
        found = find(nginx)
    except NginxNotFound as error:
        raise GroupUnknown(
            f"which group nginx's workers have is unknown: {error}; {_WAY}"
        ) from error
    return _built_for(found)


def _built_for(nginx: Nginx) -> int:
    given = dict(item.split("=", 1) for item in nginx.configure if "=" in item)
    name = given.get("--group") or given.get("--user")
    if name:
        return _id(name)
    for known in _BUILT_IN:
        try:
            return grp.getgrnam(known).gr_gid
        except KeyError:
            continue
    raise GroupUnknown(f"{nginx.path} was built for none of the groups here; {_WAY}")


def _id(name: str) -> int:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise GroupUnknown(f'there is no group "{name}" here; {_WAY}') from error
