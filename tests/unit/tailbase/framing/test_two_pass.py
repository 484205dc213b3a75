"""A coarse network finds the animals, a second one looks at boxes around them: trained, resumed, tested, predicted."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tailbase.errors import PoseError
from tailbase.evaluation.model import evaluate_model
from tailbase.formats.predictions_parquet import read_predictions
from tailbase.framing.boxes import Box, cut, steady
from tailbase.framing.finder import Finder, save_finder
from tailbase.framing.individuals import sets_of
from tailbase.framing.locate import locate
from tailbase.inference.export import export_onnx
from tailbase.inference.predict import engine_for, predict_video
from tailbase.inference.results import Member
from tailbase.inference.still_images import predict_files
from tailbase.networks.architectures import new_tracker
from tailbase.networks.model_folder import FACTS, WEIGHTS, Coarse, load_model, sha256
from tailbase.networks.resize import resize, to_source
from tailbase.progress import SilentReporter
from tailbase.schema import Labels, PredictSpec, TrainSpec
from tailbase.training.clip_process import OpenVideos
from tailbase.training.clips import ClipPlan
from tailbase.training.loop import train
from tailbase.video.reader import open_video

Animals = tuple[Labels, Path]
Spec = Callable[..., TrainSpec]


class Keeper(SilentReporter):
    """Keeps a copy of every checkpoint."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: list[Path] = []

    def artifact(self, name: str, path: str) -> None:
        self.folder.mkdir(exist_ok=True)
        self.kept.append(Path(shutil.copy(path, self.folder / f"{len(self.kept)}.safetensors")))


def predicted(model: Path, film: Path, out: Path, **fields: Any) -> tuple[np.ndarray, np.ndarray]:
    values = {"batch_size": 4, "precision": "float32", "device": "cpu", "engine": "torch", **fields}
    spec = PredictSpec.model_validate(values)
    tracker, facts = load_model(model)
    member = Member(engine_for(tracker, facts, [film], spec, SilentReporter()), facts)
    result = predict_video([member], film, [out], spec, SilentReporter())[0]
    found = read_predictions(Path(result["parquet"]))
    assert found.individuals == ("anna", "bert")
    return found.points, found.likelihood


def test_a_training_resumed_in_either_stage_gives_the_same_model(animals: Animals, spec: Spec, tmp_path: Path) -> None:
    keeper = Keeper(tmp_path / "kept")
    train(*animals, spec(epochs=4), tmp_path / "whole", keeper)
    assert len(keeper.kept) == 2 + 4
    wanted = tmp_path / "whole" / "model"
    for at in (0, 1, 3):
        train(*animals, spec(epochs=4), tmp_path / f"from{at}", SilentReporter(), keeper.kept[at])
        assert sha256(tmp_path / f"from{at}" / "model" / WEIGHTS) == sha256(wanted / WEIGHTS)
    with pytest.raises(PoseError, match="other settings"):
        train(*animals, spec(epochs=5), tmp_path / "other", SilentReporter(), keeper.kept[4])


def test_a_model_predicts_both_animals_in_its_boxes_as_it_was_tested(
    animals: Animals, spec: Spec, film: Path, tmp_path: Path
) -> None:
    result = train(*animals, spec(), tmp_path / "out", SilentReporter())
    model = tmp_path / "out" / "model"
    again = evaluate_model(model, *animals, "test")
    assert again["mean_px"] == pytest.approx(result["metrics"]["test"]["mean_px"], rel=0.05)
    tracker, facts = load_model(model)
    assert facts.individuals == ("anna", "bert")
    points, _ = predicted(model, film, tmp_path / "all")
    assert points.shape == (24, 2, 3, 2)
    with open_video(film) as reader:
        pictures = [torch.from_numpy(image).permute(2, 0, 1) for image in reader.frames()]
    assert tracker.coarse is not None and facts.coarse is not None  # noqa: PT018 (for the type checker)
    whole = Box(0, 0, 200, 160)
    centres = steady(locate(tracker.coarse, facts.coarse, pictures, [whole] * 24), whole.middle)
    for which in (0, 1):
        box = Box.around(centres[9, which], *facts.coarse.sizes[which])
        image = resize(cut(pictures[9], box), (64, 64))
        with torch.inference_mode():
            found, _ = tracker.decode(tracker(image[None].float()))
        wanted = to_source(found[0], box.size, (64, 64)).numpy() + np.array([box.x, box.y])
        assert np.allclose(points[9, which], wanted, atol=0.05)


