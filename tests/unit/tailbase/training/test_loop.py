"""Training learns, stops with clear errors, and continues exactly where it was killed."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import save_file

from tailbase.errors import PoseError
from tailbase.evaluation.model import evaluate_model
from tailbase.formats.labels_parquet import write_labels
from tailbase.networks.backbones import build_backbone
from tailbase.networks.model_folder import load_model
from tailbase.schema import AugmentSpec, Labels, SplitSpec, TrainSpec
from tailbase.training.checkpoints import FILE_NAME, read_progress
from tailbase.training.loop import train

Dots = tuple[Labels, Path]
Spec = Callable[..., TrainSpec]


class Notes:
    """Keeps what a training reports."""

    def __init__(self) -> None:
        self.metrics: list[dict[str, Any]] = []
        self.artifacts: list[str] = []
        self.steps: list[tuple[int, int]] = []

    def step(self, stage: str, done: int, total: int) -> None:
        self.steps.append((done, total))

    def metric(self, **values: float | int | str) -> None:
        self.metrics.append(values)

    def log(self, message: str) -> None:
        raise AssertionError(message)

    def artifact(self, name: str, path: str) -> None:
        self.artifacts.append(path)

    def result(self, **values: Any) -> None:
        raise AssertionError("the caller reports the result")


def test_a_network_learns_to_find_dots(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    spec = tiny(epochs=60, validate_every=20, learning_rate=5e-3, backbone_rate=1.0, averaging=0.9,
                augment=AugmentSpec(rotation_degrees=0))  # fmt: skip
    notes = Notes()
    result = train(*dots, spec, tmp_path / "out", notes)
    assert result["metrics"]["validation"]["mean_px"] < 12
    assert notes.metrics[-1]["train_loss"] < notes.metrics[0]["train_loss"] / 2
    assert notes.steps[-1] == (120, 120)


def test_the_result_tells_what_was_trained(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    spec = tiny(split=SplitSpec(validation=0.2, test=0.2))
    notes = Notes()
    result = train(*dots, spec, tmp_path / "out", notes)
    _, facts = load_model(tmp_path / "out" / result["model"])
    assert facts.weights_sha256 == result["sha256"]
    assert facts.spec == spec
    assert [len(facts.split.train), len(facts.split.validation), len(facts.split.test)] == [6, 2, 2]
    assert result["metrics"]["test"]["points"] == 6
    assert notes.artifacts == [str(tmp_path / "out" / "checkpoint" / FILE_NAME)] * 2
    assert read_progress(Path(notes.artifacts[0])).epoch == 2
    json.dumps([result, notes.metrics], allow_nan=False)


def test_evaluation_repeats_the_figures_of_the_training(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    result = train(*dots, tiny(split=SplitSpec(test=0.3)), tmp_path / "out", Notes())
    again = evaluate_model(tmp_path / "out" / "model", *dots, "test", tmp_path)
    assert again == result["metrics"]["test"]
    assert len((tmp_path / "predictions.csv").read_text().splitlines()) == 1 + 3 * 3


def test_evaluation_of_images_that_were_not_set_aside_is_refused(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    train(*dots, tiny(epochs=1), tmp_path / "out", Notes())
    with pytest.raises(PoseError) as refused:
        evaluate_model(tmp_path / "out" / "model", *dots, "test")
    assert refused.value.code == "evaluate.no_images"


def test_the_same_spec_and_labels_give_the_same_network(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    once = train(*dots, tiny(), tmp_path / "a", Notes())
    again = train(*dots, tiny(), tmp_path / "b", Notes())
    other = train(*dots, tiny(seed=1), tmp_path / "c", Notes())
    assert once["sha256"] == again["sha256"]
    assert once["sha256"] != other["sha256"]


def test_a_training_without_validation_keeps_the_last_weights(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    result = train(*dots, tiny(split=SplitSpec(validation=0)), tmp_path / "out", Notes())
    assert result["metrics"] == {}
    load_model(tmp_path / "out" / "model")


def test_a_frozen_backbone_does_not_change_before_its_time(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    def filters(out: Path, **fields: object) -> list[list[float]]:
        notes = [train(*dots, tiny(epochs=epochs, **fields), out / str(epochs), Notes()) for epochs in (1, 2)]
        assert notes[0]["sha256"] != notes[1]["sha256"]
        models = [load_model(out / str(epochs) / "model")[0] for epochs in (1, 2)]
        return [next(model.backbone.parameters()).flatten().tolist() for model in models]

    early, late = filters(tmp_path / "frozen", freeze_backbone_epochs=2)
    assert early == late
    early, late = filters(tmp_path / "free")
    assert early != late


def test_a_loss_that_is_no_number_ends_the_training_clearly(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    weights = tmp_path / "weights.safetensors"
    state = build_backbone("mobilenetv3_small_050", (64, 64)).state_dict()
    save_file(
        {key: value * float("nan") if value.is_floating_point() else value for key, value in state.items()}, weights
    )
    with pytest.raises(PoseError, match="learning rate") as refused:
        train(*dots, tiny(weights=str(weights)), tmp_path / "out", Notes())
    assert refused.value.code == "training.diverged"


def test_a_checkpoint_of_other_labels_is_refused(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    labels, folder = dots
    train(labels, folder, tiny(), tmp_path / "out", Notes())
    checkpoint = tmp_path / "out" / "checkpoint" / FILE_NAME
    moved = replace(labels, points=labels.points + 1)
    with pytest.raises(PoseError) as refused:
        train(moved, folder, tiny(), tmp_path / "other", Notes(), checkpoint)
    assert refused.value.code == "checkpoint.other_training"


@pytest.mark.parametrize("content", [None, b"", b"half a file"])
def test_a_damaged_checkpoint_is_refused(content: bytes | None, dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    file = tmp_path / FILE_NAME
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(PoseError) as refused:
        train(*dots, tiny(), tmp_path / "out", Notes(), file)
    assert refused.value.code == "checkpoint.unreadable"


@pytest.mark.slow
def test_a_killed_training_resumes_to_the_same_bits(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    labels, folder = dots
    write_labels(labels, folder / "labels.parquet")
    spec = tmp_path / "spec.json"
    spec.write_text(tiny(epochs=8, validate_every=2).model_dump_json())
    whole = _events(_command(folder, spec, tmp_path / "whole"))
    _kill_after_two_checkpoints(_command(folder, spec, tmp_path / "killed"))
    epoch = read_progress(tmp_path / "killed" / "checkpoint" / FILE_NAME).epoch
    resumed = _events(
        [*_command(folder, spec, tmp_path / "killed"), "--resume", str(tmp_path / "killed" / "checkpoint")]
    )
    assert 4 <= epoch < 8
    assert [e["values"]["epoch"] for e in resumed if e["event"] == "metric"] == list(range(epoch + 1, 9))
    assert resumed[-1]["values"]["sha256"] == whole[-1]["values"]["sha256"]


def _command(folder: Path, spec: Path, out: Path) -> list[str]:
    labels = str(folder / "labels.parquet")
    return [sys.executable, "-m", "tailbase.cli", "train", labels, "--spec", str(spec), "--out", str(out), "--json"]


def _events(command: list[str]) -> list[dict[str, Any]]:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=200)
    return [json.loads(line) for line in done.stdout.splitlines()]


def _kill_after_two_checkpoints(command: list[str]) -> None:
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        saved = 0
        while saved < 2:
            line = child.stdout.readline()
            assert line, "the training ended before it was killed"
            saved += json.loads(line)["event"] == "artifact"
        os.kill(child.pid, signal.SIGKILL)


def test_a_training_ends_early_when_validation_finds_nothing_better(
    dots: Dots, tiny: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tailbase.training.loop.ENOUGH_TO_CHOOSE", 2)
    told: list[str] = []

    class Listening(Notes):
        def log(self, message: str) -> None:
            told.append(message)

    # With steps this small nothing gets better.
    spec = tiny(epochs=9, patience=2, learning_rate=1e-12, averaging=0.0, augment=AugmentSpec(noise=0))
    result = train(*dots, spec, tmp_path / "out", Listening())
    assert result["epochs"] < 9
    assert "2 validations found nothing better" in told[0]


def test_with_few_validation_images_the_final_weights_are_kept(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    spec = tiny(epochs=3, patience=1, learning_rate=1e-2, averaging=0.0)
    result = train(*dots, spec, tmp_path / "few", Notes())
    assert result["epochs"] == 3
    progress = read_progress(tmp_path / "few" / "checkpoint" / FILE_NAME)
    assert progress.best_px == pytest.approx(result["metrics"]["validation"]["mean_px"], rel=1e-3)


def test_half_precision_is_refused_on_a_cpu(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    with pytest.raises(PoseError) as refused:
        train(*dots, tiny(precision="float16", device="cpu"), tmp_path / "out", Notes())
    assert refused.value.code == "precision.unavailable"


@pytest.mark.gpu
@pytest.mark.skipif("not __import__('torch').cuda.is_available()", reason="needs a GPU")
def test_half_precision_learns_on_a_gpu(dots: Dots, tiny: Spec, tmp_path: Path) -> None:
    spec = tiny(precision="float16", device="cuda", epochs=60, validate_every=20, learning_rate=5e-3)
    notes = Notes()
    train(*dots, spec, tmp_path / "out", notes)
    assert notes.metrics[-1]["train_loss"] < notes.metrics[0]["train_loss"] / 1.5
    assert read_progress(tmp_path / "out" / "checkpoint" / FILE_NAME).scaler["scale"] > 0
