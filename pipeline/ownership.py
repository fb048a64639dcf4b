"""Who could have put a file where it is: what others may have planted is not run.

`checksum-updater` starts often, so this imports `os` and `stat`, which are there anyway.
"""

from __future__ import annotations

import os
import stat

ROOT = 0


def doubt(path: str, *, owners: bool = True) -> str:
    """Return why *path* may be another user's work; nothing if it can only be ours or root's.

    Looked at are *path* and each directory on its way, as it is written and as links lead. What
    does not exist gives no doubt. In a directory with the sticky bit, such as /tmp, others can add
    names but not replace ours.

    Args:
        path: A file or directory.
        owners: Whether a directory on the way may belong to no other user either; *path* itself
            never may.
    """
    if not hasattr(os, "geteuid"):
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
    """Return whether a group has a member other than us and root: most are a user's own."""
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
