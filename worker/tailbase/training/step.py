"""One step of training: the losses of a labelled batch and of clips, in one or several parts, and what follows."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import torch
from torch import Tensor, nn

from tailbase.errors import PoseError
from tailbase.networks.device import computing_in
from tailbase.networks.resize import pixel_aspect
from tailbase.networks.tracker import Outputs, Tracker, channels_last
from tailbase.progress import Reporter
from tailbase.schema import PointState
from tailbase.training.augmentation import Undo, augment, augment_clip, draw
from tailbase.training.checkpoints import State
from tailbase.training.clips import Clip
from tailbase.training.run import Run
from tailbase.training.unlabelled import clip_losses, ramp

Item = TypeVar("Item")

_WARM_UP_STEPS = 50
_LAST_RATE = 0.01
_LARGEST_GRADIENT = 5.0
_CLIP_DRAWS = 2**32 - 1  # no image has this number, so a clip shares its draws with none
_NO_MEMORY = "can't allocate memory"


@dataclass(frozen=True)
class Piece:
    """Consecutive frames of a clip, changed; `share` is their weight among the frames of all the step's clips."""

    frames: Tensor
    undo: Undo
    share: float


@dataclass(frozen=True)
class Part:
    """What is computed at once; `share` is the weight of its labels among those of the whole batch."""

    positions: list[int]
    share: float
    pieces: list[Piece]


def train_step(
    run: Run, state: State, epoch: int, positions: list[int], clips: Sequence[Clip], report: Reporter
) -> dict[str, float]:
    """One step of the optimizer; gives the values of the losses, all without weights but their sum `train_loss`.

    Where memory runs out the batch is computed in twice as many parts from then on.

    Errors:
        training.diverged, training.out_of_memory.
    """
    while (values := _gradients(run, state, epoch, positions, clips)) is None:
        _take_smaller_parts(run, state, report)
    if not math.isfinite(values["train_loss"]):
        message = "The training went astray: its loss is no longer a number. Lower the learning rate and train again."
        raise PoseError("training.diverged", message)
    state.scaler.unscale_(state.optimizer)
    nn.utils.clip_grad_norm_(state.tracker.parameters(), _LARGEST_GRADIENT)
    _set_rates(run, state)
    state.scaler.step(state.optimizer)
    state.scaler.update()
    _average(state, run.spec.averaging)
    return values


def _gradients(
    run: Run, state: State, epoch: int, positions: list[int], clips: Sequence[Clip]
) -> dict[str, float] | None:
    """Gradients of the whole batch, of all processes, and the losses' values; None where memory ran out."""
    state.optimizer.zero_grad()
    sums: dict[str, Tensor] = {}
    try:
        for part in _parts(run, state, positions, clips):
            losses = _losses(run, state, epoch, part)
            torch.autograd.backward(state.scaler.scale(losses["train_loss"]))
            sums = {name: value.detach() + sums.get(name, 0) for name, value in losses.items()}
    except RuntimeError as error:
        if run.team.size > 1 or not (isinstance(error, torch.OutOfMemoryError) or _NO_MEMORY in str(error)):
            raise
        return None
    values = torch.stack(list(sums.values()))
    run.team.add_up([values])
    run.team.add_up([p.grad for p in state.tracker.parameters() if p.grad is not None])
    told = dict(zip(sums, values.tolist(), strict=True))
    return told if clips else {"train_loss": told["train_loss"]}


def _take_smaller_parts(run: Run, state: State, report: Reporter) -> None:
    state.optimizer.zero_grad()
    if run.device.type == "cuda":
        torch.cuda.empty_cache()
    parts = 2 * state.progress.parts
    if parts > run.batch_size:
        message = "Memory runs out even with one image at a time. Choose smaller images or a smaller backbone."
        raise PoseError("training.out_of_memory", message)
    before, after = (math.ceil(run.batch_size / count) for count in (state.progress.parts, parts))
    state.progress.parts = parts
    report.log(
        f"Memory ran out with {before} images at a time. The training goes on with {after} at a time, {parts} times "
        "a step, which learns from as many images."
    )


