"""Started for every child: locks the process in, then becomes the `tailbase` command.

Usage: python -m tailbase_worker.sandbox.launcher LIMITS.json VERB ...
"""

import ctypes
import json
import os
import resource
import runpy
import signal
import sys
import sysconfig
from glob import glob
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from tailbase_worker.sandbox.landlock import restrict
from tailbase_worker.sandbox.namespaces import leave_network

_DEATH_SIGNAL = 1
_SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/opt", "/proc", "/sys/devices", "/sys/fs/cgroup", "/sys/bus/pci",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/localtime", "/etc/passwd",
    "/etc/nsswitch.conf", "/etc/ssl", "/etc/hosts", "/etc/resolv.conf", "/etc/mime.types",
)  # fmt: skip
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm")  # noqa: S108
# The command looks at the verbs of all of them; an editable installation keeps them outside sys.path.
_PACKAGES = (
    "tailbase",
    "tailbase_core",
    "tailbase_client",
    "tailbase_server",
    "tailbase_worker",
    "tailbase_migrations",
)
_GPUS = ("/dev/nvidia*", "/dev/dri", "/dev/kfd")


def main() -> None:
    limits: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text())
    _lock_in(limits)
    # After the namespaces, because a change of credentials clears it.
    _die_with(limits["parent"])
    sys.argv = ["tailbase", *sys.argv[2:]]
    runpy.run_module("tailbase.cli", run_name="__main__", alter_sys=True)


def _lock_in(limits: dict[str, Any]) -> None:
    network = bool(limits["network"])
    space = None if network else leave_network()
    readable = [Path(path) for path in (*_SYSTEM, *_python(), *limits["readable"])]
    devices = [*_DEVICES, *(path for pattern in _GPUS for path in glob(pattern))]
    writable = [Path(path) for path in (*devices, *limits["writable"])]
    files = restrict(readable, writable, network)
    if limits["memory_bytes"]:
        resource.setrlimit(resource.RLIMIT_DATA, (limits["memory_bytes"], limits["memory_bytes"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _tell(network, space, files, limits["memory_bytes"])


def _python() -> list[str]:
    """Where Python and the installed packages lie."""
    ours = [spec for name in _PACKAGES if (spec := find_spec(name)) is not None]
    editable = [folder for spec in ours for folder in spec.submodule_search_locations or ()]
    folders = [sys.prefix, sys.base_prefix, sysconfig.get_paths()["stdlib"], *sys.path, *editable]
    return [folder for folder in folders if folder and folder != "/"]


def _tell(network: bool, space: str | None, files: bool, memory: int) -> None:
    """Say in the job's log how far the lock holds."""
    reach = "allowed, to download" if network else space or ("TCP refused by Landlock" if files else "NOT restricted")
    message = (
        f"Child: network {f'none ({space})' if space else reach}; "
        f"files {'only its own (Landlock)' if files else 'NOT restricted: this kernel has no Landlock'}; "
        f"memory {f'at most {memory / 1024**3:.1f} GiB' if memory else 'not capped'}."
    )
    sys.stdout.write(json.dumps({"event": "log", "message": message}) + "\n")
    sys.stdout.flush()


def _die_with(parent: int) -> None:
    if sys.platform.startswith("linux"):
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(1)  # it died before we asked to be told


if __name__ == "__main__":
    main()
