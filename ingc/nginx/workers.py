"""Whom nginx's workers run as, where its master is root: what the binary was built for.

https://nginx.org/en/docs/ngx_core_module.html#user
"""

from __future__ import annotations

import grp
import os
import pwd
from dataclasses import dataclass

from ingc.nginx.find import Nginx, NginxNotFound, find

_USER = "nobody"
_GROUPS = ("nobody", "nogroup")
"""Of a build without a setting: the first that was there, and nginx starts only where it is."""


class WorkersUnknown(Exception):
    """This machine lacks the account; the text states which one."""


class GroupUnknown(Exception):
    """Which group the workers have is unknown; the text gives the reason."""


@dataclass(frozen=True, slots=True)
class Account:
    """A user and a group of this machine."""

    user: str
    group: str
    gid: int

    @property
    def directive(self) -> str:
        """nginx's directive ``user``."""
        return f"user {self.user} {self.group};"


def group_id(name: str) -> int:
    """Return the id of a group. Raises `WorkersUnknown`."""
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError as error:
        raise WorkersUnknown(f'there is no group "{name}" here') from error


def built_for_group(nginx: Nginx) -> str:
    """Return the group that a binary gives its workers. Raises `WorkersUnknown`."""
    given = _arguments(nginx)
    if name := given.get("--group") or given.get("--user"):
        return name
    for known in _GROUPS:
        try:
            return grp.getgrnam(known).gr_name
        except KeyError:
            continue
    raise WorkersUnknown(f"{nginx.path} was built for none of the groups here")


def worker_group(named: str | None, nginx: str | None = None) -> int | None:
    """Return the id of the group that may read what is for nginx's workers.

    ``named`` is what the operator sets. Else, for root, it is the one that the nginx found
    (``nginx``, as `find` takes it) was built for, and for anybody else ``None``: its workers
    run as whoever starts it. Raises `GroupUnknown`.
    """
    if named is None and os.geteuid() != 0:
        return None
    try:
        return group_id(built_for_group(find(nginx)) if named is None else named)
    except NginxNotFound as error:
        raise GroupUnknown(f"which group nginx's workers have is unknown: {error}") from error
    except WorkersUnknown as error:
        raise GroupUnknown(str(error)) from error


def unprivileged(nginx: Nginx) -> Account:
    """Return the account that a binary gives its workers, never root. Raises `WorkersUnknown`."""
    user, group = _arguments(nginx).get("--user", _USER), built_for_group(nginx)
    try:
        found = pwd.getpwnam(user)
    except KeyError as error:
        raise WorkersUnknown(f'there is no user "{user}" here') from error
    if found.pw_uid == 0:
        raise WorkersUnknown(f'{nginx.path} was built for "{user}", who is root')
    return Account(user, group, group_id(group))


def _arguments(nginx: Nginx) -> dict[str, str]:
    return dict(item.split("=", 1) for item in nginx.configure if "=" in item)
