"""A training that begins with an earlier model's weights."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tailbase.cli import main
from tailbase.networks.model_folder import load_model
from tailbase.progress import JsonReporter
from tailbase.schema import Keypoint, Labels, Skeleton, TrainSpec
from tailbase.training.loop import train
from tailbase.training.warm_start import take_weights


@pytest.fixture
def earlier(dots: tuple[Labels, Path], tiny: Callable[..., TrainSpec], tmp_path: Path) -> Path:
    train(*dots, tiny(epochs=1), tmp_path / "earlier", JsonReporter())
    return tmp_path / "earlier" / "model"


def test_a_training_begins_where_the_earlier_model_ended(
    dots: tuple[Labels, Path], tiny: Callable[..., TrainSpec], earlier: Path, tmp_path: Path
) -> None:
    spec = tiny(epochs=1, learning_rate=1e-9, augment={"rotation_degrees": 0})
    train(*dots, spec, tmp_path / "next", JsonReporter(), start=earlier)
    weights, before = (load_model(folder)[0].state_dict() for folder in (tmp_path / "next" / "model", earlier))
    learned = [name for name in before if before[name].is_floating_point() and "running" not in name]
    assert all(torch.allclose(weights[name], before[name], atol=1e-5) for name in learned)


def test_with_other_keypoints_only_the_backbone_is_taken(earlier: Path) -> None:
    tracker, facts = load_model(earlier)
    names = reversed(facts.skeleton.names)
    other = Skeleton(keypoints=tuple(Keypoint(name=name) for name in names))
    fresh = {name: torch.zeros_like(value) for name, value in tracker.state_dict().items()}
    known = {name: value.clone() for name, value in tracker.state_dict().items()}
    tracker.load_state_dict(fresh)
    take_weights(tracker, other, earlier)
    taken = {name for name, value in tracker.state_dict().items() if known[name].any() and value.equal(known[name])}
    assert taken == {name for name in known if name.startswith("backbone.") and known[name].any()}


def test_images_are_predicted_one_by_one_as_they_are_in_training(
    dots: tuple[Labels, Path], earlier: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [ref.path for ref in dots[0].images]
    (tmp_path / "list.txt").write_text("\n".join(names))
    capsys.readouterr()
    assert (
        main(["predict-images", str(earlier), str(tmp_path / "list.txt"), "--out", str(tmp_path / "p"), "--json"]) == 0
    )
    result = json.loads(capsys.readouterr().out.splitlines()[-1])["values"]
    assert (result["images"], result["individuals"], len(result["keypoints"])) == (10, ["animal"], 3)
    poses = torch.frombuffer(bytearray((tmp_path / "p").read_bytes()), dtype=torch.float32).reshape(10, 1, 3, 3)
    assert poses[..., 2].min() >= 0
    assert poses[..., 2].max() <= 1
