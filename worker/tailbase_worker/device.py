"""What this machine has to compute with, found without loading torch."""

import platform
import shutil
import subprocess
from pathlib import Path
from typing import Literal

import psutil

Device = Literal["cpu", "cuda"]
_SHARE_OF_MEMORY = 0.9


def choose_device(wanted: Literal["auto", "cpu", "cuda"]) -> tuple[Device, str]:
    """The device and its name for people. A worker told to use a GPU that is not there does not start."""
    gpu = None if wanted == "cpu" else gpu_name()
    if gpu is not None:
        return "cuda", f"GPU {gpu}"
    if wanted == "cuda":
        raise SystemExit("TAILBASE_WORKER_DEVICE is cuda, but nvidia-smi finds no GPU here.")
    return "cpu", f"CPU {cpu_name()}"


def gpu_name() -> str | None:
    if shutil.which("nvidia-smi") is None:
        return None
    try:
        found = subprocess.run(
            ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (subprocess.SubprocessError, OSError):
        return None
    return found.stdout.strip().splitlines()[0] if found.stdout.strip() else None


def cpu_name() -> str:
    cores = psutil.cpu_count() or 1
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text().splitlines() if facts.exists() else []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{model or platform.machine()} x{cores}"


def memory_cap(wanted_bytes: int) -> int:
    """The child's memory: as set, else nine tenths of what this machine or container has."""
    if wanted_bytes:
        return wanted_bytes
    limit = Path("/sys/fs/cgroup/memory.max")
    total = psutil.virtual_memory().total
    if limit.exists() and (text := limit.read_text().strip()).isdigit():
        total = min(total, int(text))
    return int(total * _SHARE_OF_MEMORY)
