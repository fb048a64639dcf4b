"""Finds out who could have put a file in its place, so that files planted by others never run.

`checksum-updater` starts often, so this imports only `os` and `stat`, which are loaded anyway.
"""

from __future__ import annotations

import os
import stat
import sys

ROOT = 0


def doubt(path: str, *, owners: bool = True) -> str:
    """Return why another user could have written *path*, or "" if only this user or root could.

    The check covers *path* and each directory above it, both as written and behind links. Missing
    paths raise no doubt. In a directory with the sticky bit, such as /tmp, others can add names but
    cannot replace existing ones.

    Args:
        path: A file or directory.
        owners: Also doubt a path whose directories belong to another user; *path* itself must
            never belong to one.
    """
    if sys.platform == "win32":
        return ""
    lexical, real = os.path.abspath(path), os.path.realpath(path)
    for place in dict.fromkeys([*_way(lexical), *_way(real)]):
        last = place in {lexical, real}
        try:
            status = os.lstat(place)
        except OSError:
            continue
        if (owners or last) and status.st_uid not in {ROOT, os.geteuid()}:
            return f"{place} belongs to another user ({_user(status.st_uid)})"
        sticky = stat.S_ISDIR(status.st_mode) and status.st_mode & stat.S_ISVTX and not last
        if not stat.S_ISLNK(status.st_mode) and not sticky and _others_write(status):
            return f"other users can write to {place}"
    return ""


def _way(path: str) -> list[str]:
    """Return each directory above *path*, the root first, then *path*."""
    found = [path]
    while os.path.dirname(found[-1]) != found[-1]:
        found.append(os.path.dirname(found[-1]))
    return found[::-1]


def _others_write(status: os.stat_result) -> bool:
    return bool(
        status.st_mode & stat.S_IWOTH
        or (status.st_mode & stat.S_IWGRP and _others_in(status.st_gid))
    )


def _others_in(group: int) -> bool:
    """Return whether a group has members besides this user and root; most belong to one user."""
    import grp
    import pwd

    ours = {ROOT, os.geteuid()}
    try:
        members = grp.getgrgid(group).gr_mem
    except KeyError:
        members = []
    return any(
        user.pw_uid not in ours and (user.pw_gid == group or user.pw_name in members)
        for user in pwd.getpwall()
    )


def _user(number: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)