def _parts(run: Run, state: State, positions: list[int], clips: Sequence[Clip]) -> list[Part]:
    """This process's share of the step."""
    count = min(state.progress.parts, run.batch_size // run.team.size)
    labelled = _labels(run, positions)
    images = _cut(run.team.share(positions), count)
    pieces = _cut([piece for clip in clips for piece in _pieces(run, clip, count, len(clips))], count)
    return [Part(some, _labels(run, some) / max(labelled, 1), few) for some, few in zip(images, pieces, strict=True)]


def _labels(run: Run, positions: list[int]) -> int:
    return int((run.images.states[positions] != PointState.UNLABELED).sum())


def _cut(items: Sequence[Item], count: int) -> list[list[Item]]:
    """`count` runs of neighbours whose lengths differ by one at most."""
    borders = [len(items) * number // count for number in range(count + 1)]
    return [list(items[begin:end]) for begin, end in pairwise(borders)]


def _pieces(run: Run, clip: Clip, parts: int, clips: int) -> list[Piece]:
    """A clip, changed; in several pieces where there are more parts than clips and it is long enough."""
    if run.plan is None:
        raise ValueError("there are no clips without a plan for them")
    aspect = pixel_aspect(clip.source, (clip.frames.shape[-2], clip.frames.shape[-1]), run.plan.fit)
    one = draw(run.augment, run.spec.seed, clip.number, _CLIP_DRAWS)
    frames, undo = augment_clip(clip.frames.to(run.device), aspect, one, run.partners)
    frames = channels_last(frames)
    wanted = 1 if run.team.size > 1 else math.ceil(parts / clips)
    cut = _cut(range(len(frames)), max(1, min(wanted, len(frames) // run.plan.least)))
    share = 1 / (clips * run.team.size * len(frames))
    return [Piece(frames[numbers[0] : numbers[-1] + 1], undo, share * len(numbers)) for numbers in cut]


def _losses(run: Run, state: State, epoch: int, part: Part) -> dict[str, Tensor]:
    """`train_loss`, which learns, and `loss_<name>`, as this part contributes to them."""
    tracker, spec = state.tracker, run.spec.losses
    images, points, states = _augmented(run, epoch, part.positions)
    with computing_in(run.dtype, run.device), run.team.sharing_statistics():
        outputs, shown = _forward(tracker, images, [piece.frames for piece in part.pieces])
    total = tracker.supervised(outputs, points, states, run.spec.map_loss) * part.share
    losses = {"loss_supervised": total}
    weight = ramp(spec, state.progress.step, run.steps)
    for name in spec.weights:
        losses[f"loss_{name}"] = total.new_zeros(())
    for piece, track in zip(part.pieces, shown, strict=True):
        found = clip_losses(tracker.heads(track), piece.undo, spec, run.subspaces, tracker.stride)
        for name, value in found.items():
            losses[f"loss_{name}"] = losses[f"loss_{name}"] + value * piece.share
            total = total + value * (piece.share * weight * spec.weights[name])
    return losses | {"train_loss": total}


def _forward(tracker: Tracker, images: Tensor, clips: list[Tensor]) -> tuple[Outputs, list[Outputs]]:
    """Outputs for labelled images and for each clip, in one go where the network sees one frame at a time.

    Batch normalisation then sees both together, as it will when the network predicts.
    """
    if not clips or tracker.reach:
        return tracker(images), [tracker.clip(frames) for frames in clips]
    outputs: Outputs = tracker(torch.cat([images, *clips]))
    lengths = [len(images), *(len(frames) for frames in clips)]
    first, *rest = _split(outputs, lengths)
    return first, rest


def _split(outputs: Outputs, lengths: list[int]) -> list[Outputs]:
    if isinstance(outputs, Tensor):
        return list(torch.split(outputs, lengths))
    return list(zip(*(torch.split(tensor, lengths) for tensor in outputs), strict=True))


def _augmented(run: Run, epoch: int, positions: list[int]) -> tuple[Tensor, Tensor, Tensor]:
    data = run.images
    draws = [draw(run.augment, run.spec.seed, epoch, position) for position in positions]
    border = torch.tensor(data.border[::-1])
    images, points, states = augment(
        data.images(positions),
        data.points[positions] + border,
        data.states[positions],
        data.pixel_aspect[positions],
        draws,
        run.partners,
    )
    images, points = data.inner(images), points - border
    return channels_last(images.to(run.device)), points.to(run.device), states.to(run.device)


def rate(run: Run, step: int) -> float:
    """Learning rate of the head: a short warm-up, then half a cosine."""
    warm = min((step + 1) / _warm_up_steps(run), 1.0)
    falling = 0.5 * (1 + math.cos(math.pi * min(step / run.steps, 1.0)))
    return run.spec.learning_rate * warm * (falling * (1 - _LAST_RATE) + _LAST_RATE)


def _set_rates(run: Run, state: State) -> None:
    now = rate(run, state.progress.step)
    backbone, head = state.optimizer.param_groups
    backbone["lr"], head["lr"] = now * run.spec.backbone_rate * _thawed(run, state.progress.step), now


def _thawed(run: Run, step: int) -> float:
    """A backbone that was frozen begins to learn slowly, with a head that knows it."""
    frozen = run.spec.freeze_backbone_epochs * run.steps_an_epoch
    return 1.0 if frozen == 0 else min(1.0, (step - frozen + 1) / _warm_up_steps(run))


def _warm_up_steps(run: Run) -> int:
    return min(_WARM_UP_STEPS, max(run.steps // 10, 1))


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
