"""Which group nginx's workers have, so that they, and nobody else, can read a file."""

from __future__ import annotations

import os

from ingc.nginx import NginxNotFound, find
from ingc.nginx.workers import WorkersUnknown, built_for_group, group_id

_WAY = "pass --worker-group NAME"


class GroupUnknown(Exception):
    """The group is unknown; the text gives the reason, and what to do."""


def worker_group(named: str | None, nginx: str | None) -> int | None:
    """Return the id of the group that may read what is for nginx's workers.

    ``named`` is what the operator sets. Else, for root, it is the one that the nginx found
    (``nginx``, as the option takes it) was built for, and for anybody else ``None``: its workers
    run as whoever starts it. Raises `GroupUnknown`.
    """
    if named is None and os.geteuid() != 0:
        return None
    try:
        return group_id(built_for_group(find(nginx)) if named is None else named)
    except NginxNotFound as error:
        raise GroupUnknown(
            f"which group nginx's workers have is unknown: {error}; {_WAY}"
        ) from error
    except WorkersUnknown as error:
        raise GroupUnknown(f"{error}; {_WAY}") from error
