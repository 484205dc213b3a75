"""The verbs of the library's main path, as a person or the worker calls them."""

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import torch
from PIL import Image

from tailbase.cli import main

SPEC = {
    "backbone": "compact", "weights": "none", "image_height": 64, "image_width": 64, "head_width": 8, "epochs": 1,
    "batch_size": 4, "precision": "float32", "split": {"validation": 0.25, "test": 0.25},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Lightning Pose project of eight images, a film, and a spec."""
    folder = tmp_path / "a project"
    images = folder / "labeled-data" / "day1"
    images.mkdir(parents=True)
    rows = ["scorer,ann,ann,ann,ann", "bodyparts,nose,nose,tail,tail", "coords,x,y,x,y"]
    random = np.random.default_rng(0)
    for number in range(8):
        Image.fromarray(random.integers(0, 255, (48, 64, 3), np.uint8)).save(images / f"img{number:04}.png")
        rows.append(f"labeled-data/day1/img{number:04}.png,{10 + number},20,40,{30 - number}")
    (folder / "CollectedData.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(6):
            frame = av.VideoFrame.from_ndarray(random.integers(0, 255, (48, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return folder


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[dict[str, Any]]]:
    capsys.readouterr()
    status = main([*map(str, arguments), "--json"])
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_labels_become_a_model_and_a_model_gives_poses_and_figures(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    spec, out = tmp_path / "spec.json", tmp_path / "out"
    status, events = _run(capsys, "train", project, "--out", out, "--spec", spec, "--epochs", 2)
    trained = events[-1]["values"]
    assert (status, events[-1]["event"], trained["epochs"]) == (0, "result", 2)
    assert {"progress", "metric", "artifact"} <= {event["event"] for event in events}

    status, events = _run(capsys, "predict", out / "model", tmp_path / "film.mp4", "--out", tmp_path / "poses", "--csv")
    found = events[-1]["values"]["predictions"][0]
    assert (status, found["frame_count"], found["keypoints"]) == (0, 6, ["nose", "tail"])
    assert len((tmp_path / "poses" / "film.csv").read_text().splitlines()) == 3 + 6

    status, events = _run(capsys, "evaluate", out / "model", project / "CollectedData.csv", "--split", "test")
    assert status == 0
    assert events[-1]["values"] == trained["metrics"]["test"]


def test_a_checkpoint_folder_resumes_a_training(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["train", project, "--out", tmp_path / "out", "--spec", tmp_path / "spec.json"]
    _, events = _run(capsys, *command)
    _, again = _run(capsys, *command, "--resume", tmp_path / "out" / "checkpoint")
    assert again[-1]["values"]["sha256"] == events[-1]["values"]["sha256"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--epochs", "0"], "epochs"),
        (["--image-width", "100"], "image_width"),
        (["--learning-rate", "nan"], "learning_rate"),
        (["--device", "tpu"], "device"),
    ],
)
def test_settings_out_of_range_are_named(
    arguments: list[str], word: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, events = _run(capsys, "train", project, "--out", tmp_path / "out", *arguments)
    assert status == 2
    assert events[-1]["code"] == "spec.invalid"
    assert word in events[-1]["message"]


@pytest.mark.parametrize("content", ["not json", "[1]", '{"colour": "red"}'])
def test_a_spec_file_that_is_wrong_is_refused(
    content: str, project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "spec.json").write_text(content)
    status, events = _run(capsys, "train", project, "--out", tmp_path / "out", "--spec", tmp_path / "spec.json")
    assert status == 2
    assert events[-1]["code"] == "spec.invalid"


def test_an_unknown_backbone_is_refused(project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spec = tmp_path / "spec.json"
    status, events = _run(capsys, "train", project, "--out", tmp_path, "--spec", spec, "--backbone", "resnet19")
    assert status == 2
    assert events[-1]["code"] == "backbone.unknown"


def test_two_videos_of_the_same_name_are_refused(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, events = _run(capsys, "predict", tmp_path, "a/film.mp4", "b/film.mp4", "--out", tmp_path)
    assert status == 2
    assert events[-1]["code"] == "predict.same_names"
