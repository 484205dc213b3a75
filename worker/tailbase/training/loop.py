"""Training, from labelled images and unlabelled video to a model folder; readable from top to bottom."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from tailbase import __version__
from tailbase.evaluation.errors import summarize
from tailbase.evaluation.images import image_errors
from tailbase.framing.finder import save_finder
from tailbase.framing.individuals import chosen_animals, sets_of
from tailbase.networks.architectures import new_tracker
from tailbase.networks.device import resolve_device
from tailbase.networks.model_folder import ModelFacts, SplitPaths, save_facts, save_weights
from tailbase.networks.tracker import Tracker, as_channels_last
from tailbase.progress import Reporter, SilentReporter
from tailbase.schema import Crop, Labels, TrainSpec
from tailbase.training import checkpoints
from tailbase.training.checkpoints import State
from tailbase.training.clips import Clip, Clips, listed, open_clips
from tailbase.training.framing import Finding, FirstStage, coarse_for
from tailbase.training.run import Run, begin, labels_sha256, prepare
from tailbase.training.split import split_images
from tailbase.training.step import rate, train_step
from tailbase.training.team import Team, joined_team
from tailbase.training.unlabelled import first_step

_STEPS_A_REPORT = 10
_PARTS = ("train", "validation", "test")

ENOUGH_TO_CHOOSE = 6
"""Validation images from which on their error chooses among checkpoints, and may end a training early.

