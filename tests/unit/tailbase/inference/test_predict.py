"""Poses in a video, written as Parquet and as a block."""

import hashlib
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tailbase.errors import PoseError
from tailbase.formats.predictions_parquet import read_predictions
from tailbase.inference.engine import Found, Images
from tailbase.inference.predict import engine_for, predict_video
from tailbase.inference.results import Member
from tailbase.networks.context import ContextTracker
from tailbase.networks.heatmap import HeatmapTracker
from tailbase.networks.heatmaps import decode
from tailbase.networks.model_folder import ModelFacts
from tailbase.networks.resize import resize, to_source
from tailbase.networks.tracker import Tracker
from tailbase.schema import PredictSpec
from tailbase.video.reader import open_video

FRAMES = 21


class Notes:
    """Keeps what a prediction reports."""

    def __init__(self) -> None:
        self.logs: list[str] = []
        self.steps: list[tuple[int, int]] = []

    def step(self, stage: str, done: int, total: int) -> None:
        self.steps.append((done, total))

    def metric(self, **values: float | int | str) -> None:
        raise AssertionError("prediction has no curve")

    def log(self, message: str) -> None:
        self.logs.append(message)

    def artifact(self, name: str, path: str) -> None:
        raise AssertionError("the command reports artifacts")

    def result(self, **values: Any) -> None:
        raise AssertionError("the command reports the result")


def _spec(**fields: object) -> PredictSpec:
    return PredictSpec.model_validate({"batch_size": 4, "precision": "float32", "device": "cpu", **fields})


def _predict(
    tracker: Tracker, facts: ModelFacts, video: Path, out: Path, spec: PredictSpec, notes: Notes
) -> dict[str, Any]:
    member = Member(engine_for(tracker, facts, [video], spec, notes), facts)
    return predict_video([member], video, [out], spec, notes)[0]


