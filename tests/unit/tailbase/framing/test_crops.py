"""A fixed crop of a video: in labelled images, clips and predictions, with points in pixels of the whole video."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tailbase.commands.crop_options import cropped, read_crops
from tailbase.errors import PoseError
from tailbase.formats.labels_parquet import read_labels, write_labels
from tailbase.formats.predictions_parquet import read_predictions
from tailbase.framing.facts import facts_of
from tailbase.inference.predict import engine_for, predict_video
from tailbase.inference.results import Member
from tailbase.networks.model_folder import load_model
from tailbase.networks.resize import resize
from tailbase.progress import SilentReporter
from tailbase.schema import Crop, ImageRef, Labels, PredictSpec, TrainSpec
from tailbase.training.clip_process import OpenVideos
from tailbase.training.clips import ClipPlan, places
from tailbase.training.dataset import TrainingImages
from tailbase.training.loop import train
from tailbase.video.reader import open_video

Animals = tuple[Labels, Path]
Spec = Callable[..., TrainSpec]
CROP = Crop(x=10, y=20, width=120, height=60)


def one(labels: Labels) -> Labels:
    return replace(labels, individuals=labels.individuals[:1], points=labels.points[:, :1], states=labels.states[:, :1])


def test_labelled_images_are_cut_before_they_are_resized(animals: Animals, tmp_path: Path) -> None:
    labels, folder = one(animals[0]), animals[1]
    cut = cropped(labels, {"film": CROP})
    data = TrainingImages(cut, folder, (64, 64), fit="keep")
    for ref in labels.images:
        part = np.asarray(Image.open(folder / ref.path))[20:80, 10:130]
        (folder / "cut").mkdir(exist_ok=True)
        Image.fromarray(part).save(folder / "cut" / ref.path)
    moved = replace(labels, points=labels.points - [10, 20])
    wanted = TrainingImages(moved, folder / "cut", (64, 64), fit="keep")
    assert torch.equal(data.images([2, 5]), wanted.images([2, 5]))
    assert torch.allclose(data.points, wanted.points)
    assert np.allclose(data.to_original(data.points[2], 2).numpy(), labels.points[2, 0], atol=1e-4)


def test_crops_survive_in_a_labels_file(animals: Animals, tmp_path: Path) -> None:
    labels = cropped(animals[0], {"film": CROP})
    some = (ImageRef(path="other.png"), *labels.images[1:])
    write_labels(replace(labels, images=some), tmp_path / "labels.parquet")
    assert {ref.path: ref.crop for ref in read_labels(tmp_path / "labels.parquet").images} == {
        ref.path: ref.crop for ref in some
    }


def test_clips_of_a_cropped_video_are_cut_alike(film: Path) -> None:
    plan = ClipPlan((str(film),), 4, 2, 64, 64, 0, "keep", ((10, 20, 120, 60),))
    clip, _ = OpenVideos(plan).clip(3)
    first = next(iter(places(plan, 3))).first_frame(24, 4)
    with open_video(film) as reader:
        frame = torch.from_numpy(reader.frame(first)).permute(2, 0, 1)
    assert torch.equal(clip.frames[0], resize(frame[:, 20:80, 10:130], (64, 64), "keep"))
    assert clip.source == (60, 120)


@pytest.mark.parametrize("mode", ["whole", "two_pass"])
def test_points_in_a_cropped_video_are_in_pixels_of_the_whole_one(
    mode: str, animals: Animals, spec: Spec, film: Path, tmp_path: Path
) -> None:
    settings = spec(framing={"mode": mode, "coarse_side": 64}, individuals="refuse")
    train(cropped(one(animals[0]), {"film": CROP}), animals[1], settings, tmp_path / "out", SilentReporter())
    tracker, facts = load_model(tmp_path / "out" / "model")
    spec_ = PredictSpec(batch_size=4, precision="float32", device="cpu", engine="torch", crop=CROP)
    member = Member(engine_for(tracker, facts, [film], spec_, SilentReporter()), facts)
    found = predict_video([member], film, [tmp_path / "poses"], spec_, SilentReporter())[0]
    points = read_predictions(Path(found["parquet"])).points
    if mode == "whole":
        with open_video(film) as reader:
            frame = torch.from_numpy(reader.frame(5)).permute(2, 0, 1)[:, 20:80, 10:130]
        with torch.inference_mode():
            wanted, _ = tracker.decode(tracker(resize(frame, (64, 64), "keep")[None].float()))
        scale = 120 / 64
        assert np.allclose(points[5, 0, :, 0], (wanted[0, :, 0].numpy() + 0.5) * scale - 0.5 + 10, atol=0.05)
    wide = PredictSpec(batch_size=4, device="cpu", crop=Crop(x=150, y=0, width=100, height=50))
    with pytest.raises(PoseError, match="reaches beyond"):
        predict_video([member], film, [tmp_path / "poses"], wide, SilentReporter())


def test_the_command_line_names_crops_by_video() -> None:
    assert read_crops(["film=10,20,120,60", "a=b=1,2,30,40"]) == {"film": CROP, "a=b": Crop.model_validate("1,2,30,40")}
    for wrong in ("10,20,120,60", "film=10,20,120", "film=10,20,120,0"):
        with pytest.raises(PoseError) as refused:
            read_crops([wrong])
        assert refused.value.code == "spec.invalid"


def test_facts_of_a_project_tell_aspect_and_share_of_the_animal(animals: Animals) -> None:
    facts = facts_of(*animals, 1)
    assert (facts.images, facts.longest_side, facts.videos) == (12, 200, 1)
    assert facts.aspect == pytest.approx(200 / 160)
    assert facts.animal_share == pytest.approx(14 / 200)
    assert facts_of(cropped(animals[0], {"film": CROP}), animals[1], 1).aspect == 2
