"""Which engine was fastest for a network on this machine, kept in the user's cache folder."""

import hashlib
import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import torch

from tailbase.formats.atomic import write_text


@dataclass(frozen=True)
class Way:
    """An engine and its number format, as a spec names them."""

    engine: str
    precision: str

    def __str__(self) -> str:
        return f"{self.engine} in {self.precision}"


@dataclass(frozen=True)
class Question:
    """What the answer depends on: network, machine, packages and the images' shape."""

    model: str
    machine: str
    threads: int
    packages: tuple[str, ...]
    shape: tuple[int, ...]
    precision: str

    @classmethod
    def about(cls, model: str, device: torch.device, shape: Sequence[int], precision: str) -> "Question":
        name = torch.cuda.get_device_name(device) if device.type == "cuda" else _processor()
        packages = tuple(f"{package} {_version(package)}" for package in ("torch", "onnxruntime", "openvino"))
        return cls(model, name, torch.get_num_threads(), packages, tuple(shape), precision)

    @property
    def file(self) -> Path:
        digest = hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(base) / "tailbase" / "engines" / f"{digest[:32]}.json"


def recall(question: Question) -> Way | None:
    """The answer of an earlier measurement, if there is one."""
    try:
        values = json.loads(question.file.read_text(encoding="utf-8"))
        return Way(str(values["engine"]), str(values["precision"]))
    except (OSError, UnicodeDecodeError, ValueError, KeyError, TypeError):
        return None


def remember(question: Question, way: Way) -> bool:
    """Keep the answer; False where nothing is to be kept or the folder cannot be written."""
    if not question.model:
        return False
    try:
        write_text(question.file, json.dumps({"asked": asdict(question), **asdict(way)}, indent=1))
    except OSError:
        return False
    return True


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"
