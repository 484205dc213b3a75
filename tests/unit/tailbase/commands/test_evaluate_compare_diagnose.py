"""The verbs that say how good a model is, as a person or the worker calls them."""

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
    "batch_size": 4, "precision": "float32", "split": {"method": "random", "validation": 0.25, "test": 0.25},
}  # fmt: skip


@pytest.fixture(autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def _write_labels(folder: Path, name: str) -> Path:
    rows = ["scorer,ann,ann,ann,ann", "bodyparts,nose,nose,tail,tail", "coords,x,y,x,y"]
    rows += [f"labeled-data/day1/img{number:04}.png,{10 + number},20,40,{30 - number}" for number in range(8)]
    (folder / name).write_text("\n".join(rows) + "\n")
    return folder / name


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A Lightning Pose project of eight images, a film, and a spec."""
    folder = tmp_path / "a project"
    images = folder / "labeled-data" / "day1"
    images.mkdir(parents=True)
    random = np.random.default_rng(0)
    for number in range(8):
        Image.fromarray(random.integers(0, 255, (48, 64, 3), np.uint8)).save(images / f"img{number:04}.png")
    _write_labels(folder, "CollectedData.csv")
    (tmp_path / "spec.json").write_text(json.dumps(SPEC))
    with av.open(str(tmp_path / "film.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(6):
            frame = av.VideoFrame.from_ndarray(random.integers(0, 255, (48, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return folder


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    """The values of the result, or the error."""
    capsys.readouterr()
    main([*map(str, arguments), "--json"])
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    return last if last["event"] == "error" else last["values"]


def _train(capsys: pytest.CaptureFixture[str], project: Path, seed: int) -> Path:
    out = project.parent / f"model {seed}"
    spec = json.loads((project.parent / "spec.json").read_text())
    (project.parent / "spec.json").write_text(json.dumps(spec | {"seed": seed}))
    assert "sha256" in _run(capsys, "train", project, "--out", out, "--spec", project.parent / "spec.json")
    return out / "model"


def test_models_are_measured_compared_and_shown(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = [_train(capsys, project, seed) for seed in (0, 1)]
    known = {"labeled-data/day1/img0003.png": {"id": "f3", "fields": {"rig": "A", "domain": "ood"}}}
    (tmp_path / "known.json").write_text(json.dumps(known))
    for model in models:
        options = ["--out", model.parent / "errors", "--images", tmp_path / "known.json"]
        assert _run(capsys, "evaluate", model, project, *options)["points"] == 16
    summary = json.loads((models[0].parent / "errors" / "summary.json").read_text())
    assert set(summary["sets"]) == {"test", "validation", "train", "all"}
    assert summary["sets"]["all"]["domains"]["OOD"]["images"] == 1
    assert list(summary["sets"]["all"]["fields"]["rig"]) == ["A"]
    assert {one["id"] for one in summary["worst"]} == {None, "f3"}

    compared = _run(capsys, "compare", *(model.parent / "errors" for model in models), "--names", "a", "b")
    assert set(compared["spread"]["mean_px"]) == {"a", "b", "median of all"}
    assert (compared["trainings"]["trainings"], compared["trainings"]["enough"]) == (["a", "b"], False)

    drawn = _run(capsys, "heatmap", models[0], tmp_path / "film.mp4", 3, "--out", tmp_path / "map.png")
    assert set(drawn["keypoints"]) == {"nose", "tail"}
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.size == (64, 64)
    over = ("--overlay", "--keypoint", "nose", "--crop", "0,0,32,16", "--out", tmp_path / "over.png")
    laid = _run(capsys, "heatmap", models[0], tmp_path / "film.mp4", 3, *over)
    assert list(laid["keypoints"]) == ["nose"]
    assert laid["region"] == {"x": 0, "y": -8, "width": 32, "height": 32}
    with Image.open(tmp_path / "over.png") as picture:
        assert (picture.mode, picture.getextrema()[3][1]) == ("RGBA", 255)

    poses = tmp_path / "poses"
    _run(capsys, "predict", models[0], tmp_path / "film.mp4", "--out", poses)
    told = _run(capsys, "diagnose", poses / "film.parquet", "--labels", project, "--out", tmp_path / "measures")
    video = told["videos"][0]
    assert video["frame_count"] == 6
    assert video["measures"]["temporal_norm"]["mean_px"] > 0
    assert "views" in video["missing"]["multiview_pca"]
    assert Path(video["parquet"]).is_file()


def test_labels_in_a_file_that_ends_in_new_are_out_of_domain(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _train(capsys, project, 0)
    unseen = _write_labels(project, "CollectedData_new.csv")
    _run(capsys, "evaluate", model, unseen, "--out", tmp_path / "errors")
    summary = json.loads((tmp_path / "errors" / "summary.json").read_text())
    assert list(summary["sets"]["all"]["domains"]) == ["OOD"]


def test_a_frame_the_video_does_not_have_is_refused(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = _train(capsys, project, 0)
    error = _run(capsys, "heatmap", model, tmp_path / "film.mp4", 6, "--out", tmp_path / "map.png")
    assert (error["code"], "0 to 5" in error["message"]) == ("heatmap.no_such_frame", True)


def test_evaluations_need_a_name_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(capsys, "compare", tmp_path, tmp_path / "b", "--names", "a")["code"] == "compare.names"