def test_every_frame_gets_the_points_the_network_gives_for_it(
    tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    notes = Notes()
    result = _predict(tracker, facts, video, tmp_path / "out", _spec(), notes)
    found = read_predictions(Path(result["parquet"]))
    assert found.points.shape == (FRAMES, 1, 2, 2)
    assert np.allclose(found.times, np.arange(FRAMES) / 25)
    with open_video(video) as reader:
        frame = torch.from_numpy(reader.frame(13)).permute(2, 0, 1)
    with torch.no_grad():
        points, likelihood = decode(tracker(resize(frame, (64, 96))[None].float()), tracker.stride)
    assert np.allclose(found.points[13, 0], to_source(points[0], (80, 112), (64, 96)), atol=1e-2)
    assert np.allclose(found.likelihood[13, 0], likelihood[0], atol=1e-4)
    assert notes.steps[-1] == (FRAMES, FRAMES)


def test_the_block_holds_what_the_table_holds(
    tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    result = _predict(tracker, facts, video, tmp_path / "out", _spec(), Notes())
    table = read_predictions(Path(result["parquet"]))
    block = np.fromfile(result["block"], "<f4").reshape(FRAMES, 1, 2, 3)
    assert np.array_equal(block[..., :2], table.points)
    assert np.array_equal(block[..., 2], table.likelihood)


def test_segments_joined_equal_the_whole_bit_for_bit(
    tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    whole = _predict(tracker, facts, video, tmp_path / "whole", _spec(), Notes())
    blocks = []
    for number, (first, last) in enumerate([(0, 5), (6, 13), (14, 20)]):
        spec = _spec(first_frame=first, last_frame=last)
        part = _predict(tracker, facts, video, tmp_path / str(number), spec, Notes())
        assert part["frame_count"] == last - first + 1
        blocks.append(Path(part["block"]).read_bytes())
    assert b"".join(blocks) == Path(whole["block"]).read_bytes()


def test_the_result_names_model_video_and_version(
    tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    result = _predict(tracker, facts, video, tmp_path / "out", _spec(), Notes())
    provenance = read_predictions(Path(result["parquet"])).provenance
    assert provenance["video_sha256"] == hashlib.sha256(video.read_bytes()).hexdigest()
    assert provenance["model_sha256"] == facts.weights_sha256
    assert provenance["frame_count"] == str(FRAMES)
    assert result["engine"] == "torch float32 channels-last"
    assert set(result["summary"]["per_keypoint"]) == {"nose", "tail"}


@pytest.mark.parametrize("fields", [{"last_frame": FRAMES}, {"first_frame": 9, "last_frame": 8}, {"first_frame": 99}])
def test_frames_the_video_does_not_have_are_refused(
    fields: dict[str, int], tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    with pytest.raises(PoseError) as refused:
        _predict(tracker, facts, video, tmp_path / "out", _spec(**fields), Notes())
    assert refused.value.code == "predict.no_such_frames"


def test_a_video_that_breaks_off_leaves_no_half_result(
    tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    video.write_bytes(video.read_bytes()[:900])
    with pytest.raises(PoseError):
        _predict(tracker, facts, video, tmp_path / "out", _spec(), Notes())
    assert not list((tmp_path / "out").glob("*"))


def test_segments_of_a_context_network_joined_equal_the_whole_bit_for_bit(
    facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    tracker = ContextTracker("compact", 2, (64, 96), 2, 8).eval()
    whole = _predict(tracker, facts, video, tmp_path / "whole", _spec(), Notes())
    blocks = []
    for number, (first, last) in enumerate([(0, 0), (1, 6), (7, 15), (16, 20)]):
        spec = _spec(first_frame=first, last_frame=last)
        part = _predict(tracker, facts, video, tmp_path / str(number), spec, Notes())
        blocks.append(Path(part["block"]).read_bytes())
    assert b"".join(blocks) == Path(whole["block"]).read_bytes()


@pytest.mark.parametrize("frame", [0, 1, 7, 19, 20])
def test_a_context_network_sees_two_frames_to_both_sides_and_the_border_frame_again(
    frame: int, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    tracker = ContextTracker("compact", 2, (64, 96), 2, 8).eval()
    result = _predict(tracker, facts, video, tmp_path / "out", _spec(), Notes())
    found = read_predictions(Path(result["parquet"]))
    with open_video(video) as reader:
        wanted = [min(max(frame + step, 0), FRAMES - 1) for step in (-2, -1, 0, 1, 2)]
        images = torch.stack([torch.from_numpy(reader.frame(number)).permute(2, 0, 1) for number in wanted])
    with torch.no_grad():
        points, likelihood = tracker.decode(tracker(resize(images, (64, 96))[None].float()))
    assert np.allclose(found.points[frame, 0], to_source(points[0], (80, 112), (64, 96)), atol=1e-2)
    assert np.allclose(found.likelihood[frame, 0], likelihood[0], atol=1e-4)


def test_networks_that_share_a_video_give_what_each_gives_alone(
    tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    other = ContextTracker("compact", 2, (96, 64), 2, 8).eval()
    size = facts.spec.model_copy(update={"image_height": 96, "image_width": 64})
    networks = [(tracker, facts), (other, facts.model_copy(update={"spec": size}))]
    members = [Member(engine_for(network, known, [video], _spec(), Notes()), known) for network, known in networks]
    outs = [tmp_path / "one", tmp_path / "two"]
    together = predict_video(members, video, outs, _spec(), Notes())
    for result, (network, known) in zip(together, networks, strict=True):
        alone = _predict(network, known, video, tmp_path / f"alone-{known.spec.image_width}", _spec(), Notes())
        assert Path(result["block"]).read_bytes() == Path(alone["block"]).read_bytes()


def test_a_network_for_several_cameras_is_refused_for_one_video(
    tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    tracker.views = 2
    with pytest.raises(PoseError, match="2 cameras") as refused:
        _predict(tracker, facts, video, tmp_path / "out", _spec(), Notes())
    assert refused.value.code == "predict.needs_views"


def test_as_many_batches_are_computed_at_once_as_there_are_cores(
    tracker: HeatmapTracker, facts: ModelFacts, video: Path, tmp_path: Path
) -> None:
    torch.set_num_threads(2)
    engine = engine_for(tracker, facts, [video], _spec(), Notes())
    both = threading.Barrier(2, timeout=20)

    def poses(images: Images) -> Found:
        both.wait()
        return engine.poses(images)

    spec = _spec(last_frame=15)  # an even number of batches
    predict_video([Member(replace(engine, poses=poses), facts)], video, [tmp_path / "out"], spec, Notes())
    assert not both.broken
