"""Training, from labelled images to a model folder; readable from top to bottom."""

import copy
import hashlib
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tailbase import __version__
from tailbase.errors import PoseError
from tailbase.evaluation.errors import summarize
from tailbase.evaluation.images import image_errors
from tailbase.networks.architectures import new_tracker
from tailbase.networks.backbones import load_weights
from tailbase.networks.device import computing_in, resolve_device, resolve_precision
from tailbase.networks.model_folder import ModelFacts, SplitPaths, save_facts, save_weights
from tailbase.networks.tracker import Tracker, as_channels_last
from tailbase.progress import Reporter
from tailbase.schema import AugmentSpec, Labels, TrainSpec
from tailbase.training import checkpoints
from tailbase.training.augmentation import augment, draw
from tailbase.training.checkpoints import Progress, State
from tailbase.training.dataset import TrainingImages, one_animal, partners, resolved
from tailbase.training.split import Split, split_images
from tailbase.training.warm_start import take_weights

_WARM_UP_STEPS = 50
_LAST_RATE = 0.01
_LARGEST_GRADIENT = 5.0
_STEPS_A_REPORT = 10


@dataclass(frozen=True)
class Run:
    """What stays the same while training."""

    spec: TrainSpec
    images: TrainingImages
    split: Split
    partners: Tensor
    augment: AugmentSpec
    batch_size: int
    device: torch.device
    dtype: torch.dtype

    @property
    def steps_an_epoch(self) -> int:
        return len(self.split.train) // self.batch_size

    @property
    def steps(self) -> int:
        return self.steps_an_epoch * self.spec.epochs


def train(
    labels: Labels,
    folder: Path,
    spec: TrainSpec,
    out: Path,
    report: Reporter,
    resume: Path | None = None,
    start: Path | None = None,
) -> dict[str, Any]:
    """Train a network and write `out`/model; `out`/checkpoint holds the latest checkpoint on the way.

    On a CPU the same labels, spec, machine and number of threads give the same weights bit for bit, also when the
    training was stopped and resumed from a checkpoint.

    Args:
        labels: of one animal.
        folder: that image paths are relative to.
        resume: a checkpoint file of this training.
        start: a model's folder to begin with, whose labels these ones grew from.

    Returns:
        metrics, name of the model folder, SHA-256 of the weights, epochs, seconds per step, number of parameters.

    Errors:
        labels.several_animals, labels.none, split.*, backbone.unknown, weights.*, checkpoint.*, device.unavailable;
        training.diverged: the loss is no longer a number.
    """
    run = _prepare(one_animal(labels), folder, spec)
    if run.device.type == "cpu":  # some of the GPU's operations have no deterministic form
        torch.use_deterministic_algorithms(True)
    state = _begin(run, resume, start)
    began, first_step = time.monotonic(), state.progress.step
    for epoch in range(state.progress.epoch, spec.epochs):
        loss = _train_epoch(run, state, epoch, report)
        pace = (time.monotonic() - began) / (state.progress.step - first_step)
        curve = {"epoch": epoch + 1, "train_loss": loss, "learning_rate": _rate(run, state.progress.step)}
        if (epoch + 1) % spec.validate_every == 0 or epoch + 1 == spec.epochs:
            curve |= _validate(run, state)
            _save_checkpoint(state, out, report)
        report.metric(**curve, seconds_per_step=pace)
    return _finish(run, state, out, (time.monotonic() - began) / max(state.progress.step - first_step, 1))


def _prepare(labels: Labels, folder: Path, spec: TrainSpec) -> Run:
    device = resolve_device(spec.device)
    split = split_images(labels.images, spec.split)
    return Run(
        spec=spec,
        images=TrainingImages(labels, folder, (spec.image_height, spec.image_width)),
        split=split,
        partners=partners(labels),
        augment=resolved(spec.augment, labels, split.train),
        batch_size=min(spec.batch_size, len(split.train)),
        device=device,
        dtype=resolve_precision(spec.precision, device),
    )


def _begin(run: Run, resume: Path | None, start: Path | None) -> State:
    """Everything that changes, at the start or as the checkpoint left it."""
    spec = run.spec
    torch.manual_seed(spec.seed)
    tracker = new_tracker(spec, run.images.labels.skeleton)
    if resume is None:
        load_weights(tracker.backbone, spec.backbone, spec.weights, spec.weights_sha256)
        if start is not None:
            take_weights(tracker, run.images.labels.skeleton, start)
    tracker = as_channels_last(tracker.to(run.device))
    state = State(
        tracker=tracker,
        average=copy.deepcopy(tracker).eval(),
        best={},
        optimizer=_optimizer(tracker, spec),
        progress=Progress(0, 0, None, _fingerprint(run), torch.get_num_threads()),
    )
    if resume is not None:
        checkpoints.load(state, resume)
        torch.set_num_threads(state.progress.threads)
    return state


def _optimizer(tracker: Tracker, spec: TrainSpec) -> torch.optim.AdamW:
    pretrained = list(tracker.backbone.parameters())
    known = {id(parameter) for parameter in pretrained}
    others = [parameter for parameter in tracker.parameters() if id(parameter) not in known]
    groups = [{"params": pretrained}, {"params": others}]
    return torch.optim.AdamW(groups, lr=spec.learning_rate, weight_decay=spec.weight_decay)


def _train_epoch(run: Run, state: State, epoch: int, report: Reporter) -> float:
    """One pass over the training images; gives the mean loss."""
    for parameter in state.tracker.backbone.parameters():
        parameter.requires_grad_(epoch >= run.spec.freeze_backbone_epochs)
    state.tracker.train()
    losses = []
    for positions in _batches(run, epoch):
        losses.append(_train_step(run, state, epoch, positions))
        state.progress.step += 1
        if state.progress.step % _STEPS_A_REPORT == 0 or state.progress.step == run.steps:
            report.step("train", state.progress.step, run.steps)
    state.progress.epoch = epoch + 1
    return float(np.mean(losses))