def test_a_video_in_segments_gives_what_the_whole_one_gives(
    animals: Animals, spec: Spec, film: Path, tmp_path: Path
) -> None:
    train(*animals, spec(architecture="context"), tmp_path / "out", SilentReporter(), videos=[film])
    model = tmp_path / "out" / "model"
    points, likelihood = predicted(model, film, tmp_path / "all")
    parts = [
        predicted(model, film, tmp_path / f"part{a}", first_frame=a, last_frame=b)
        for a, b in ((0, 6), (7, 15), (16, 23))
    ]
    assert np.array_equal(np.concatenate([part[0] for part in parts]), points)
    assert np.array_equal(np.concatenate([part[1] for part in parts]), likelihood)


def test_clips_are_cut_around_an_animal(animals: Animals, spec: Spec, film: Path, tmp_path: Path) -> None:
    settings = spec(
        epochs=80, learning_rate=5e-3, backbone_rate=1.0, averaging=0.9, validate_every=80,
        framing={"mode": "whole", "fit": "stretch"}, augment={"rotation_degrees": 0, "erase_probability": 0},
    )  # fmt: skip
    train(*animals, settings, tmp_path / "out", SilentReporter())
    tracker, facts = load_model(tmp_path / "out" / "model")
    coarse = Coarse(spec=facts.spec, sizes=((48, 48), (40, 40)))
    save_finder(tmp_path / "finder", tracker.state_dict(), coarse, facts.skeleton)
    finder = Finder(tmp_path / "finder", torch.device("cpu"))
    with open_video(film) as reader:
        pictures = [torch.from_numpy(image).permute(2, 0, 1) for image in reader.frames(4, 8)]
    boxes = [finder.box(pictures, Box(0, 0, 200, 160), number) for number in (0, 1)]
    assert [box.size for box in boxes] == [(48, 48), (40, 40)]
    plan = ClipPlan((str(film),), 4, 2, 64, 64, 0, "stretch", (), str(tmp_path / "finder"))
    clip, _ = OpenVideos(plan).clip(1)
    assert clip.source == (40, 40)


def test_a_clip_without_an_animal_is_passed_over(animals: Animals, spec: Spec, film: Path, tmp_path: Path) -> None:
    coarse = Coarse(spec=spec(framing={"mode": "whole"}), sizes=((48, 48), (40, 40)))
    tracker = new_tracker(coarse.spec, sets_of(animals[0].skeleton, 2))
    save_finder(tmp_path / "finder", tracker.state_dict(), coarse, animals[0].skeleton)
    plan = ClipPlan((str(film),), 4, 2, 64, 64, 0, "stretch", (), str(tmp_path / "finder"))
    with pytest.raises(PoseError, match="no animal is seen there"):
        OpenVideos(plan).clip(1)


def test_separate_animals_are_found_in_whole_images_too(
    animals: Animals, spec: Spec, film: Path, tmp_path: Path
) -> None:
    whole = spec(framing={"mode": "whole"})
    result = train(*animals, whole, tmp_path / "out", SilentReporter())
    model = tmp_path / "out" / "model"
    assert set(result["metrics"]["test"]["per_keypoint"]) == {"nose", "ear", "tail"}
    again = evaluate_model(model, *animals, "test")
    assert again["mean_px"] == pytest.approx(result["metrics"]["test"]["mean_px"], rel=1e-4)
    points, likelihood = predicted(model, film, tmp_path / "all")
    assert points.shape == (24, 2, 3, 2)
    listed = [ref.path for ref in animals[0].images]
    predict_files(model, animals[1], listed, tmp_path / "still.f32", PredictSpec(device="cpu"), SilentReporter())
    still = np.fromfile(tmp_path / "still.f32", "<f4").reshape(len(listed), 2, 3, 3)
    assert np.allclose(still[3, ..., 2], likelihood[6], atol=0.2)


def test_a_two_pass_model_is_no_onnx_file(animals: Animals, spec: Spec, tmp_path: Path) -> None:
    train(*animals, spec(epochs=1), tmp_path / "out", SilentReporter())
    with pytest.raises(PoseError, match="two networks"):
        export_onnx(*load_model(tmp_path / "out" / "model"), tmp_path / "net.onnx", 4)


def test_a_model_from_before_framing_was_told_is_stretched(animals: Animals, spec: Spec, tmp_path: Path) -> None:
    train(*animals, spec(framing={"mode": "whole"}, epochs=1), tmp_path / "out", SilentReporter())
    facts = tmp_path / "out" / "model" / FACTS
    told = load_model(tmp_path / "out" / "model")[1].model_dump(mode="json")
    del told["spec"]["framing"]
    facts.write_text(json.dumps(told))
    assert load_model(tmp_path / "out" / "model")[1].spec.framing.fit == "stretch"