With fewer, the error's own scatter between checkpoints is larger than what the network still learns: the smallest of
many noisy numbers is then a matter of luck, and the final average of the weights is the better bet.
"""


@dataclass
class Pace:
    """Seconds a step since the beginning of this attempt, and the share of them spent waiting for clips."""

    began: float
    first_step: int
    clips: Clips | None

    def seconds_per_step(self, step: int) -> float:
        return (time.monotonic() - self.began) / max(step - self.first_step, 1)

    def waiting(self) -> dict[str, float]:
        seconds = time.monotonic() - self.began
        return {} if self.clips is None else {"waiting": self.clips.waited / max(seconds, 1e-9)}


def train(
    labels: Labels,
    folder: Path,
    spec: TrainSpec,
    out: Path,
    report: Reporter,
    resume: Path | None = None,
    start: Path | None = None,
    videos: Sequence[Path] = (),
    crops: Mapping[str, Crop] | None = None,
) -> dict[str, Any]:
    """Train a network and write `out`/model; `out`/checkpoint holds the latest checkpoint on the way.

    On a CPU the same labels, videos, spec, machine and number of threads give the same weights bit for bit, also when
    the training was stopped and resumed from a checkpoint. Started by `torchrun`, several processes share each batch.

    Args:
        labels: of one animal, or of several where the spec says to separate them.
        folder: that image paths are relative to.
        resume: a checkpoint file of this training.
        start: a model's folder to begin with, whose labels these ones grew from.
        videos: files, or folders of them: clips for losses that need no labels, and neighbours of labelled frames for
            networks that look at them. Labels name a video by its file's name without folder and extension.
        crops: the part of a video that is looked at, by that name; labelled images bring theirs along.

    Returns:
        metrics, name of the model folder, SHA-256 of the weights, epochs, seconds per step, number of parameters.

    Errors:
        labels.several_animals, labels.none, split.*, backbone.unknown, weights.*, checkpoint.*, device.unavailable,
        precision.unavailable, losses.*, videos.*, video.not_found;
        training.diverged: the loss is no longer a number; training.out_of_memory.
    """
    with ExitStack() as stack:
        team = stack.enter_context(joined_team())
        report = report if team.leads else SilentReporter()
        animals = chosen_animals(labels, spec.individuals)
        if resolve_device(spec.device).type == "cpu":  # some of the GPU's operations have no deterministic form
            torch.use_deterministic_algorithms(True)
            # Fresh memory is filled as a guard for debugging, which costs a tenth of a step.
            torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]
        finding = None
        if spec.framing.mode == "two_pass":
            finding = _finding(animals, folder, spec, team, out, report, resume, stack)
            resume = resume if resume is not None and checkpoints.read_coarse(resume) else None
        run, tracker = prepare(animals, folder, spec, listed(videos), team, crops, finding)
        state, seconds_per_step = _trained(run, tracker, out, report, resume, start)
        return _finish(run, state, out, seconds_per_step)


def _finding(
    animals: Labels,
    folder: Path,
    spec: TrainSpec,
    team: Team,
    out: Path,
    report: Reporter,
    resume: Path | None,
    stack: ExitStack,
) -> Finding:
    """The coarse network, trained, or as the checkpoint of the later training has it."""
    coarse = coarse_for(animals, split_images(animals.images, spec.split).train, folder, spec)
    weights = {} if resume is None else checkpoints.read_coarse(resume)
    if weights:
        tracker = new_tracker(coarse.spec, sets_of(animals.skeleton, len(animals.individuals)))
    else:
        run, tracker = prepare(animals, folder, coarse.spec, (), team)
        weights = _trained(run, tracker, out, FirstStage(report), resume, None)[0].best
    tracker.load_state_dict(weights)
    place = Path(stack.enter_context(TemporaryDirectory(prefix="tailbase-coarse-")))
    save_finder(place, weights, coarse, animals.skeleton)
    return Finding(as_channels_last(tracker.eval().to(resolve_device(spec.device))), coarse, place)


def _trained(
    run: Run, tracker: Tracker, out: Path, report: Reporter, resume: Path | None, start: Path | None
) -> tuple[State, float]:
    """The state after the last epoch, and seconds a step."""
    state = begin(run, tracker, resume, start)
    with ExitStack() as stack:
        clips = _open(run, state, stack, report)
        pace = Pace(time.monotonic(), state.progress.step, clips)
        for epoch in range(state.progress.epoch, run.spec.epochs):
            if _ended_early(run, state):
                report.log(
                    f"The training ended after {epoch} epochs: {run.spec.patience} validations found nothing better."
                )
                break
            _one_epoch(run, state, epoch, pace, out, report)
    return state, pace.seconds_per_step(state.progress.step)


def _open(run: Run, state: State, stack: ExitStack, report: Reporter) -> Clips | None:
    if run.plan is None:
        return None
    numbers = run.clip_numbers(state.progress.step)
    return stack.enter_context(open_clips(run.plan, numbers, run.device, report.log))


def _one_epoch(run: Run, state: State, epoch: int, pace: Pace, out: Path, report: Reporter) -> None:
    losses = _train_epoch(run, state, epoch, pace.clips, report)
    curve = {"epoch": epoch + 1, **losses, "learning_rate": rate(run, state.progress.step)}
    if (epoch + 1) % run.spec.validate_every == 0 or epoch + 1 == run.spec.epochs:
        curve |= _validate(run, state)
        if run.team.leads:
            _save_checkpoint(state, out, report)
    report.metric(**curve, **pace.waiting(), seconds_per_step=pace.seconds_per_step(state.progress.step))


def _train_epoch(run: Run, state: State, epoch: int, clips: Clips | None, report: Reporter) -> dict[str, float]:
    """One pass over the training images; gives each loss's mean over the steps that had it."""
    for parameter in state.tracker.backbone.parameters():
        parameter.requires_grad_(epoch >= run.spec.freeze_backbone_epochs)
    state.tracker.train()
    told: dict[str, list[float]] = {}
    for positions in _batches(run, epoch):
        values = train_step(run, state, epoch, positions, _clips(run, state, clips), report)
        for name, value in values.items():
            told.setdefault(name, []).append(value)
        state.progress.step += 1
        if state.progress.step % _STEPS_A_REPORT == 0 or state.progress.step == run.steps:
            report.step("train", state.progress.step, run.steps)
    state.progress.epoch = epoch + 1
    return {name: float(np.mean(values)) for name, values in told.items()}


