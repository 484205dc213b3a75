"""Models for other machines and other programs."""

import json
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import onnxruntime
import pytest
import torch

from tailbase.cli import main
from tailbase.formats.labels_parquet import write_labels
from tailbase.networks.architectures import new_tracker
from tailbase.networks.model_folder import ModelFacts, SplitPaths, load_model, save_facts, save_weights
from tailbase.schema import ImageRef, Keypoint, Labels, PointState, Skeleton, TrainSpec
from tailbase.training.run import labels_sha256

SKELETON = Skeleton(keypoints=(Keypoint(name="nose"), Keypoint(name="tail")))


@dataclass(frozen=True)
class Lab:
    """A film, two models and their labels."""

    film: Path
    models: tuple[Path, Path]
    labels: Path


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    torch.set_num_threads(1)
    points = np.array([[[[10.0, 20.0], [40.0, 30.0]]]])
    states = np.full((1, 1, 2), PointState.VISIBLE, np.int8)
    labels = Labels(SKELETON, ("animal",), (ImageRef(path="one.png"),), points, states)
    write_labels(labels, tmp_path / "labels.parquet")
    models = tuple(_model(tmp_path / name, labels, name) for name in ("heatmap", "context"))
    return Lab(_film(tmp_path / "film.mp4"), (models[0], models[1]), tmp_path / "labels.parquet")


def _model(folder: Path, labels: Labels, architecture: str) -> Path:
    spec = TrainSpec.model_validate(
        {"architecture": architecture, "backbone": "compact", "weights": "none", "image_height": 64,
         "image_width": 64, "head_width": 8}
    )  # fmt: skip
    torch.manual_seed(0)
    facts = ModelFacts(
        skeleton=SKELETON, individuals=("animal",), spec=spec, split=SplitPaths(train=("one.png",)),
        metrics={"validation": {"mean_px": 3.5}}, labels_sha256=labels_sha256(labels),
        weights_sha256=save_weights(folder, new_tracker(spec, SKELETON).state_dict()), tailbase_version="0",
        created_at=datetime.now(UTC),
    )  # fmt: skip
    save_facts(folder, facts)
    return folder


