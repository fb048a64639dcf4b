"""Makes the Python that imports it like that of Windows, as far as Linux can.

It is a `sitecustomize` of each process of a simulated build. What Windows does not have is absent,
what it refuses is refused, and what only it has stands on what Linux has instead: a job is the
sessions of its processes, a lock of bytes is one of `fcntl`. Paths still have `/`.
"""

# The standard library of this system must be loaded before the system becomes another one.
import asyncio
import ctypes
import ctypes.wintypes
import errno
import fcntl
import importlib.metadata
import json
import logging.handlers
import multiprocessing.context
import multiprocessing.popen_fork
import multiprocessing.util
import os
import pathlib
import selectors
import shutil
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
import types
import uuid
from contextlib import suppress

LK_UNLCK, LK_LOCK, LK_NBLCK = 0, 1, 2
SUSPENDED, GROUP = 0x4, 0x200
KILL_ON_JOB_CLOSE = 0x2000

killpg, fork_of, setpriority = os.killpg, os.fork, getattr(os, "setpriority", None)
KILL = signal.SIGKILL


def locking(handle: int, mode: int, count: int) -> None:
    kind = fcntl.LOCK_UN if mode == LK_UNLCK else fcntl.LOCK_EX | fcntl.LOCK_NB
    start = os.lseek(handle, 0, os.SEEK_CUR)
    try:
        fcntl.lockf(handle, kind, count, start)
    except BlockingIOError as error:
        raise PermissionError(errno.EACCES, "Permission denied") from error


# --- jobs ---------------------------------------------------------------------------------------


class Kernel:
    """The functions of kernel32 and ntdll that pipeline/process/windows.py calls."""

    def __init__(self) -> None:
        self.jobs: dict[int, set[int]] = {}
        self.suspended: set[int] = set()

    def __getattr__(self, name: str):
        def function(*args):
            plain = [getattr(one, "value", one) for one in args]
            return getattr(Calls, name)(self, *plain)

        function.__name__ = name
        setattr(self, name, function)
        return function


class Calls:
    def CreateJobObjectW(self, _security, _name) -> int:
        handle = 1 + len(self.jobs)
        self.jobs[handle] = set()
        return handle

    def SetInformationJobObject(self, job, _kind, limits, size) -> int:
        given = limits._obj
        assert size == ctypes.sizeof(given) == 144
        assert given.basic.flags == KILL_ON_JOB_CLOSE
        return int(job in self.jobs)

    def OpenProcess(self, _access, _inherit, pid) -> int:
        return pid

    def AssignProcessToJobObject(self, job, pid) -> int:
        self.jobs[job].add(pid)
        return 1

    def NtResumeProcess(self, pid) -> int:
        assert any(pid in job for job in self.jobs.values()), "it ran before it was in its job"
        while status(pid)[0] not in "TZ":
            time.sleep(0.001)
        os.kill(pid, signal.SIGCONT)
        return 0

    def TerminateJobObject(self, job, _code) -> int:
        for pid in self.jobs[job]:
            with suppress(ProcessLookupError):
                killpg(pid, KILL)
        return 1

    def QueryInformationJobObject(self, job, _kind, found, _size, _length) -> int:
        found._obj.active = sum(map(alive, self.jobs[job]))
        return 1

    def CloseHandle(self, handle) -> int:
        if handle in self.jobs:
            Calls.TerminateJobObject(self, handle, 0)
        return 1


def status(pid: int) -> list[str]:
    """Return the state of a process, the number of its parent, and that of its group."""
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[:3]


def alive(group: int) -> bool:
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with suppress(OSError):
            state, _, of = status(int(name))
            if int(of) == group and state not in "ZX":
                return True
    return False


class Popen(subprocess.Popen):
    """Starts a process as Windows does: suspended, in a session that ends with this process."""

    def __init__(self, args, *, creationflags=0, executable=None, **kwargs) -> None:
        if creationflags:
            assert creationflags == SUSPENDED | GROUP, creationflags
            # The words of the command follow those of the program that waits for SIGCONT.
            code = (
                "import ctypes, os, sys\n"
                "ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)\n"
                "os.kill(os.getpid(), 19)\n"
                "os.execve(sys.argv[1], sys.argv[2:], os.environ)\n"
            )
            os.stat(executable)  # it must be known now whether it can be started
            if not os.access(executable, os.X_OK):
                raise PermissionError(errno.EACCES, "Permission denied", executable)
            args = [sys.executable, "-I", "-S", "-c", code, executable, *args]
            executable = None
            kwargs["start_new_session"] = True
        super().__init__(args, executable=executable, **kwargs)


# --- files --------------------------------------------------------------------------------------

