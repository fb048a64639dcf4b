"""Runs commands on Windows: each in a job, whose processes end when the job is closed.

The system closes it when this process ends, however that happens, so no supervisor is needed. A
command starts suspended, so that it is in its job before it can start other processes.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from ctypes import wintypes
from typing import TYPE_CHECKING

from pipeline.process.command_end import END_SECONDS, CommandEnd

if TYPE_CHECKING:
    from typing import Final

assert sys.platform == "win32"  # noqa: S101 - mypy and Python skip or refuse the rest elsewhere

KILLED: Final = 1
"""The exit code of processes that a job ends."""

# Of winnt.h, processthreadsapi.h and winbase.h.
_CREATE_SUSPENDED: Final = 0x4
_KILL_ON_JOB_CLOSE: Final = 0x2000
_ACCOUNTING: Final = 1
_EXTENDED_LIMITS: Final = 9
_ACCESS: Final = 0x0001 | 0x0100 | 0x0800  # terminate, set quota, suspend and resume

_KERNEL: Final = ctypes.WinDLL("kernel32", use_last_error=True)
_NT: Final = ctypes.WinDLL("ntdll")
_KERNEL.CreateJobObjectW.restype = wintypes.HANDLE
_KERNEL.OpenProcess.restype = wintypes.HANDLE


class _BasicLimits(ctypes.Structure):
    _fields_ = [  # type: ignore[mutable-override]
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", ctypes.c_uint32),
        ("smallest_set", ctypes.c_size_t),
        ("largest_set", ctypes.c_size_t),
        ("processes", ctypes.c_uint32),
        ("affinity", ctypes.c_size_t),
        ("priority", ctypes.c_uint32),
        ("scheduling", ctypes.c_uint32),
    ]


class _Limits(ctypes.Structure):
    _fields_ = [  # type: ignore[mutable-override]
        ("basic", _BasicLimits),
        ("io", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    ]


class _Accounting(ctypes.Structure):
    _fields_ = [  # type: ignore[mutable-override]
        ("times", ctypes.c_int64 * 4),
        ("faults", ctypes.c_uint32),
        ("started", ctypes.c_uint32),
        ("active", ctypes.c_uint32),
        ("terminated", ctypes.c_uint32),
    ]


class Job:
    """A set of processes: those that were added, and all that they start.

    Raises:
        OSError: The system does not make one.
    """

    def __init__(self) -> None:
        self._handle = wintypes.HANDLE(_KERNEL.CreateJobObjectW(None, None))
        limits = _Limits()
        limits.basic.flags = _KILL_ON_JOB_CLOSE
        _require(
            _KERNEL.SetInformationJobObject(
                self._handle, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
            )
        )

    def start(self, pid: int) -> None:
        """Add a process that is suspended, and let it run.

        Raises:
            OSError: It has ended.
        """
        process = wintypes.HANDLE(_KERNEL.OpenProcess(_ACCESS, False, pid))  # noqa: FBT003 - of C
        try:
            _require(_KERNEL.AssignProcessToJobObject(self._handle, process))
            _NT.NtResumeProcess(process)
        finally:
            _KERNEL.CloseHandle(process)

    def end(self) -> None:
        """End all processes."""
        _KERNEL.TerminateJobObject(self._handle, KILLED)

    def active(self) -> int:
        """Return how many processes have not ended."""
        found = _Accounting()
        _require(
            _KERNEL.QueryInformationJobObject(
                self._handle, _ACCOUNTING, ctypes.byref(found), ctypes.sizeof(found), None
            )
        )
        return int(found.active)

    def close(self) -> None:
        """Release the job, which ends all that is left of it."""
        _KERNEL.CloseHandle(self._handle)


class Supervisor:
    """Runs one command at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._job: Job | None = None
        self._usable = True

    def run(
        self, parts: Sequence[bytes], files: Sequence[int], seconds: float | None
    ) -> CommandEnd:
        """Run a command to its end.

        Args:
            parts: Directory, program, number of words, words and variables.
            files: Descriptors that receive its output.
            seconds: How long it may take.

        Raises:
            TimeoutError: It took longer, and is still running.
        """
        cwd, program, count, *words = map(os.fsdecode, parts)
        argv, variables = words[: int(count)], words[int(count) :]
        try:
            # Ctrl-C is for this process alone, which then ends the command.
            process = subprocess.Popen(
                argv,
                executable=program,
                cwd=cwd,
                env=dict(_pair(one) for one in variables),
                stdin=subprocess.DEVNULL,
                stdout=files[0],
                stderr=files[-1],
                creationflags=_CREATE_SUSPENDED | subprocess.CREATE_NEW_PROCESS_GROUP,
            )
        except OSError as error:
            return CommandEnd("failed", error.errno or 0)
        job = Job()
        with self._lock:
            self._job = job
            job.start(process.pid)
            if not self._usable:
                job.end()
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error
        return self._ended(job, code)

    def stop(self) -> None:
        """End the command, and take no other one."""
        self._usable = False
        with self._lock:
            if self._job:
                self._job.end()

    def usable(self) -> bool:
        """Return whether it can take a command."""
        return self._usable

    def wait(self, seconds: float) -> None:
        """Wait for the end of the command after `stop`."""
        with self._lock:
            job, self._job = self._job, None
        if job:
            _awaited(job, seconds)
            job.close()

    def _ended(self, job: Job, code: int) -> CommandEnd:
        """End what the command has left."""
        job.end()
        left = _awaited(job, END_SECONDS)
        with self._lock:
            self._job = None
        job.close()
        self._usable = self._usable and not left
        return CommandEnd("alive", left) if left else CommandEnd("ended", code)


def _awaited(job: Job, seconds: float) -> int:
    """Wait until no process of *job* is left; return how many are."""
    until = time.monotonic() + seconds
    while (left := job.active()) and time.monotonic() < until:
        time.sleep(0.005)
    return left


def _require(worked: int) -> None:
    if not worked:
        raise ctypes.WinError(ctypes.get_last_error())


def _pair(variable: str) -> tuple[str, str]:
    name, _, value = variable.partition("=")
    return name, value
