"""What a child process may use: resource limits, its directory, its environment, the network.

Everything that runs between fork and exec is prepared beforehand and touches only system calls, so that it is safe
whatever other threads of the parent were doing (see the notes on `preexec_fn` in Python's `subprocess` page).
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import resource
import signal
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import lemmata.errors
from lemmata.verdict import Limits

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000

_KEPT_VARIABLES = frozenset(
    """
    PATH HOME USER LOGNAME LANG LANGUAGE TZ TMPDIR LD_LIBRARY_PATH OMP_NUM_THREADS HF_HOME
    PYTHONPATH PYTHONHOME VIRTUAL_ENV
    COQPATH ROCQPATH COQLIB OCAMLPATH CAML_LD_LIBRARY_PATH FSTAR_HOME ISABELLE_HOME LEAN_PATH LEAN_SYSROOT
    """.split()
)
_KEPT_PREFIXES = ("LC_", "XDG_", "OPAM", "ELAN_", "CUDA_", "NVIDIA_")


@dataclass(frozen=True, slots=True)
class Confinement:
    """How a child is kept apart from the rest of the machine, besides its `Limits`."""

    processes: int | None = None
    """Most processes and threads of this user; the kernel does not hold root to it."""
    network: bool = True
    """False: no network for the child, not even to this machine, where the kernel allows that.

    `Child.network_isolated` says whether it did.
    """
    private_directory: bool = False
    """True: the child works in a temporary directory of its own, removed when it ends."""
    directory: Path | None = None
    """Working directory where it is not a private one; None is the parent's."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """Variables added to the cleaned environment."""


def size_text(size: int) -> str:
    """Write a number of bytes for people: `2 GiB`, `512 MiB`."""
    amount, unit = float(size), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.4g} {unit}"


def seconds_text(seconds: float) -> str:
    """Write a duration for people: `10 s`, `0.5 s`."""
    return f"{seconds:.4g} s"


def clean_environment(extra: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a child: known harmless variables of ours, and `extra`.

    Credentials that happen to be in our environment do not reach backends. Python children find the packages of this
    source tree, read and write UTF-8, and hash strings the same way in every run, so that runs can be repeated.
    """
    kept = {k: v for k, v in os.environ.items() if k in _KEPT_VARIABLES or k.startswith(_KEPT_PREFIXES)}
    root = Path(lemmata.errors.__file__).parents[1]
    # An installed tree is found anyway, and would come before the standard library.
    if root.name not in ("site-packages", "dist-packages"):
        kept["PYTHONPATH"] = os.pathsep.join(filter(None, (str(root), kept.get("PYTHONPATH"))))
    return {**kept, "PYTHONUTF8": "1", "PYTHONHASHSEED": "0", **extra}


def preparation(limits: Limits, confinement: Confinement, report_fd: int) -> Callable[[], None]:
    """Build what the child does to itself between fork and exec.

    Args:
        limits: `cpu_seconds` counts for the child's whole life and is rounded up to a whole second;
            `wall_seconds` is not looked at.
        confinement: process count and network.
        report_fd: one byte is written here when the child was cut off from the network.
    """
    bounds = [(which, *_clamped(which, soft, hard)) for which, soft, hard in _wanted(limits, confinement)]
    parent = os.getpid()
    libc = _libc()
    user_map = f"{os.geteuid()} {os.geteuid()} 1".encode()
    group_map = f"{os.getegid()} {os.getegid()} 1".encode()
    isolate = not confinement.network

    def prepare() -> None:
        if isolate and libc is not None and _leave_network(libc, user_map, group_map):
            os.write(report_fd, b"1")
        # After leaving the network: a change of credentials makes the kernel forget this setting.
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
            if os.getppid() != parent:
                os._exit(1)  # the parent died before the setting could take effect
        for which, soft, hard in bounds:
            resource.setrlimit(which, (soft, hard))

    return prepare


def _wanted(limits: Limits, confinement: Confinement) -> list[tuple[int, int, int]]:
    wanted = [(resource.RLIMIT_CORE, 0, 0)]
    if limits.cpu_seconds is not None:
        # SIGXCPU at the soft limit, SIGKILL at the hard one for a child that ignores it.
        seconds = max(1, math.ceil(limits.cpu_seconds))
        wanted.append((resource.RLIMIT_CPU, seconds, seconds + 1))
    # Memory comes last: the copy of a large parent is over its limit until exec, and must not allocate any more.
    for which, bound in (
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_NPROC, confinement.processes),
        (resource.RLIMIT_AS, limits.memory_bytes),
    ):
        if bound is not None:
            wanted.append((which, bound, bound))
    return wanted


def _clamped(which: int, soft: int, hard: int) -> tuple[int, int]:
    """Keep within the hard limit we run under ourselves: asking for more would fail."""
    ours = resource.getrlimit(which)[1]
    if ours == resource.RLIM_INFINITY:
        return soft, hard
    return min(soft, ours), min(hard, ours)


@cache
def _libc() -> ctypes.CDLL | None:
    return ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def _leave_network(libc: ctypes.CDLL, user_map: bytes, group_map: bytes) -> bool:
    if libc.unshare(_CLONE_NEWNET) == 0:
        return True
    if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
        return False
    # Stay who we are inside the new user namespace: some backends look up their own user.
    for path, text in (
        ("/proc/self/uid_map", user_map),
        ("/proc/self/setgroups", b"deny"),
        ("/proc/self/gid_map", group_map),
    ):
        with contextlib.suppress(OSError):
            fd = os.open(path, os.O_WRONLY)
            try:
                os.write(fd, text)
            finally:
                os.close(fd)
    return True