def _batches(run: Run, epoch: int) -> Iterator[list[int]]:
    """Training images in the epoch's order; the few that fill no batch have their turn in other epochs."""
    order = np.random.default_rng([run.spec.seed, epoch]).permutation(run.split.train)
    for start in range(0, run.steps_an_epoch * run.batch_size, run.batch_size):
        yield order[start : start + run.batch_size].tolist()


def _train_step(run: Run, state: State, epoch: int, positions: list[int]) -> float:
    images, points, states = _augmented(run, epoch, positions)
    with computing_in(run.dtype, run.device):
        outputs = state.tracker(images)
    loss = state.tracker.supervised(outputs, points, states, run.spec.map_loss)
    if not math.isfinite(loss.item()):
        message = "The training went astray: its loss is no longer a number. Lower the learning rate and train again."
        raise PoseError("training.diverged", message)
    state.optimizer.zero_grad()
    torch.autograd.backward(loss)
    nn.utils.clip_grad_norm_(state.tracker.parameters(), _LARGEST_GRADIENT)
    _set_rates(run, state)
    state.optimizer.step()
    _average(state, run.spec.averaging)
    return loss.item()


def _augmented(run: Run, epoch: int, positions: list[int]) -> tuple[Tensor, Tensor, Tensor]:
    data = run.images
    draws = [draw(run.augment, run.spec.seed, epoch, position) for position in positions]
    images, points, states = augment(
        data.images(positions),
        data.points[positions],
        data.states[positions],
        data.pixel_aspect[positions],
        draws,
        run.partners,
    )
    images = images.to(run.device, memory_format=torch.channels_last)
    return images, points.to(run.device), states.to(run.device)


def _rate(run: Run, step: int) -> float:
    """Learning rate of the head: a short warm-up, then half a cosine."""
    warm = min((step + 1) / min(_WARM_UP_STEPS, max(run.steps // 10, 1)), 1.0)
    falling = 0.5 * (1 + math.cos(math.pi * min(step / run.steps, 1.0)))
    return run.spec.learning_rate * warm * (falling * (1 - _LAST_RATE) + _LAST_RATE)


def _set_rates(run: Run, state: State) -> None:
    rate = _rate(run, state.progress.step)
    backbone, head = state.optimizer.param_groups
    backbone["lr"], head["lr"] = rate * run.spec.backbone_rate, rate


@torch.no_grad()
def _average(state: State, decay: float) -> None:
    """Move the average towards the weights; early on it follows quickly."""
    step = state.progress.step + 1
    share = 1 - min(decay, (1 + step) / (10 + step))
    for mean, value in zip(state.average.state_dict().values(), state.tracker.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(value, share)
        else:
            mean.copy_(value)


def _validate(run: Run, state: State) -> dict[str, float]:
    """Error of the averaged weights on the validation images; the best weights are kept."""
    if not run.split.validation:
        state.best = _copied(state.average)
        return {}
    errors = image_errors(state.average, run.images, run.split.validation, run.dtype, run.device)
    error = float(np.nanmean(errors)) if np.isfinite(errors).any() else None
    best = state.progress.best_px
    if error is None or best is None or error < best:
        state.best, state.progress.best_px = _copied(state.average), error
    return {} if error is None else {"validation_px": error}


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in network.state_dict().items()}


def _save_checkpoint(state: State, out: Path, report: Reporter) -> None:
    path = out / "checkpoint" / checkpoints.FILE_NAME
    checkpoints.save(state, path)
    report.artifact("checkpoint", str(path))


def _finish(run: Run, state: State, out: Path, seconds_per_step: float) -> dict[str, Any]:
    """Write the best weights as a model, with its errors on validation and test images (read here, once)."""
    labels, split = run.images.labels, run.split
    state.average.load_state_dict(state.best)
    metrics = {
        name: summarize(
            image_errors(state.average, run.images, positions, run.dtype, run.device), labels.skeleton.names
        )
        for name, positions in (("validation", split.validation), ("test", split.test))
        if positions
    }
    digest = save_weights(out / "model", state.best)
    facts = ModelFacts(
        skeleton=labels.skeleton,
        individuals=labels.individuals,
        spec=run.spec,
        split=SplitPaths(**{name: [labels.images[i].path for i in getattr(split, name)] for name in _PARTS}),
        metrics=dict(metrics),
        labels_sha256=labels_sha256(labels),
        weights_sha256=digest,
        tailbase_version=__version__,
        created_at=datetime.now(UTC),
    )
    save_facts(out / "model", facts)
    parameters = sum(parameter.numel() for parameter in state.tracker.parameters())
    return {
        "metrics": metrics, "model": "model", "sha256": digest, "epochs": run.spec.epochs,
        "seconds_per_step": seconds_per_step, "parameters": parameters,
    }  # fmt: skip


_PARTS = ("train", "validation", "test")


def labels_sha256(labels: Labels) -> str:
    """Of everything in the labels that a training depends on."""
    digest = hashlib.sha256(labels.skeleton.model_dump_json().encode())
    for ref in labels.images:
        digest.update(ref.path.encode() + b"\0")
    digest.update(labels.points.astype("<f8").tobytes() + labels.states.tobytes())
    return digest.hexdigest()


def _fingerprint(run: Run) -> str:
    """Of spec and labels. Where the initial weights lay does not matter to a training that has begun."""
    spec = run.spec.model_copy(update={"weights": ""}).model_dump_json()
    return hashlib.sha256((spec + labels_sha256(run.images.labels)).encode()).hexdigest()
