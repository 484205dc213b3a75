"""Every architecture goes the whole way: labels in, a model on disk, poses of a video out."""

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from pydantic import ValidationError

from tailbase.formats.predictions_parquet import read_predictions
from tailbase.inference.predict import engine_for, predict_video
from tailbase.inference.results import Member
from tailbase.networks.model_folder import load_model
from tailbase.progress import SilentReporter
from tailbase.schema import Architecture, Labels, LossSpec, PredictSpec, TrainSpec
from tailbase.training.loop import train


@pytest.mark.parametrize(
    ("architecture", "temporal"),
    [("context", 0.0), ("regression", 0.1), ("leap", 0.0), ("scoremap", 0.0)],
)
def test_it_learns_and_predicts(
    architecture: Architecture,
    temporal: float,
    dots: tuple[Labels, Path],
    tiny: Callable[..., TrainSpec],
    film: Callable[..., Path],
    tmp_path: Path,
) -> None:
    torch.set_num_threads(1)
    video = film(frames=12)
    losses = LossSpec(temporal=temporal, ramp_start=0, ramp_end=0, clip_length=6)
    spec = tiny(architecture=architecture, epochs=1, head_width=8, losses=losses)
    result = train(*dots, spec, tmp_path / "out", SilentReporter(), videos=[video])
    assert math.isfinite(result["metrics"]["validation"]["mean_px"])
    tracker, facts = load_model(tmp_path / "out" / "model")
    simple = PredictSpec(precision="float32", engine="torch")
    engine = engine_for(tracker, facts, [video], simple, SilentReporter())
    predict_video([Member(engine, facts)], video, [tmp_path / "poses"], simple, SilentReporter())
    found = read_predictions(tmp_path / "poses" / "film.parquet")
    assert found.points.shape == (12, 1, 3, 2)
    assert np.isfinite(found.points).all()
    assert ((found.likelihood >= 0) & (found.likelihood <= 1)).all()


def test_leap_starts_from_random_weights() -> None:
    assert TrainSpec(architecture="leap").weights == "none"
    assert TrainSpec().weights == "imagenet"
    with pytest.raises(ValidationError, match="no ImageNet weights"):
        TrainSpec(architecture="leap", weights="imagenet")


def test_deeplabcuts_maps_are_coarser() -> None:
    assert TrainSpec(architecture="scoremap").downsample_factor == 3
    assert TrainSpec().downsample_factor == 2
