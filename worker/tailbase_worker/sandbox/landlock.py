"""Landlock: a process gives up files and network for good. Linux only; three system calls."""

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_SET_NO_NEW_PRIVILEGES = 38

# Access rights by the version of the interface that brought them.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_FILE_RIGHTS = {1: (1 << 13) - 1, 2: 1 << 13, 3: _TRUNCATE}
_TCP_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE


class _Ruleset(ctypes.Structure):
    _fields_ = [("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scoped", ctypes.c_uint64)]


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = [("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32)]


def restrict(readable: Iterable[Path], writable: Iterable[Path], network: bool) -> bool:
    """Keep to these files and folders and, unless `network`, off TCP. False where the kernel has no Landlock."""
    if not sys.platform.startswith("linux"):
        return False
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)
    if version < 1:
        return False
    every = sum(rights for since, rights in _FILE_RIGHTS.items() if since <= version)
    rules = _Ruleset(
        files=every,
        network=_TCP_BIND_AND_CONNECT if version >= 4 and not network else 0,
        scoped=_ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 and not network else 0,
    )
    ruleset = libc.syscall(_CREATE_RULESET, ctypes.byref(rules), _size(version), 0)
    if ruleset < 0:
        return False
    for paths, rights in ((readable, _READ_FILE | _READ_DIR | _EXECUTE), (writable, every)):
        for path in paths:
            _allow(libc, ruleset, path, rights & every)
    libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    done = libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return bool(done)


def _size(version: int) -> int:
    """Older kernels know a shorter structure."""
    return 8 if version < 4 else 16 if version < 6 else ctypes.sizeof(_Ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, path: Path, rights: int) -> None:
    try:
        opened = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there need not be allowed
    try:
        allowed = rights if path.is_dir() else rights & _ON_FILES
        rule = _PathBeneath(allowed=allowed, folder=opened)
        libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(opened)