def _film(path: Path) -> Path:
    random = np.random.default_rng(0)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(9):
            frame = av.VideoFrame.from_ndarray(random.integers(0, 255, (48, 64, 3), np.uint8), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """The values of the result, or the error."""
    capsys.readouterr()
    main([*map(str, arguments), "--json"])
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    return dict(last["values"] if last["event"] == "result" else last)


def test_a_bundle_predicts_as_its_model_does(lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bundle = tmp_path / "elsewhere" / "mice.zip"
    made = _run(capsys, "bundle", lab.models[0], "--labels", lab.labels, "--out", bundle)
    assert made["size_bytes"] == bundle.stat().st_size
    blocks = [
        Path(_run(capsys, "predict", model, lab.film, "--out", tmp_path / name)["predictions"][0]["block"]).read_bytes()
        for model, name in ((lab.models[0], "a"), (bundle, "b"))
    ]
    assert len(blocks[0]) == 9 * 2 * 3 * 4
    assert blocks[0] == blocks[1]


def test_a_bundle_holds_weights_spec_split_metrics_labels_and_versions(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(capsys, "bundle", lab.models[0], "--labels", lab.labels, "--out", tmp_path / "mice.zip")
    with zipfile.ZipFile(tmp_path / "mice.zip") as archive:
        assert archive.read("labels.parquet") == lab.labels.read_bytes()
        facts = json.loads(archive.read("model.json"))
        assert facts["metrics"] == {"validation": {"mean_px": 3.5}}
        assert facts["split"]["train"] == ["one.png"]
        assert facts["spec"]["backbone"] == "compact"
        assert json.loads(archive.read("versions.json"))["torch"] == torch.__version__.partition("+")[0]
        assert archive.read("weights.safetensors") == (lab.models[0] / "weights.safetensors").read_bytes()


def test_other_labels_than_the_model_learnt_are_refused(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    points = np.zeros((1, 1, 2, 2))
    states = np.full((1, 1, 2), PointState.VISIBLE, np.int8)
    write_labels(Labels(SKELETON, ("animal",), (ImageRef(path="one.png"),), points, states), tmp_path / "new.parquet")
    refused = _run(capsys, "bundle", lab.models[0], "--labels", tmp_path / "new.parquet", "--out", tmp_path / "x.zip")
    assert refused["code"] == "bundle.other_labels"
    assert not (tmp_path / "x.zip").exists()


@pytest.mark.parametrize("content", [b"", b"no zip file", None])
def test_a_file_that_is_no_bundle_is_refused(
    content: bytes | None, lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mice.zip"
    if content is not None:
        file.write_bytes(content)
    refused = _run(capsys, "predict", file, lab.film, "--out", tmp_path / "out")
    assert refused["code"] == "model.not_a_model"


def test_a_bundle_whose_weights_were_changed_is_refused(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mice.zip"
    with zipfile.ZipFile(file, "w") as archive:
        archive.write(lab.models[0] / "model.json", "model.json")
        archive.write(lab.models[1] / "weights.safetensors", "weights.safetensors")
        archive.writestr("../../outside.txt", "never read")
    refused = _run(capsys, "predict", file, lab.film, "--out", tmp_path / "out")
    assert refused["code"] == "model.not_a_model"
    assert not (tmp_path.parent / "outside.txt").exists()


def test_models_named_together_share_the_video_and_have_a_folder_each(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    both = _run(capsys, "predict", lab.models[0], lab.film, "--also", lab.models[1], "--out", tmp_path / "out")
    assert [Path(one["parquet"]) for one in both["predictions"]] == [
        tmp_path / "out" / name / "film.parquet" for name in ("heatmap", "context")
    ]
    alone = _run(capsys, "predict", lab.models[1], lab.film, "--out", tmp_path / "alone")["predictions"][0]
    assert Path(both["predictions"][1]["block"]).read_bytes() == Path(alone["block"]).read_bytes()


def test_models_of_the_same_name_are_refused(lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    refused = _run(capsys, "predict", lab.models[0], lab.film, "--also", lab.models[0], "--out", tmp_path / "out")
    assert refused["code"] == "predict.same_names"


@pytest.mark.parametrize("number", [0, 1])
def test_an_onnx_file_finds_the_points_without_tailbase(
    number: int, lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "network.onnx"
    made = _run(capsys, "export", lab.models[number], "--to", "onnx", "--out", file, "--frames", 4)
    tracker, facts = load_model(lab.models[number])
    assert made["model_sha256"] == facts.weights_sha256
    frames = 4 + 2 * tracker.reach
    images = np.random.default_rng(0).integers(0, 255, (frames, 3, 64, 64)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    points, likelihood = session.run(["points", "likelihood"], {"images": images})
    with torch.inference_mode():
        exact, sure = tracker.decode(tracker.clip(torch.from_numpy(images)))
    assert np.allclose(points, exact, atol=1e-2)
    assert np.allclose(likelihood, sure, atol=1e-4)
    told = session.get_modelmeta().custom_metadata_map
    assert json.loads(told["keypoints"]) == ["nose", "tail"]
    assert told["reach"] == str(tracker.reach)


def test_an_onnx_file_of_a_single_image_network_takes_any_number_of_images(
    lab: Lab, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(capsys, "export", lab.models[0], "--out", tmp_path / "network.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "network.onnx"), providers=["CPUExecutionProvider"])
    images = np.zeros((3, 3, 64, 64), np.float32)
    assert session.run(["points"], {"images": images[:1]})[0].shape == (1, 2, 2)
    assert session.run(["points"], {"images": images})[0].shape == (3, 2, 2)


def test_the_engines_of_this_machine_are_measured(lab: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    measured = _run(capsys, "engines", lab.models[0], lab.film, "--precision", "float32", "--batch-size", 2)
    assert measured["precision"] == "float32"
    assert measured["engine"] in {"torch", "onnxruntime", "openvino"}
    assert set(measured["frames_per_second"]) == {
        "torch float32 channels-last", "OpenVINO float32", "ONNX Runtime float32",
    }  # fmt: skip
