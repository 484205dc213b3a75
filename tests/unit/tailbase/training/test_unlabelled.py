"""Clips teach what their losses say, in the same bits whatever happens on the way."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_pre_hook

from tailbase.errors import PoseError
from tailbase.formats.labels_parquet import write_labels
from tailbase.networks.heatmap import HeatmapTracker
from tailbase.networks.tracker import Track
from tailbase.schema import Keypoint, Labels, LossSpec, Skeleton, TrainSpec
from tailbase.training.augmentation import augment_clip, draw
from tailbase.training.checkpoints import FILE_NAME, read_progress
from tailbase.training.loop import train
from tailbase.training.unlabelled import SUBSPACES, Subspaces, clip_losses, fit_subspaces, ramp

Dots = tuple[Labels, Path]
Spec = Callable[..., TrainSpec]
Film = Callable[..., Path]

ALL = {"temporal": 0.1, "pose_pca": 0.1, "unimodal": 0.01, "temporal_heatmap": 0.01, "pose_pca_keep": 0.8}
AT_ONCE = {"ramp_start": 0.0, "ramp_end": 0.0, "clip_length": 6}


class Notes:
    """Keeps what a training reports."""

    def __init__(self) -> None:
        self.metrics: list[dict[str, Any]] = []
        self.logs: list[str] = []

    def step(self, stage: str, done: int, total: int) -> None:
        """Not looked at."""

    def metric(self, **values: float | int | str) -> None:
        self.metrics.append(values)

    def log(self, message: str) -> None:
        self.logs.append(message)

    def artifact(self, name: str, path: str) -> None:
        """Not looked at."""

    def result(self, **values: Any) -> None:
        raise AssertionError("the caller reports the result")


def test_every_loss_is_told_and_falls_where_its_weight_is_large(
    dots: Dots, tiny: Spec, film: Film, tmp_path: Path
) -> None:
    losses = {"temporal": 1.0, "temporal_epsilon_px": 0.0, **AT_ONCE}
    notes = Notes()
    train(*dots, tiny(epochs=12, validate_every=12, losses=losses), tmp_path / "out", notes, videos=[film()])
    first, last = notes.metrics[0], notes.metrics[-1]
    assert {"loss_supervised", "loss_temporal", "train_loss", "waiting"} <= set(first)
    assert first["train_loss"] == pytest.approx(first["loss_supervised"] + first["loss_temporal"], rel=1e-4)
    assert last["loss_temporal"] < first["loss_temporal"] / 2


def test_the_subspaces_are_kept_with_the_model(dots: Dots, tiny: Spec, film: Film, tmp_path: Path) -> None:
    spec = tiny(epochs=1, losses=ALL | AT_ONCE)
    train(*dots, spec, tmp_path / "out", Notes(), videos=[film()])
    kept = Subspaces.load(tmp_path / "out" / "model")
    assert kept.pose is not None
    assert kept.views is None
    assert set(json.loads((tmp_path / "out" / "model" / SUBSPACES).read_text())) == {"pose_pca", "multiview_pca"}


@pytest.mark.slow
def test_a_killed_training_with_clips_resumes_to_the_same_bits(
    dots: Dots, tiny: Spec, film: Film, tmp_path: Path
) -> None:
    labels, folder = dots
    write_labels(labels, folder / "labels.parquet")
    spec = tmp_path / "spec.json"
    losses = ALL | {"ramp_start": 0.2, "ramp_end": 0.6, "clip_length": 6}
    spec.write_text(tiny(epochs=8, validate_every=2, losses=losses).model_dump_json())
    film("a.mp4")
    film("b.mp4", 30)

    def command(out: str) -> list[str]:
        words = ["train", str(folder / "labels.parquet"), "--spec", str(spec), "--out", str(tmp_path / out), "--json"]
        return [sys.executable, "-m", "tailbase.cli", *words, "--videos", str(tmp_path / "videos")]

    whole = _events(command("whole"))
    with subprocess.Popen(command("killed"), stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        saved = 0
        while saved < 2:
            saved += json.loads(child.stdout.readline())["event"] == "artifact"
        os.kill(child.pid, signal.SIGKILL)
    assert 4 <= read_progress(tmp_path / "killed" / "checkpoint" / FILE_NAME).epoch < 8
    resumed = _events([*command("killed"), "--resume", str(tmp_path / "killed" / "checkpoint")])
    assert resumed[-1]["values"]["sha256"] == whole[-1]["values"]["sha256"]


def _events(command: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=200)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_losses_of_weight_zero_change_nothing_and_read_no_video(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    plain = train(*dots, tiny(), tmp_path / "a", Notes())
    zero = train(*dots, tiny(losses=AT_ONCE), tmp_path / "b", Notes())
    assert zero["sha256"] == plain["sha256"]


def test_losses_on_clips_without_videos_are_refused(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    with pytest.raises(PoseError) as refused:
        train(*dots, tiny(losses={"temporal": 1.0}), tmp_path / "out", Notes())
    assert refused.value.code == "videos.none"


def test_losses_that_need_calibrated_cameras_are_refused(dots: Dots, tiny: Spec, film: Film, tmp_path: Path) -> None:
    with pytest.raises(PoseError) as refused:
        train(*dots, tiny(losses={"pairwise": 1.0}), tmp_path / "out", Notes(), videos=[film()])
    assert refused.value.code == "losses.no_cameras"


def test_a_context_network_learns_from_clips_too(dots: Dots, tiny: Spec, film: Film, tmp_path: Path) -> None:
    spec = tiny(architecture="context", epochs=1, batch_size=2, losses=ALL | AT_ONCE)
    notes = Notes()
    train(*dots, spec, tmp_path / "out", notes, videos=[film()])
    assert notes.metrics[-1]["loss_temporal"] > 0


def test_a_batch_in_parts_learns_from_every_image_and_frame(dots: Dots, tiny: Spec, film: Film, tmp_path: Path) -> None:
    losses = ALL | AT_ONCE | {"clips": 2}
    told = []
    for accumulate in (1, 4):
        notes = Notes()
        spec = tiny(epochs=1, accumulate=accumulate, losses=losses, learning_rate=1e-9, freeze_backbone_epochs=1)
        train(*dots, spec, tmp_path / str(accumulate), notes, videos=[film()])
        told.append(notes.metrics[-1])
    assert told[0]["loss_supervised"] == pytest.approx(told[1]["loss_supervised"], rel=0.1)


@pytest.fixture
def small_memory() -> Iterator[None]:
    """A computer on which a network can learn from two images at once and not from more."""

    def check(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        if isinstance(module, HeatmapTracker) and module.training and len(inputs[0]) > 2:
            raise torch.OutOfMemoryError("CUDA out of memory.")

    handle = register_module_forward_pre_hook(check)
    yield
    handle.remove()


@pytest.mark.usefixtures("small_memory")
def test_where_memory_runs_out_smaller_parts_are_taken_and_it_is_said(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    notes = Notes()
    train(*dots, tiny(), tmp_path / "out", notes)
    (line,) = notes.logs
    assert line.startswith("Memory ran out with 4 images at a time. The training goes on with 2 at a time, 2 times")
    assert read_progress(tmp_path / "out" / "checkpoint" / FILE_NAME).parts == 2


@pytest.mark.usefixtures("small_memory")
def test_where_even_one_image_is_too_much_the_training_says_so(
    dots: Dots, tiny: Spec, film: Film, tmp_path: Path
) -> None:
    spec = tiny(losses={"temporal": 1.0, "ramp_start": 0, "ramp_end": 0, "clip_length": 12})
    with pytest.raises(PoseError) as refused:
        train(*dots, spec, tmp_path / "out", Notes(), videos=[film()])
    assert refused.value.code == "training.out_of_memory"


def test_losses_are_measured_where_points_were_before_the_clip_was_changed(skeleton: Skeleton) -> None:
    still = torch.tensor([[20.0, 30.0], [40.0, 10.0], [50.0, 50.0]]).expand(5, 3, 2)
    spec = TrainSpec().augment.model_copy(update={"rotation_degrees": 90.0, "horizontal_flip": True})
    one = next(one for seed in range(9) if (one := draw(spec, seed, 0, 0)).flipped)
    partners = torch.tensor([0, 2, 1])
    _, undo = augment_clip(torch.zeros(5, 3, 64, 64, dtype=torch.uint8), 1.0, one, partners)
    moved = (still - undo.centre) @ undo.matrix.mT + undo.centre + undo.shift
    track = Track(moved[:, partners], torch.ones(5, 3), None)
    pose = fit_subspaces(_poses(still[0]), skeleton, LossSpec(pose_pca=1, pose_pca_keep=0.9))
    losses = clip_losses((track, track), undo, LossSpec(temporal=1, pose_pca=1, temporal_epsilon_px=0), pose, 4)
    assert float(losses["temporal"]) < 1e-3
    assert float(losses["pose_pca"]) < 1e-3


def _poses(middle: Tensor) -> np.ndarray:
    random = np.random.default_rng(0)
    along = np.array([[1.0, 0.5], [0.3, -1.0], [-0.8, 0.2]])
    poses: np.ndarray = middle.double().numpy() + random.normal(0, 4, (40, 1, 1)) * along
    return poses


def test_each_head_is_compared_with_itself_alone(skeleton: Skeleton) -> None:
    one = draw(TrainSpec().augment.model_copy(update={"rotation_degrees": 0.0}), 0, 0, 0)
    _, undo = augment_clip(torch.zeros(5, 3, 64, 64, dtype=torch.uint8), 1.0, one, torch.arange(3))
    here, there = (Track(torch.full((5, 3, 2), place), torch.ones(5, 3), None) for place in (10.0, 50.0))
    spec = LossSpec(temporal=1, temporal_epsilon_px=0)
    losses = clip_losses((here, there), undo, spec, Subspaces(None, None), 4)
    assert float(losses["temporal"]) == pytest.approx(0, abs=1e-4)


def test_losses_on_maps_are_refused_where_a_network_has_none(skeleton: Skeleton) -> None:
    one = draw(TrainSpec().augment.model_copy(update={"rotation_degrees": 0.0}), 0, 0, 0)
    _, undo = augment_clip(torch.zeros(5, 3, 64, 64, dtype=torch.uint8), 1.0, one, torch.arange(3))
    track = Track(torch.zeros(5, 3, 2), torch.ones(5, 3), None)
    with pytest.raises(PoseError) as refused:
        clip_losses((track,), undo, LossSpec(unimodal=1), Subspaces(None, None), 4)
    assert refused.value.code == "losses.no_maps"


def test_a_loss_that_labels_cannot_support_is_refused_and_one_that_is_off_is_left_out(skeleton: Skeleton) -> None:
    few = np.random.default_rng(0).normal(30, 5, (3, 3, 2))
    assert fit_subspaces(few, skeleton, LossSpec()).views is None
    with pytest.raises(PoseError) as views:
        fit_subspaces(few, skeleton, LossSpec(multiview_pca=1))
    assert views.value.code == "losses.no_views"
    with pytest.raises(PoseError) as labels:
        fit_subspaces(few, skeleton, LossSpec(pose_pca=1))
    assert labels.value.code == "losses.too_few_labels"


def test_views_of_a_part_are_grouped_by_the_skeleton() -> None:
    keypoints = [Keypoint(name=f"{part}_{view}", part=part, view=view) for view in "ab" for part in ("nose", "paw")]
    skeleton = Skeleton(keypoints=tuple(keypoints), views=("a", "b"))
    points = np.random.default_rng(0).normal(30, 5, (40, 4, 2))
    views = fit_subspaces(points, skeleton, LossSpec(multiview_pca=1)).views
    assert views is not None
    assert views.keypoints.tolist() == [[0, 2], [1, 3]]


def test_the_ramp_rises_between_its_shares() -> None:
    spec = LossSpec(temporal=1, ramp_start=0.2, ramp_end=0.6)
    assert [ramp(spec, step, 10) for step in (0, 2, 4, 6, 9)] == pytest.approx([0, 0, 0.5, 1, 1])
    assert ramp(LossSpec(ramp_start=0, ramp_end=0), 0, 10) == 1
