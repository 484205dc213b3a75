"""Checkpoints: one safetensors file from which a training continues exactly, and which is whole or not there."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor
from torch.amp import GradScaler
from torch.optim import AdamW

from tailbase.errors import PoseError
from tailbase.formats.atomic import replacing
from tailbase.networks.tracker import Tracker

FILE_NAME = "checkpoint.safetensors"
_FORMAT = 1


@dataclass
class Progress:
    """How far a training is.

    Attributes:
        epoch: epochs done.
        step: optimizer steps done; the learning rate follows from it.
        best_px: smallest validation error so far; None before the first validation.
        spec_sha256: of the spec and labels; another training's checkpoint is refused.
        threads: of the CPU, because sums depend on their order.
        parts: in which a batch is computed.
        stale: validations since the best one.
        scaler: of the gradients of float16.
    """

    epoch: int
    step: int
    best_px: float | None
    spec_sha256: str
    threads: int
    parts: int = 1
    stale: int = 0
    scaler: dict[str, Any] = field(default_factory=dict)


@dataclass
class State:
    """All that changes while training; and the weights of the coarse network that was trained before, if any."""

    tracker: Tracker
    average: Tracker
    best: dict[str, Tensor]
    optimizer: AdamW
    scaler: GradScaler
    progress: Progress
    coarse: dict[str, Tensor] = field(default_factory=dict)


def save(state: State, path: Path) -> None:
    """Write everything to `path`, replacing an older checkpoint only once the new one is on the disk."""
    state.progress.scaler = state.scaler.state_dict()
    tensors = {"random": torch.get_rng_state()}
    tensors |= {f"tracker.{key}": value for key, value in state.tracker.state_dict().items()}
    tensors |= {f"average.{key}": value for key, value in state.average.state_dict().items()}
    tensors |= {f"best.{key}": value for key, value in state.best.items()}
    tensors |= {f"coarse.{key}": value for key, value in state.coarse.items()}
    for index, moments in state.optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{key}": value for key, value in moments.items()}
    tensors = {key: value.detach().cpu().contiguous() for key, value in tensors.items()}
    metadata = {"format": str(_FORMAT), "progress": json.dumps(vars(state.progress))}
    with replacing(path) as part:
        save_file(tensors, part, metadata=metadata)


def read_progress(path: Path) -> Progress:
    """How far a checkpoint is, without loading its tensors."""
    with _opened(path) as file:
        return _progress(file, path)


def read_coarse(path: Path) -> dict[str, Tensor]:
    """The weights of the coarse network that was trained before; none in a checkpoint of that network's training."""
    with _opened(path) as file:
        _progress(file, path)
        return _under("coarse.", {key: file.get_tensor(key) for key in file.keys() if key.startswith("coarse.")})  # noqa: SIM118


def load(state: State, path: Path) -> None:
    """Put everything back as it was when `path` was saved.

    Errors:
        checkpoint.unreadable: not a checkpoint, or damaged.
        checkpoint.other_training: it belongs to another spec or other labels.
    """
    with _opened(path) as file:
        progress = _progress(file, path)
        if progress.spec_sha256 != state.progress.spec_sha256:
            message = "This checkpoint belongs to a training with other settings or labels. Start without it."
            raise PoseError("checkpoint.other_training", message)
        tensors = {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118 (not a mapping)
    state.progress = progress
    state.tracker.load_state_dict(_under("tracker.", tensors))
    state.average.load_state_dict(_under("average.", tensors))
    state.best = _under("best.", tensors)
    state.scaler.load_state_dict(progress.scaler)
    torch.set_rng_state(tensors["random"])
    _load_optimizer(state.optimizer, _under("optimizer.", tensors))


def _opened(path: Path) -> Any:
    try:
        return safe_open(path, framework="pt")
    except (OSError, SafetensorError) as error:
        message = f"There is no usable checkpoint at {path.name}. Start the training again without it."
        raise PoseError("checkpoint.unreadable", message) from error


def _progress(file: Any, path: Path) -> Progress:
    metadata = file.metadata() or {}
    if metadata.get("format") != str(_FORMAT):
        message = f"{path.name} is not a checkpoint of this program's version. Start the training again without it."
        raise PoseError("checkpoint.unreadable", message)
    return Progress(**json.loads(metadata["progress"]))


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def _load_optimizer(optimizer: AdamW, tensors: dict[str, Tensor]) -> None:
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        index, name = key.split(".")
        state.setdefault(int(index), {})[name] = value
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
