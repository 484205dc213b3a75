"""What stays the same while training, and what changes, at the beginning."""

import copy
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from tailbase.networks.architectures import new_tracker
from tailbase.networks.backbones import load_weights
from tailbase.networks.device import resolve_device, resolve_precision
from tailbase.networks.tracker import Tracker, as_channels_last
from tailbase.schema import AugmentSpec, Crop, Labels, TrainSpec
from tailbase.training import checkpoints
from tailbase.training.checkpoints import Progress, State
from tailbase.training.clips import ClipPlan
from tailbase.training.dataset import TrainingImages, partners, resolved
from tailbase.training.framing import Finding, framed
from tailbase.training.split import Split, split_images
from tailbase.training.team import Team
from tailbase.training.unlabelled import Subspaces, first_step, fit_subspaces, refuse_unusable
from tailbase.training.warm_start import take_weights


@dataclass(frozen=True)
class Run:
    """What stays the same while training.

    Attributes:
        labels: of the animals that the network finds; `images` and `split` hold them as the network sees them.
        finding: what finds the animals first; None where the network looks at whole images.
        plan: of the clips; None where no loss needs them.
        clips_a_step: of all processes together, as many for each.
    """

    spec: TrainSpec
    labels: Labels
    finding: Finding | None
    images: TrainingImages
    split: Split
    partners: Tensor
    augment: AugmentSpec
    batch_size: int
    device: torch.device
    dtype: torch.dtype
    subspaces: Subspaces
    plan: ClipPlan | None
    team: Team

    @property
    def steps_an_epoch(self) -> int:
        return len(self.split.train) // self.batch_size

    @property
    def steps(self) -> int:
        return self.steps_an_epoch * self.spec.epochs

    @property
    def clips_a_step(self) -> int:
        return -(-self.spec.losses.clips // self.team.size) * self.team.size

    def clip_numbers(self, step: int) -> range:
        """The clips that this process needs from a step on."""
        begin = max(step, first_step(self.spec.losses, self.steps))
        return range(begin * self.clips_a_step + self.team.rank, self.steps * self.clips_a_step, self.team.size)


def prepare(
    labels: Labels,
    folder: Path,
    spec: TrainSpec,
    videos: Sequence[Path],
    team: Team,
    crops: Mapping[str, Crop] | None = None,
    finding: Finding | None = None,
) -> tuple[Run, Tracker]:
    """All that a training needs, and its network with random weights.

    Args:
        labels: of the animals that the network finds (`tailbase.framing.individuals.chosen_animals`).
        crops: of videos, by their file's name without folder and extension.
    """
    device = resolve_device(spec.device)
    dtype = resolve_precision(spec.precision, device)
    seen = framed(labels, split_images(labels.images, spec.split), folder, spec, finding)
    torch.manual_seed(spec.seed)
    tracker = new_tracker(spec, seen.labels.skeleton)
    images = seen.images(folder, spec, tracker.reach, {video.stem: video for video in videos})
    refuse_unusable(spec.losses)
    train = list(seen.split.train)
    run = Run(
        spec=spec,
        labels=labels,
        finding=finding,
        images=images,
        split=seen.split,
        partners=partners(seen.labels),
        augment=resolved(spec.augment, seen.labels, train),
        batch_size=min(spec.batch_size, len(train)),
        device=device,
        dtype=dtype,
        subspaces=fit_subspaces(images.points[train].double().numpy(), seen.labels.skeleton, spec.losses),
        plan=_plan(spec, videos, crops or {}, tracker.reach, finding),
        team=team,
    )
    return run, tracker


def _plan(
    spec: TrainSpec, videos: Sequence[Path], crops: Mapping[str, Crop], reach: int, finding: Finding | None
) -> ClipPlan | None:
    if not spec.losses.weights:
        return None
    least = 2 * reach + 2  # the fewest frames with two outputs, which can be compared
    return ClipPlan(
        videos=tuple(map(str, videos)),
        length=max(spec.losses.clip_length, least),
        least=least,
        height=spec.image_height,
        width=spec.image_width,
        seed=spec.seed,
        fit=spec.framing.fit if finding is None else "stretch",
        crops=tuple(_numbers(crops.get(video.stem)) for video in videos),
        finder=None if finding is None else str(finding.folder),
    )


def _numbers(crop: Crop | None) -> tuple[int, int, int, int] | None:
    return None if crop is None else (crop.x, crop.y, crop.width, crop.height)


def begin(run: Run, tracker: Tracker, resume: Path | None, start: Path | None) -> State:
    """Everything that changes, at the start or as the checkpoint left it."""
    spec = run.spec
    if resume is None:
        load_weights(tracker.backbone, spec.backbone, spec.weights, spec.weights_sha256)
        if start is not None:
            take_weights(tracker, run.labels.skeleton, start)
    tracker = as_channels_last(tracker.to(run.device))
    state = State(
        tracker=tracker,
        average=copy.deepcopy(tracker).eval(),
        best={},
        optimizer=_optimizer(tracker, spec),
        scaler=torch.amp.GradScaler(run.device.type, enabled=run.dtype == torch.float16),
        progress=Progress(0, 0, None, _fingerprint(run), torch.get_num_threads(), parts=spec.accumulate),
        coarse={} if run.finding is None else run.finding.network.state_dict(),
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


def labels_sha256(labels: Labels) -> str:
    """Of everything in the labels that a training depends on, but for crops, which are settings."""
    digest = hashlib.sha256(labels.skeleton.model_dump_json().encode())
    for ref in labels.images:
        digest.update(ref.path.encode() + b"\0")
    digest.update(labels.points.astype("<f8").tobytes() + labels.states.tobytes())
    return digest.hexdigest()


def _fingerprint(run: Run) -> str:
    """Of spec, labels, videos and processes. Where files lie does not matter to a training that has begun."""
    spec = run.spec.model_copy(update={"weights": ""}).model_dump_json()
    videos = [(Path(video).name, Path(video).stat().st_size) for video in (run.plan.videos if run.plan else ())]
    crops = [ref.crop for ref in run.labels.images] + list(run.plan.crops if run.plan else ())
    told = f"{spec}{labels_sha256(run.labels)}{videos}{run.team.size}{crops}"
    return hashlib.sha256(told.encode()).hexdigest()
