"""Processes that share a batch compute what one process would compute with all of it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from tailbase.errors import PoseError
from tailbase.formats.labels_parquet import write_labels
from tailbase.schema import Labels, TrainSpec
from tailbase.training.team import Team

TORCHRUN = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]


@pytest.mark.slow
def test_two_processes_equal_one_with_the_same_global_batch(
    dots: tuple[Labels, Path], tiny: Callable[..., TrainSpec], film: Callable[..., Path], tmp_path: Path
) -> None:
    labels, folder = dots
    write_labels(labels, folder / "labels.parquet")
    film()
    losses = {"temporal": 0.1, "temporal_epsilon_px": 0, "ramp_start": 0, "ramp_end": 0, "clip_length": 6, "clips": 2}
    # Small steps: Adam's divide by the gradient's size, which blows up the last digits where it is all but zero.
    spec = tmp_path / "spec.json"
    spec.write_text(tiny(epochs=3, losses=losses, learning_rate=1e-4, averaging=0.0).model_dump_json())

    def run(out: str, *launcher: str) -> tuple[list[dict[str, Any]], dict[str, torch.Tensor]]:
        words = [str(folder / "labels.parquet"), "--spec", str(spec), "--out", str(tmp_path / out), "--json"]
        command = [sys.executable, *launcher, "-m", "tailbase.cli", "train", *words, "--videos"]
        done = subprocess.run(
            [*command, str(tmp_path / "videos")], check=True, capture_output=True, text=True, timeout=250
        )
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        metrics = [event["values"] for event in events if event["event"] == "metric"]
        return metrics, load_file(tmp_path / out / "model" / "weights.safetensors")

    alone, weights = run("alone")
    shared, same = run("shared", *TORCHRUN)
    assert len(alone) == len(shared) == 3
    for one, other in zip(alone, shared, strict=True):
        for name in ("train_loss", "loss_supervised", "loss_temporal", "validation_px"):
            assert other[name] == pytest.approx(one[name], rel=2e-3), name
    off = {name: float((weights[name].float() - same[name].float()).abs().max()) for name in weights}
    assert max(off.values()) < 1e-3


def test_shares_are_neighbours_and_leave_nobody_out() -> None:
    shares = [Team(rank, 3).share(list(range(8))) for rank in range(3)]
    assert shares == [[0, 1, 2], [3, 4, 5], [6, 7]]


def test_more_processes_than_images_are_refused() -> None:
    with pytest.raises(PoseError) as refused:
        Team(0, 4).share([1, 2, 3])
    assert refused.value.code == "training.too_many_processes"
