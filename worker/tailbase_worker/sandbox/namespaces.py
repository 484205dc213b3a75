"""A network of its own with nothing in it."""

import ctypes
import os
import sys
from pathlib import Path

_NEW_USER, _NEW_NETWORK = 0x10000000, 0x40000000


def leave_network() -> str | None:
    """Move into an empty network; says by which namespaces, or None where the kernel does not let us."""
    if not sys.platform.startswith("linux"):
        return None
    uid, gid = os.getuid(), os.getgid()
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_NEW_USER | _NEW_NETWORK) == 0:
        _keep_identity(uid, gid)
        return "user and network namespace"
    if libc.unshare(_NEW_NETWORK) == 0:
        return "network namespace"
    return None


def _keep_identity(uid: int, gid: int) -> None:
    """Without these maps we would be nobody and could not read our own files."""
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        Path("/proc/self", name).write_text(text)