real = types.SimpleNamespace(
    replace=os.replace,
    unlink=os.unlink,
    chmod=os.chmod,
    open=os.open,
    fsync=os.fsync,
    lstat=os.lstat,
)


def opened(path) -> bool:
    """Return whether this process has *path* open."""
    wanted = os.path.realpath(path)
    return any(
        os.path.realpath(f"/proc/self/fd/{number}") == wanted
        for number in os.listdir("/proc/self/fd")
    )


def refuse(path) -> None:
    raise PermissionError(errno.EACCES, "The process cannot access the file", os.fspath(path))


def replace(source, target, **_kwargs) -> None:
    if os.path.isfile(target) and (opened(target) or read_only(target)):
        refuse(target)
    real.replace(source, target)


def rename(source, target, **_kwargs) -> None:
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, "File exists", os.fspath(target))
    real.replace(source, target)


def read_only(path) -> bool:
    found = real.lstat(path)
    return stat.S_ISREG(found.st_mode) and not found.st_mode & stat.S_IWUSR


def unlink(path, **kwargs) -> None:
    assert "dir_fd" not in kwargs
    if os.path.lexists(path) and (read_only(path) or opened(path)):
        refuse(path)
    real.unlink(path)


def chmod(path, mode, **kwargs) -> None:
    if not os.path.isdir(path):
        mode &= ~0o111
    real.chmod(path, mode, **kwargs)


def open_file(path, flags, mode=0o777, **kwargs):
    if os.path.isdir(path):
        refuse(path)
    return real.open(path, flags, mode & ~0o111, **kwargs)


def fsync(handle) -> None:
    if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
        raise OSError(errno.EBADF, "Bad file descriptor")
    real.fsync(handle)


class Status:
    """What `lstat` returns, with the field that tells links and junctions on Windows."""

    def __init__(self, found: os.stat_result) -> None:
        self._found = found
        self.st_reparse_tag = int(stat.S_ISLNK(found.st_mode))

    def __getattr__(self, name: str):
        return getattr(self._found, name)

    def __getitem__(self, index: int):
        return self._found[index]


def lstat(path, **kwargs) -> Status:
    return Status(real.lstat(path, **kwargs))


def symlink(_target, path, *_args, **_kwargs) -> None:
    error = OSError(errno.EPERM, "A required privilege is not held by the client", path)
    error.winerror = 1314
    raise error


def junction(target: str, path: str) -> None:
    assert os.path.isabs(target)
    assert os.path.isdir(target)
    make_link(target, path)


make_link = os.symlink


def become_windows() -> None:
    kernel = Kernel()
    msvcrt = types.ModuleType("msvcrt")
    msvcrt.locking = locking
    msvcrt.LK_UNLCK, msvcrt.LK_LOCK, msvcrt.LK_NBLCK = LK_UNLCK, LK_LOCK, LK_NBLCK
    winapi = types.ModuleType("_winapi")
    winapi.CreateJunction = junction
    sys.modules |= {"msvcrt": msvcrt, "_winapi": winapi}
    ctypes.WinDLL = lambda _name, **_kwargs: kernel
    ctypes.get_last_error = lambda: 6
    ctypes.WinError = lambda number: OSError(errno.EINVAL, f"error {number}")
    subprocess.Popen = Popen
    subprocess.CREATE_NEW_PROCESS_GROUP = GROUP
    signal.SIGBREAK = signal.SIGUSR1
    os.O_BINARY, os.O_NOINHERIT = 0, os.O_CLOEXEC
    os.replace, os.rename, os.unlink, os.remove = replace, rename, unlink, unlink
    os.chmod, os.open, os.fsync, os.symlink = chmod, open_file, fsync, symlink
    os.lstat = lstat
    shutil._use_fd_functions = False
    for name in ("fcntl", "pwd", "grp", "termios", "pty", "tty", "resource"):
        sys.modules[name] = None
    for module, names in ABSENT.items():
        for name in names.split():
            delattr(module, name)
    sys.platform = "win32"


ABSENT = {
    os: "fork forkpty geteuid getuid getegid getgid killpg setsid posix_spawn uname listxattr "
    "confstr pread pwrite register_at_fork O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_CLOEXEC "
    "WNOHANG getpgid setpgid chown mkfifo sched_getaffinity pidfd_open memfd_create",
    signal: "SIGKILL SIGHUP SIGPIPE SIGCHLD SIGQUIT SIGSTOP SIGUSR2 pthread_sigmask",
    socket: "send_fds recv_fds",
}

os.environ.setdefault("PROCESSOR_ARCHITECTURE", "AMD64")
if "SIMULATED" in os.environ:
    with open(os.environ["SIMULATED"], "a") as seen:
        seen.write("windows\n")
become_windows()