def _clips(run: Run, state: State, clips: Clips | None) -> list[Clip]:
    if clips is None or state.progress.step < first_step(run.spec.losses, run.steps):
        return []
    return [clips.take() for _ in range(run.clips_a_step // run.team.size)]


def _batches(run: Run, epoch: int) -> Iterator[list[int]]:
    """Training images in the epoch's order; the few that fill no batch have their turn in other epochs."""
    order = np.random.default_rng([run.spec.seed, epoch]).permutation(run.split.train)
    for start in range(0, run.steps_an_epoch * run.batch_size, run.batch_size):
        yield order[start : start + run.batch_size].tolist()


def _validate(run: Run, state: State) -> dict[str, float]:
    """Error of the averaged weights on the validation images; the best weights are kept."""
    error = _validation_error(run, state) if run.split.validation else None
    best, progress = state.progress.best_px, state.progress
    if error is None or best is None or error < best or not _chooses(run):
        state.best, progress.best_px, progress.stale = _copied(state.average), error, 0
    else:
        progress.stale += 1
    return {} if error is None else {"validation_px": error}


def _validation_error(run: Run, state: State) -> float | None:
    """The leader's, so that all processes take the same decision."""
    errors = image_errors(state.average, run.images, run.split.validation, run.dtype, run.device)
    error = float(np.nanmean(errors)) if np.isfinite(errors).any() else None
    if run.team.size == 1:
        return error
    told = torch.tensor([error if error is not None and run.team.leads else 0.0], device=run.device)
    run.team.add_up([told])
    return None if error is None else float(told)


def _chooses(run: Run) -> bool:
    return len(run.split.validation) >= ENOUGH_TO_CHOOSE


def _ended_early(run: Run, state: State) -> bool:
    return run.spec.patience is not None and state.progress.stale >= run.spec.patience


def _copied(network: nn.Module) -> dict[str, Tensor]:
    return {key: value.detach().clone() for key, value in network.state_dict().items()}


def _save_checkpoint(state: State, out: Path, report: Reporter) -> None:
    path = out / "checkpoint" / checkpoints.FILE_NAME
    checkpoints.save(state, path)
    report.artifact("checkpoint", str(path))


def _finish(run: Run, state: State, out: Path, seconds_per_step: float) -> dict[str, Any]:
    """Write the best weights as a model, with its errors on validation and test images (read here, once)."""
    state.average.load_state_dict(state.best)
    metrics = _metrics(run, state)
    facts = {"metrics": metrics, "model": "model", "epochs": state.progress.epoch, "seconds_per_step": seconds_per_step}
    facts["parameters"] = sum(parameter.numel() for parameter in state.tracker.parameters())
    return facts | ({"sha256": _write_model(run, state, metrics, out / "model")} if run.team.leads else {})


def _metrics(run: Run, state: State) -> dict[str, Any]:
    names = run.labels.skeleton.names
    parts = {"validation": run.split.validation, "test": run.split.test}
    return {
        name: summarize(image_errors(state.average, run.images, positions, run.dtype, run.device), names)
        for name, positions in parts.items()
        if positions
    }


def _write_model(run: Run, state: State, metrics: dict[str, Any], folder: Path) -> str:
    """The files of a model; gives the SHA-256 of the weights."""
    labels, paths = run.labels, [ref.path for ref in run.images.labels.images]
    digest = save_weights(folder, state.best | {f"coarse.{key}": value for key, value in state.coarse.items()})
    run.subspaces.save(folder)
    facts = ModelFacts(
        skeleton=labels.skeleton,
        individuals=labels.individuals,
        spec=run.spec,
        split=SplitPaths(
            **{name: tuple(dict.fromkeys(paths[row] for row in getattr(run.split, name))) for name in _PARTS}
        ),
        metrics=dict(metrics),
        labels_sha256=labels_sha256(labels),
        weights_sha256=digest,
        tailbase_version=__version__,
        created_at=datetime.now(UTC),
        coarse=None if run.finding is None else run.finding.coarse,
    )
    save_facts(folder, facts)
    return digest
